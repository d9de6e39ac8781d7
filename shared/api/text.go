package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"makegood/shared/fault"
)

// checkText returns the fault of raw as a text: not UTF-8, not one JSON object, nested too deeply,
// or with half a surrogate pair.
func checkText(raw []byte) error {
	// encoding/json would put a replacement character where bytes are broken, and two different
	// bodies would hash alike.
	if !utf8.Valid(raw) {
		return fault.Invalid(bodyField, "is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return fault.Invalid(bodyField, "is not one JSON object: %s (byte %d)", syntax.Error(), syntax.Offset)
		}
		return fault.Invalid(bodyField, "is not one JSON object")
	}
	if bytes.TrimSpace(raw)[0] != '{' {
		return fault.Invalid(bodyField, "must be a JSON object")
	}
	return checkNesting(raw)
}

// checkNesting walks over valid JSON, in one pass and without recursion. Half a surrogate pair
// would silently become another character.
func checkNesting(raw []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		// Brackets count outside strings only, so strings are followed to their closing quotation
		// mark.
		switch c := raw[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			length := escapeLength(raw[i:])
			if length == 0 {
				return fault.Invalid(bodyField, "has half a surrogate pair (byte %d)", i+1)
			}
			i += length - 1
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fault.Invalid(bodyField, "is nested deeper than %d", MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// escapeLength returns how many bytes the escape at the start of s takes, 0 for half a surrogate
// pair. An escape other than \u takes two bytes.
func escapeLength(s []byte) int {
	const unit = 6 // \uXXXX
	if s[1] != 'u' {
		return 2
	}
	first := hexRune(s)
	// A character above U+FFFF is written as two escapes, high half first. Alone, either half is no
	// character.
	if !utf16.IsSurrogate(first) {
		return unit
	}
	if len(s) < 2*unit || s[unit] != '\\' || s[unit+1] != 'u' || utf16.DecodeRune(first, hexRune(s[unit:])) == utf8.RuneError {
		return 0
	}
	return 2 * unit
}

func hexRune(escape []byte) rune {
	n, _ := strconv.ParseUint(string(escape[2:6]), 16, 32) // the digits are valid: the text is JSON
	return rune(n)
}
