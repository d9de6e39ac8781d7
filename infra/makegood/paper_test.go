package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// hostile is a name that tries to be more than text.
const hostile = `<script>alert("1")</script>&amp;' onload=x {{.}}`

// textOf returns the text that a page shows, in one line, and holds that it fetches and runs
// nothing.
func textOf(t *testing.T, page string) string {
	t.Helper()
	var text strings.Builder
	tokens := xml.NewDecoder(strings.NewReader(page))
	tokens.Strict, tokens.AutoClose, tokens.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	style := false
	for {
		token, err := tokens.Token()
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			return strings.Join(strings.Fields(text.String()), " ")
		}
		switch token := token.(type) {
		case xml.StartElement:
			style = token.Name.Local == "style"
			assert.NotContains(t, []string{"script", "link", "img", "iframe", "object", "form", "base", "a", "svg"}, token.Name.Local)
			for _, attribute := range token.Attr {
				assert.Contains(t, []string{"charset", "lang", "http-equiv", "content", "name", "class"}, attribute.Name.Local)
			}
			text.WriteString(" ")
		case xml.EndElement:
			style = false
		case xml.CharData:
			if !style {
				text.Write(token)
			}
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	r := runs(t)
	r.story()
	r.edits["pi_1"] = func(p *payment.Payment) {
		bought := *p.Purchase
		bought.Package = hostile
		p.Purchase, p.Provider = &bought, hostile
		p.Refunds = map[string]payment.Refund{hostile: {Amount: money.Amount{Currency: hostile, Minor: 7}, Status: payment.RefundStatus(hostile), Case: hostile}}
	}
	for id, g := range r.made {
		g.Feature, g.Platform, g.State, g.Failure = hostile, hostile, hostile, &api.Failure{Cause: hostile, Code: hostile}
		r.made[id] = g
	}
	for i := range r.rows {
		r.rows[i].Reason = hostile
	}
	for id, c := range r.cases {
		c.Kind, c.State = hostile, hostile
		if c.Decision != nil {
			c.Decision.Reason, c.Decision.Clause = hostile, hostile
		}
		r.cases[id] = c
	}
	record, page := r.wrote("pi_1")
	words := textOf(t, page)
	assert.NotContains(t, page, "<script")
	assert.GreaterOrEqual(t, strings.Count(words, strings.Join(strings.Fields(strings.ReplaceAll(hostile, "_", " ")), " ")), 10, "all of it is shown, as it is")
	assert.NotContains(t, record, "<script")
	assert.True(t, json.Valid([]byte(record)))
}

func TestAFileIsNamedAfterWhatWasAskedForAndStaysInItsFolder(t *testing.T) {
	assert.Equal(t, "pi_1-X", fileName("pi_1-X"))
	seen := map[string]bool{}
	for _, id := range []string{"../../etc/passwd", "a/b", "a_b", "a:b", "..", ".", "con.txt", strings.Repeat("a", 255), strings.Repeat("a", 254)} {
		name := fileName(id)
		assert.Regexp(t, `^[A-Za-z0-9_-]{1,120}$`, name)
		assert.False(t, seen[name], name)
		seen[name] = true
	}
}

func TestEvidenceThatCannotBeWrittenIsNotDone(t *testing.T) {
	r := runs(t)
	r.story()
	file := written(t, "file", "")
	got := call("", "evidence", "pi_1", "--out", file)
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "makegood: ")
	var complaint bytes.Buffer
	assert.Equal(t, exitUndone, run([]string{"evidence", "pi_1", "--out", t.TempDir()}, strings.NewReader(""), closed{}, &complaint))
	assert.Contains(t, complaint.String(), "nobody reads")
}
