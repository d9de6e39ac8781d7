// Command makegood is Makegood from a shell. It decides facts by a policy, checks a policy file,
// explains a policy, compares a running stack with its payment providers, writes down what the
// ledger knows of a payment, decides recorded verdicts again, and gives rows of a former release
// what an upgrade asks for.
//
// It refuses to know a rule: shared/policy decides, and this room reads lines, asks, prints answers
// and chooses the exit code. It changes nothing, neither in a stack nor at a provider, but for
// migrate, which gives rows their shard.
//
// Invariants: what was asked for goes to standard output, everything else to standard error. With
// --json standard output is JSON and nothing but JSON. The same input gets the same bytes. Exit 0:
// done, and as wanted. 1: done, and not as wanted (a difference, a file that does not check). 2:
// not done, or not all of it (a wrong command, an unreadable file, facts that cannot be decided, a
// stack that does not answer). 2 wins over 1. A key or secret comes from the environment and is
// never printed.
//
// Words: command (one word or two, one file each), line (one JSON value of a file of JSON Lines),
// want (what a line expects).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// The exit codes.
const (
	exitDone     = 0
	exitMismatch = 1
	exitUndone   = 2
)

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// complain writes on standard error why something was not done.
func (t terminal) complain(format string, args ...any) int {
	fmt.Fprintf(t.err, "makegood: "+format+"\n", args...)
	return exitUndone
}

// print writes one JSON value over several lines.
func (t terminal) print(value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// command is one thing that can be done. Its flags may stand before or after its arguments.
type command struct {
	name    string // one word, or two
	args    string
	summary string
	help    string
	run     func(t terminal, c command, args []string) int
}

func commands() []command {
	return []command{decideCommand, checkCommand, explainCommand, reconcileCommand, evidenceCommand, replayCommand, migrateCommand, versionCommand}
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and returns its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	t := terminal{stdin, stdout, stderr}
	if len(args) > 0 && (args[0] == "help" || args[0] == "-h" || args[0] == "--help") {
		return help(t, args[1:])
	}
	// A name of two words is matched whole, so that its second word is no argument.
	for _, c := range commands() {
		if rest, ok := after(args, c.name); ok {
			return c.run(t, c, rest)
		}
	}
	if len(args) > 0 {
		t.complain("unknown command %q", strings.Join(args[:min(2, len(args))], " "))
	}
	fmt.Fprint(stderr, usage())
	return exitUndone
}

// after returns what follows the words of a command's name, and whether args begin with them.
func after(args []string, name string) ([]string, bool) {
	words := strings.Fields(name)
	if len(args) < len(words) {
		return nil, false
	}
	for i, word := range words {
		if args[i] != word {
			return nil, false
		}
	}
	return args[len(words):], true
}

func help(t terminal, args []string) int {
	for _, c := range commands() {
		if _, ok := after(args, c.name); ok {
			return c.run(t, c, []string{"--help"})
		}
	}
	fmt.Fprint(t.out, usage())
	return exitDone
}

func usage() string {
	var b strings.Builder
	b.WriteString("usage: makegood COMMAND [flags] [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-46s %s\n", c.name+" "+c.args, c.summary)
	}
	b.WriteString("\nmakegood COMMAND --help says more; every command takes --json; - as the name of a file is standard input.\n")
	return b.String()
}

// flags returns the flag set of a command; parse reads it.
func (c command) flags() *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	return flags
}

// parse reads flags wherever they stand and returns the other arguments. When handled is true the
// command has been answered with code: by its help, or by what is wrong with its flags.
func (c command) parse(t terminal, flags *flag.FlagSet, args []string) (rest []string, code int, final bool) {
	// The flag package stops at the first argument, so parse what is behind each one again.
	for {
		err := flags.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprint(t.out, c.usage(flags))
			return nil, exitDone, true
		case err != nil:
			return nil, c.misused(t, err.Error()), true
		case flags.NArg() == 0:
			return rest, exitDone, false
		}
		rest = append(rest, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// misused says what is wrong with a command line, and how it is right.
func (c command) misused(t terminal, what string) int {
	return t.complain("%s: %s\nusage: makegood %s %s", c.name, what, c.name, c.args)
}

func (c command) usage(flags *flag.FlagSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: makegood %s %s\n\n%s\n", c.name, c.args, strings.TrimLeft(c.help, "\n"))
	flags.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		fmt.Fprintf(&b, "  --%-20s %s\n", strings.TrimSpace(f.Name+" "+value), text)
	})
	return b.String()
}
