package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"makegood/shared/policy"
)

var checkCommand = command{
	name: "policy check", args: "[--contact-email ADDRESS] [--json] FILE…", summary: "say whether policy files hold, and where not",
	help: `
Prints "ok" with name, revision and digest for a file that holds; for one that does not, every fault with file:line:column, the lines
around it and a caret. Of a file that holds it notes what is written there to no effect (a surface that may not be reported from, which no
rule asks about), of a first revision that is not in force yet, what is judged by it until then, and of a page that hides its e-mail address, that the
address is missing: --contact-email says it here, and ContactEmail to the stack.
With --json one list of {"file", "line", "column", "message", "field", "note"}: note is true where the file holds all the same; line and
column are 0 of a note, and of a file that could not be read.

Exit 0: all files hold. 1: some do not. 2: a file could not be read.
`,
	run: check,
}

// fileFault is a fault as a program reads it.
type fileFault struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // 0, as Column, of a file that could not be read
	Column  int    `json:"column"`
	Message string `json:"message"`
	Field   string `json:"field"` // "" in a file that is not YAML
	Note    bool   `json:"note,omitempty"`
}

func check(t terminal, c command, args []string) int {
	flags := c.flags()
	asJSON := flags.Bool("json", false, "print the faults as one JSON list")
	email := flags.String("contact-email", "", "the `ADDRESS` that a published text hides")
	files, code, handled := c.parse(t, flags, args)
	if handled {
		return code
	}
	if len(files) == 0 {
		return c.misused(t, "needs a file")
	}
	// A file that cannot be read does not stop the others: whoever checks several wants all faults
	// at once.
	faults, holds := []fileFault{}, true
	var page strings.Builder
	for _, file := range files {
		source, err := t.readPolicy(file)
		if err != nil {
			code = t.complain("%s", err)
			faults, holds = append(faults, fileFault{File: file, Message: err.Error()}), false
			continue
		}
		// The parser finds every fault of a file in one go. A fault without a place is one of ours.
		rev, err := policy.Parse(file, source)
		fileErrs := policy.FileErrors(err)
		switch {
		case err == nil:
			fmt.Fprintf(&page, "%s: ok: %s, revision %s, %s\n", file, rev.Name, rev.Revision, rev.Digest)
			for _, n := range notesOn(rev.WithEmail(*email)) {
				faults = append(faults, fileFault{File: file, Message: n.Message, Field: n.Field, Note: true})
				fmt.Fprintf(&page, "%s: note: %s: %s\n", file, n.Field, n.Message)
			}
		case fileErrs == nil:
			code = t.complain("%s: %s", file, err)
		}
		for _, f := range fileErrs {
			faults, holds = append(faults, fileFault{f.File, f.Line, f.Column, f.Message, f.Field, false}), false
			fmt.Fprintln(&page, shownFault(f))
		}
	}
	var err error
	if *asJSON {
		err = t.print(faults)
	} else {
		_, err = io.WriteString(t.out, page.String())
	}
	if err != nil {
		return t.complain("%s", err)
	}
	// Of the exit codes 2 wins over 1, so it must not be overwritten.
	if !holds && code == exitDone {
		code = exitUnwanted
	}
	return code
}

// notesOn returns what should be known of a file that holds.
func notesOn(rev policy.Revision) []policy.Note {
	notes := rev.Notes()
	if early := rev.NoteOn(time.Now()); early != nil {
		notes = append(notes, *early)
	}
	return notes
}

// shownFault returns a fault as an editor or a person finds it: its place, what is wrong, the lines
// around it.
func shownFault(f *policy.FileError) string {
	message := f.Message
	if f.Field != "" {
		message = f.Field + ": " + message
	}
	return strings.TrimRight(fmt.Sprintf("%s:%d:%d: %s\n%s", f.File, f.Line, f.Column, message, f.Lines), "\n")
}
