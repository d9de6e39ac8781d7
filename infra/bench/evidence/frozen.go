package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// thresholdsFile holds what the tune half was used for.
const thresholdsFile = "shared/evidence/pixel/thresholds.go"

// frozen is the digest of the thresholds' file, as it was committed before the half that is held
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
	digest := sha256.Sum256(text)
	if current := hex.EncodeToString(digest[:]); current != strings.TrimSpace(committed) {
		return fmt.Errorf("%s has %s: %w", thresholdsFile, current, errThawed)
	}
	return nil
}
