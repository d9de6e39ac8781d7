package page

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Columns is the width of the text, counted in characters.
const Columns = 100

// writer lays out Markdown that reads as plain text.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// para writes a paragraph, wrapped; lead stands before its first line, and as many spaces before
// the others.
func (w *writer) para(lead, text string) {
	w.wrap(lead, strings.Repeat(" ", utf8.RuneCountInString(lead)), text)
	w.line("")
}

// wrap writes words in lines of at most Columns characters; a longer word stands alone.
func (w *writer) wrap(lead, indent, text string) {
	line, width := lead, utf8.RuneCountInString(lead)
	open := false
	// Words are never cut: a line that one word is too long for stands as it is.
	for word := range strings.FieldsSeq(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case !open:
		case width+1+length > Columns:
			w.line("%s", line)
			line, width = indent, utf8.RuneCountInString(indent)
		default:
			line, width = line+" ", width+1
		}
		line, width, open = line+word, width+length, true
	}
	w.line("%s", line)
}

// table writes rows under their heads, in columns as wide as they need to be.
func (w *writer) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	// Widths are those of the widest cell, so that the Markdown reads as plain text too.
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		w.row(row, widths, " ")
		if n == 0 {
			w.row(make([]string, len(widths)), widths, "-")
		}
	}
	w.line("")
}

func (w *writer) row(cells []string, widths []int, fill string) {
	w.WriteString("|")
	for i, cell := range cells {
		w.WriteString(fill + cell + strings.Repeat(fill, widths[i]-utf8.RuneCountInString(cell)) + fill + "|")
	}
	w.line("")
}
