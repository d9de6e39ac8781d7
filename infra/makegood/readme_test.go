package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The section of this room's README that this test runs, and how its commands begin.
const (
	section = "## Write a policy of your own"
	prompt  = "$ go run ./infra/makegood "
	leftOut = "…"
)

// blocks returns the fenced blocks of the section by their language, in order.
func blocks(t *testing.T) map[string]string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "README.md"), "\n"+section+"\n")
	require.True(t, found, "README.md has no section %q", section)
	rest, _, _ = strings.Cut(rest, "\n## ")
	byLanguage := map[string]string{}
	for parts := strings.Split(rest, "\n```"); len(parts) > 2; parts = parts[2:] {
		language, text, _ := strings.Cut(parts[1], "\n")
		byLanguage[language] = text + "\n"
	}
	return byLanguage
}

func TestTheExampleOfTheReadmeDoesWhatTheReadmeSays(t *testing.T) {
	shown := blocks(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("sketchbook.yaml", []byte(shown["yaml"]), 0o600))
	require.NoError(t, os.WriteFile("facts.jsonl", []byte(shown["json"]), 0o600))
	commands := strings.Split("\n"+shown["console"], "\n"+prompt)[1:]
	require.Len(t, commands, 3)
	for i, code := range []int{exitDone, exitDone, exitMismatch} {
		line, want, _ := strings.Cut(commands[i], "\n")
		want = strings.TrimSuffix(want, "\n")
		var both bytes.Buffer
		assert.Equal(t, code, run(strings.Fields(line), strings.NewReader(""), &both, &both), line)
		if code != exitDone {
			fmt.Fprintf(&both, "exit status %d\n", code) // go run says so
		}
		if part, cut := strings.CutPrefix(want, leftOut+"\n"); cut {
			assert.Contains(t, both.String(), "\n"+strings.TrimSuffix(part, "\n"+leftOut)+"\n", line)
			continue
		}
		assert.Equal(t, want+"\n", both.String(), line)
	}
}

func TestTheReadmeNamesEveryCommand(t *testing.T) {
	readme := read(t, "README.md")
	for _, cmd := range leaves(newRoot()) {
		assert.Contains(t, readme, "| `"+nameOf(cmd)+"` |")
	}
}
