package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// newCheck returns the command policy check.
func newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check [--contact-email ADDRESS] [--json] FILE…", Short: "say whether policy files hold, and where not",
		Long: `
Prints "ok" with name, revision and digest for a file that holds; for one that does not, every fault with file:line:column, the lines
around it and a caret. Of a file that holds it notes what is written there to no effect (a surface that may not be reported from, which no
rule asks about), each sentence that lacks a language which another has, of a first revision that is not in force yet, what is judged by it until then, and of a page that hides its e-mail address, that the
address is missing: --contact-email says it here, and ContactEmail to the stack.
With --json one list of {"file", "line", "column", "message", "field", "note"}: note is true where the file holds all the same; line and
column are 0 of a note, and of a file that could not be read.

Exit 0: all files hold. 1: some do not. 2: a file could not be read.
`,
		Args:              takes(1, maxFiles, "needs a file, and takes 1000 of them at the most"),
		ValidArgsFunction: cobra.FixedCompletions([]cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	asJSON := jsonFlag(cmd, "print the faults as one JSON list")
	email := cmd.Flags().String("contact-email", "", "the `ADDRESS` that a published text hides")
	cmd.RunE = func(cmd *cobra.Command, files []string) error { return check(terminalOf(cmd), files, *email, *asJSON) }
	return cmd
}

// maxFiles is how many files are checked at once.
const maxFiles = 1000

// fileFault is a fault as a program reads it.
type fileFault struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // 0, as Column, of a file that could not be read
	Column  int    `json:"column"`
	Message string `json:"message"`
	Field   string `json:"field"` // "" in a file that is not YAML
	Note    bool   `json:"note,omitempty"`
}

func check(t terminal, files []string, email string, asJSON bool) error {
	// A file that cannot be read does not stop the others: whoever checks several wants all faults
	// at once.
	result := checkup{terminal: t, email: email, faults: []fileFault{}}
	for _, file := range files {
		result.add(file)
	}
	var err error
	if asJSON {
		err = t.print(result.faults)
	} else {
		_, err = io.WriteString(t.out, result.page.String())
	}
	if err != nil {
		return err
	}
	// Of the exit codes 2 wins over 1: a file that could not be read says nothing about itself.
	switch {
	case result.unread:
		return errUndone
	case result.fails:
		return errMismatch
	}
	return nil
}

// checkup collects what is wrong with some files, for people and for programs.
type checkup struct {
	terminal terminal
	email    string
	faults   []fileFault
	page     strings.Builder
	fails    bool // a file does not hold
	unread   bool // a file could not be read, or not be checked
}

// add checks one file.
func (c *checkup) add(file string) {
	source, err := c.terminal.readPolicy(file)
	if err != nil {
		c.terminal.complain(err)
		c.unread, c.fails = true, true
		c.faults = append(c.faults, fileFault{File: file, Message: err.Error()})
		return
	}
	// The parser finds every fault of a file in one go. A fault without a place is one of ours.
	rev, err := policyfile.Parse(file, source)
	fileErrs := policy.FileErrors(err)
	switch {
	case err == nil:
		fmt.Fprintf(&c.page, "%s: ok: %s, revision %s, %s\n", file, rev.Name, rev.Revision, rev.Digest)
		// Notes do not make a file fail: it holds, though not all of it has an effect.
		for _, n := range notesOn(rev.WithEmail(c.email)) {
			c.faults = append(c.faults, fileFault{File: file, Message: n.Message, Field: n.Field, Note: true})
			fmt.Fprintf(&c.page, "%s: note: %s: %s\n", file, n.Field, n.Message)
		}
	case fileErrs == nil:
		c.terminal.complain(fmt.Errorf("%s: %w", file, err))
		c.unread = true
	}
	for _, f := range fileErrs {
		c.faults, c.fails = append(c.faults, fileFault{f.File, f.Line, f.Column, f.Message, f.Field, false}), true
		fmt.Fprintln(&c.page, faultText(f))
	}
}

// notesOn returns what should be known of a file that holds.
func notesOn(rev policy.Revision) []policy.Note {
	notes := rev.Notes()
	if early := rev.NoteOn(time.Now()); early != nil {
		notes = append(notes, *early)
	}
	return notes
}

// faultText returns a fault as an editor or a person finds it: its place, what is wrong, the lines
// around it.
func faultText(f *policy.FileError) string {
	message := f.Message
	if f.Field != "" {
		message = f.Field + ": " + message
	}
	return strings.TrimRight(fmt.Sprintf("%s:%d:%d: %s\n%s", f.File, f.Line, f.Column, message, f.Lines), "\n")
}
