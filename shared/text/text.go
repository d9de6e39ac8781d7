// Package text owns what counts as a word that somebody gave, how long one is, and what an instant looks like.
//
// It refuses to know which field a word stands in, and how long that one may be.
//
// Invariants: a length is counted in characters (Unicode code points), as JSON Schema's maxLength is; a cut never breaks a character;
// what a reader sees nothing of is blank.
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

// Blank reports whether s has nothing that a reader would see: white space, controls, and what is ignored by default where it cannot be
// shown (zero-width spaces, byte order marks, fillers, variation selectors).
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

// Cut returns s, or what of it fits in most characters, an ellipsis being the last.
func Cut(s string, most int) string {
	if Length(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + ellipsis
}

// Check returns nil for words that say something in at most most characters, else a KindInvalid error of the field: missing_fields for
// blank ones.
func Check(field, words string, most int) error {
	if Blank(words) {
		return fault.Missing(field)
	}
	return CheckLength(field, words, most)
}

// CheckLength returns a KindInvalid error of the field for words of more than most characters. There may be none.
func CheckLength(field, words string, most int) error {
	if Length(words) > most {
		return fault.Invalid(field, "must have at most %d characters", most)
	}
	return nil
}
