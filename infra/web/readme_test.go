package web_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
)

// example is the nth HTML of the README, for the app's customer, with the hash of its one script.
func (a *app) example(t *testing.T, n int, script string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	html, _, found := strings.Cut(strings.Split(string(readme), "```html\n")[n], "```")
	require.True(t, found)
	assert.LessOrEqual(t, strings.Count(html, "\n"), 20)
	assert.Equal(t, 1, strings.Count(html, "<script"))
	list, err := os.ReadFile("../../.local/web/dist/integrity.json")
	require.NoError(t, err)
	var hashes map[string]string
	require.NoError(t, json.Unmarshal(list, &hashes))
	return strings.NewReplacer("CUSTOMER", a.customer, "TOKEN", a.token(t), "http://127.0.0.1:3000", stack.BaseURL, "sha384-…", hashes[script]).Replace(html)
}

func TestThePageOfTheREADMEReportsByOneScriptTag(t *testing.T) {
	a := newApp(t, "")
	a.html = strings.Replace(a.example(t, 1, "makegood-report.script.js"), "GENERATION", a.picture(t), 1)
	p := browser.Page(t)
	p.Open(shop.URL)
	p.Press("Tab", "Enter")
	asks(p, "Six fingers")
	says(p, "We're reviewing this result")
	p.Axe()
	keeps(t, p, "report-readme")
	require.Len(t, a.cases(t), 1)
}

func TestTheTwoLinesOfTheREADMEClaim(t *testing.T) {
	a := newApp(t, "")
	a.html = `<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1>` + a.example(t, 2, "makegood-claim.script.js") + `</main></html>`
	p := claims(t)
	assert.Equal(t, "alice@example.com", browsertest.Value[string](p, inside("[name=email]")+".value"))
	p.Press("Space")
	paidToday(p)
	types(p, "amount", "5")
	types(p, "reason", "I paid twice.")
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "our team will review it")
	p.Axe()
	require.Len(t, a.cases(t), 1)
}
