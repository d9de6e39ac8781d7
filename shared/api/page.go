package api

import (
	"bytes"
	"encoding/json"
)

// MaxPage bounds the rows of one page, in bytes of JSON. Lambda allows 6 MB for an answer, and
// escapes it once more: each quotation mark takes two bytes there.
const MaxPage = 1 << 20

// Page counts the rows of a list's page. The zero value has room for MaxPage.
type Page struct { // page of a list
	rows  int
	bytes int
}

// Takes reports whether the page has room for all of the rows, and counts them if so. An empty page
// takes any rows: what is larger than a page gets one of its own.
func (p *Page) Takes(rows ...any) bool {
	// Measure the rows as they will be sent: an estimate could let a page pass the gateway's limit.
	size := 0
	for _, row := range rows {
		size += len(encode(row)) + 1 // the comma
	}
	// The first rows always fit. A row larger than a page would otherwise stop the list for good.
	if p.rows > 0 && p.bytes+size > MaxPage {
		return false
	}
	p.rows, p.bytes = p.rows+len(rows), p.bytes+size
	return true
}

// FirstPage returns the rows that one page has room for: the first row, and as many as fit behind
// it.
func FirstPage[Row any](rows []Row) []Row {
	var page Page
	for i, row := range rows {
		if !page.Takes(row) {
			return rows[:i]
		}
	}
	return rows
}

// encode returns v as JSON. v can always be encoded, for it is a type of ours. < > and & stay as
// they are: an answer is no HTML, and escaped they would take six times their room.
func encode(v any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("api: an answer that is no JSON: " + err.Error())
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
