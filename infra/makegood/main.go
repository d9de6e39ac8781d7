// Command makegood is Makegood from a shell, for those who write a policy and those who run a
// stack: it decides, checks and explains by policies, says what a stack has on record, mends what
// an alarm tells, and prices a month. makegood --help lists it all.
//
// It refuses to know a rule: shared/policy decides, and this room reads lines, asks, prints answers
// and chooses the exit code. It changes nothing at a provider, and in a stack only what a command
// of the group "Mending it" says, with --yes where credits or money could move.
//
// Invariants: what was asked for goes to standard output, everything else to standard error. With
// --json standard output is JSON and nothing but JSON. The same input gets the same bytes. Exit 0:
// done, and as wanted. 1: done, and not as wanted (a difference, a file that does not check). 2:
// not done, or not all of it (a wrong command, an unreadable file, facts that cannot be decided, a
// stack that does not answer). 2 wins over 1. A key or secret comes from the environment and is
// never printed.
//
// Words: command (one word or two, one file each, listed in root.go), line (one JSON value of a
// file of JSON Lines), want (what a line expects).
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitDone     = 0
	exitMismatch = 1
	exitUndone   = 2
)

// ending is the exit code of a command that has printed all that there is to say.
type ending int

// How a command ends otherwise than done.
const (
	errMismatch ending = exitMismatch
	errUndone   ending = exitUndone
)

func (e ending) Error() string { return "exit code " + strconv.Itoa(int(e)) }

// misuse is what is wrong with a command line; how it is right is printed below.
type misuse string

func (m misuse) Error() string { return string(m) }

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// terminalOf returns where a command that runs reads and writes.
func terminalOf(cmd *cobra.Command) terminal {
	return terminal{cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()}
}

// complain writes on standard error why something was not done.
func (t terminal) complain(problem error) {
	fmt.Fprintf(t.err, "%s: %s\n", program, problem)
}

// print writes one JSON value over several lines.
func (t terminal) print(value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and returns its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(append([]string{}, args...)) // of nil it would take those of the process
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	var end ending
	var wrong misuse
	// What a command has not printed itself is said here, in one form for all.
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &end):
		return int(end)
	case errors.As(err, &wrong):
		fmt.Fprint(stderr, correction(cmd, wrong))
	default:
		terminal{err: stderr}.complain(err)
	}
	return exitUndone
}
