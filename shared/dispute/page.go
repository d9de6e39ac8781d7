package dispute

import (
	_ "embed" // page.html
	"html/template"
	"io"

	"makegood/shared/money"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"price": money.Amount.String, "day": day, "moment": moment, "plain": plain, "trace": trace, "facts": facts, "ruling": ruling,
	"number": func(n int) int { return n + 1 },
}).Parse(pageText))

// Page writes the evidence as a page to be printed: one file that fetches nothing and runs nothing.
func (e Evidence) Page(out io.Writer) error { return pageTemplate.Execute(out, e) }

// Amount writes credits of the wallet.
func (d Detail) Amount(n int64) string { return d.credits(n) }
