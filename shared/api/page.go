package api

import (
	"bytes"
	"encoding/json"
)

// MaxPage bounds the rows of one page, in bytes of JSON: Lambda's answer may have 6 MB, in which each quotation mark takes two.
const MaxPage = 1 << 20

// Page counts the rows of a list's page. The zero value has room for MaxPage.
type Page struct {
	rows  int
	bytes int
}

// Takes reports whether the page has room for the rows, together, and counts them if so. An empty page takes any rows: what is larger
// than a page has one of its own.
func (p *Page) Takes(rows ...any) bool {
	size := 0
	for _, row := range rows {
		size += len(encode(row)) + 1 // the comma
	}
	if p.rows > 0 && p.bytes+size > MaxPage {
		return false
	}
	p.rows, p.bytes = p.rows+len(rows), p.bytes+size
	return true
}

// FirstPage returns the rows that one page has room for: the first of them, and as many of the others as fit behind it.
func FirstPage[Row any](rows []Row) []Row {
	var page Page
	for i, row := range rows {
		if !page.Takes(row) {
			return rows[:i]
		}
	}
	return rows
}

// encode returns v as JSON. v is always encodable, being one of our own types. < > and & stay as they are: an answer is no HTML, and a
// caller's words would take six times their room.
func encode(v any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("api: an answer that is no JSON: " + err.Error())
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
