package main

import (
	"fmt"
	"io"
	"strings"

	"makegood/shared/policy"
)

var checkCommand = command{
	name: "policy check", args: "[--json] FILE…", summary: "say whether policy files hold, and where not",
	help: `
Prints "ok" with name, revision and digest for a file that holds; for one that does not, every fault with file:line:column, the lines
around it and a caret. With --json one list of {"file", "line", "column", "message", "field"}, empty when all files hold;
line and column are 0 for a file that could not be read.

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
}

func check(t terminal, c command, args []string) int {
	set := c.flags()
	asJSON := set.Bool("json", false, "print the faults as one JSON list")
	files, code, done := c.parse(t, set, args)
	if done {
		return code
	}
	if len(files) == 0 {
		return c.misused(t, "needs a file")
	}
	faults := []fileFault{}
	var page strings.Builder
	for _, file := range files {
		source, err := t.readPolicy(file)
		if err != nil {
			code = t.complain("%s", err)
			faults = append(faults, fileFault{File: file, Message: err.Error()})
			continue
		}
		rev, err := policy.Parse(file, source)
		found := policy.FileErrors(err)
		switch {
		case err == nil:
			fmt.Fprintf(&page, "%s: ok: %s, revision %s, %s\n", file, rev.Name, rev.Revision, rev.Digest)
		case found == nil:
			code = t.complain("%s: %s", file, err)
		}
		for _, f := range found {
			faults = append(faults, fileFault{f.File, f.Line, f.Column, f.Message, f.Field})
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
	if len(faults) > 0 && code == exitDone {
		code = exitUnwanted
	}
	return code
}

// shownFault is a fault as an editor or a person finds it: its place, what is wrong, the lines around it.
func shownFault(f *policy.FileError) string {
	message := f.Message
	if f.Field != "" {
		message = f.Field + ": " + message
	}
	return strings.TrimRight(fmt.Sprintf("%s:%d:%d: %s\n%s", f.File, f.Line, f.Column, message, f.Lines), "\n")
}
