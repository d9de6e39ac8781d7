package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// thresholdsFiles hold what the tune half was used for: the signals' thresholds, and what shows
// nothing.
var thresholdsFiles = [...]string{"shared/evidence/pixel/thresholds.go", "infra/bench/evidence/nothing.go"}

// frozen is the digest of their code, as it was committed before the half that is held out was
// opened.
//
//go:embed thresholds.sha256
var frozen string

// errThawed is a thresholds' file that is another than the one that was frozen.
var errThawed = errors.New("the thresholds are not those that were frozen: choose them on -half tune, commit thresholds.sha256, then open the hold-out")

// thresholdsAreFrozen refuses the hold-out to thresholds that could have been chosen on it.
func thresholdsAreFrozen() error {
	texts, err := readThresholds(".")
	if err != nil {
		return fmt.Errorf("run it at the module's root: %w", err)
	}
	return compareDigest(frozen, texts...)
}

// readThresholds returns the files' texts, from the module's root.
func readThresholds(root string) (texts [][]byte, err error) {
	for _, name := range thresholdsFiles {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func compareDigest(committed string, texts ...[]byte) error {
	current, err := codeDigest(texts...)
	if err != nil {
		return err
	}
	if current != strings.TrimSpace(committed) {
		return fmt.Errorf("they have %s: %w", current, errThawed)
	}
	return nil
}

// codeDigest is of the code without its comments: those may be worded anew.
func codeDigest(texts ...[]byte) (string, error) {
	digest := sha256.New()
	for _, text := range texts {
		file, err := parser.ParseFile(token.NewFileSet(), "thresholds", text, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		for _, declaration := range file.Decls {
			var code bytes.Buffer
			if err := printer.Fprint(&code, token.NewFileSet(), declaration); err != nil {
				return "", err
			}
			fmt.Fprintln(digest, strings.Join(strings.Fields(code.String()), " "))
		}
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
