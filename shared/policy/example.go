package policy

import (
	"bytes"
	"embed"
	"encoding/json"
)

// decisions are the cases that the published policies are tested with. Only who asks for Examples links them.
//
//go:embed testdata/decisions.jsonl testdata/decisions_own.jsonl
var decisions embed.FS

// Example is a case of a published policy: facts, and what they come to. Its name is a sentence.
type Example struct {
	Name  string `json:"name"`
	Facts Facts  `json:"facts"`
	Want  struct {
		Outcome Outcome `json:"outcome"`
		Clause  string  `json:"clause"`
	} `json:"want"`
}

// Examples returns the cases that the named policy is tested with, none for an unknown name: every clause that can decide has at
// least one for each of its answers.
func Examples(name string) ([]Example, error) {
	var examples []Example
	for _, file := range []string{"testdata/decisions.jsonl", "testdata/decisions_own.jsonl"} {
		source, err := decisions.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(source) {
			var e Example
			if err := json.Unmarshal(line, &e); err != nil {
				return nil, err
			}
			if e.Facts.Policy == name {
				examples = append(examples, e)
			}
		}
	}
	return examples, nil
}
