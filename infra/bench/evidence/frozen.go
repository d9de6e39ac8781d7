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
	"strings"
)

// thresholdsFile holds what the tune half was used for.
const thresholdsFile = "shared/evidence/pixel/thresholds.go"

// frozen is the digest of the thresholds' code, as it was committed before the half that is held
// out was opened.
//
//go:embed thresholds.sha256
var frozen string

// errThawed is a thresholds' file that is another than the one that was frozen.
var errThawed = errors.New("the thresholds are not those that were frozen: choose them on -half tune, commit thresholds.sha256, then open the hold-out")

// thresholdsAreFrozen refuses the hold-out to thresholds that could have been chosen on it.
func thresholdsAreFrozen() error {
	text, err := os.ReadFile(thresholdsFile)
	if err != nil {
		return fmt.Errorf("run it at the module's root: %w", err)
	}
	return compareDigest(text, frozen)
}

func compareDigest(text []byte, committed string) error {
	current, err := codeDigest(text)
	if err != nil {
		return err
	}
	if current != strings.TrimSpace(committed) {
		return fmt.Errorf("%s has %s: %w", thresholdsFile, current, errThawed)
	}
	return nil
}

// codeDigest is of the code without its comments: those may be worded anew.
func codeDigest(text []byte) (string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, thresholdsFile, text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	digest := sha256.New()
	for _, declaration := range file.Decls {
		var code bytes.Buffer
		if err := printer.Fprint(&code, token.NewFileSet(), declaration); err != nil {
			return "", err
		}
		fmt.Fprintln(digest, strings.Join(strings.Fields(code.String()), " "))
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
