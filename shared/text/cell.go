package text

import "strings"

// Cell returns the text as a cell that no spreadsheet runs as a formula: where it would, it begins
// with an apostrophe.
func Cell(s string) string {
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
