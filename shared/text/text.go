// Package text owns what counts as a word that somebody gave, how long one is, and what an instant
// looks like.
//
// It refuses to know which field a word is in, and how long that one may be.
//
// Invariants: a length is counted in characters (Unicode code points), as JSON Schema's maxLength
// is. A cut never breaks a character. A text of which a reader sees nothing is blank.
//
// Words: blank (nothing that a reader would see), character.
package text

import (
	"unicode"
	"unicode/utf8"

	"makegood/shared/fault"
)

// ellipsis marks a cut.
const ellipsis = "…"

// brailleBlank is the one letter that is neither a space nor ignorable, and shows nothing.
const brailleBlank = '\u2800'

// Blank reports whether s has nothing that a reader would see: white space, controls, and
// characters that Unicode ignores by default (zero-width spaces, byte order marks, fillers,
// variation selectors).
func Blank(s string) bool {
	for _, c := range s {
		if !invisible(c) {
			return false
		}
	}
	return true
}

func invisible(c rune) bool {
	return c == brailleBlank || unicode.IsSpace(c) || unicode.IsControl(c) ||
		unicode.In(c, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		unicode.Is(unicode.Cf, c) && !unicode.Is(unicode.Prepended_Concatenation_Mark, c)
}

// Length returns how many characters s has. A byte that is no UTF-8 counts as one.
func Length(s string) int { return utf8.RuneCountInString(s) }

// Cut returns s, or as much of it as fits in limit characters, an ellipsis being the last.
func Cut(s string, limit int) string {
	if Length(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + ellipsis
}

// Check returns nil for words that are not blank and have at most limit characters, else a
// KindInvalid error of the field: missing_fields for blank ones.
func Check(field, words string, limit int) error {
	if Blank(words) {
		return fault.Missing(field)
	}
	return CheckLength(field, words, limit)
}

// CheckLength returns a KindInvalid error of the field for words of more than limit characters.
// There may be none.
func CheckLength(field, words string, limit int) error {
	if Length(words) > limit {
		return fault.Invalid(field, "must have at most %d characters", limit)
	}
	return nil
}
