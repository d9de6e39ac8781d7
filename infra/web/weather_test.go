package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/infra/local"
)

// asks waits for the reasons, chooses the first, writes words and sends both.
func asks(p *browsertest.Page, words string) {
	p.Holds("the reasons are there", inside("input:focus"))
	p.Press("Space", "Tab")
	p.Type(words)
	p.Press("Tab", "Enter")
}

// cases are what the app's customer asked.
func (a *app) cases(t *testing.T) []any {
	t.Helper()
	return call(t, local.AppKey, http.MethodGet, "/v1/customers/"+a.customer+"/cases", nil)["cases"].([]any)
}

func TestUnderPopcustomsAnEmptyFileIsRefundedByItsClauseInTheDialog(t *testing.T) {
	under(t, "popcustoms")
	host := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(host.Close)
	a := newApp(t, page("en", element))
	p := opened(t, a.made(t, "pet", []map[string]any{{"url": host.URL + "/pet.png"}}))
	asks(p, "It does not open")
	answered := event(p, "mg-answered")
	assert.Equal(t, []any{"approved", "P3.7"}, []any{answered["outcome"], answered["clause"]})
	says(p, "A system error left an empty file, so we've returned 0.0395 USD to your balance.")
	assert.Equal(t, "Clause P3.7", browsertest.Value[string](p, inside("small")+".textContent"))
	keeps(t, p, "report-popcustoms")
	wallet := call(t, local.AppKey, http.MethodGet, "/v1/customers/"+a.customer, nil)
	assert.InDelta(t, 1000, wallet["balance"].(map[string]any)["available"], 0)
}

func TestUnderGoopterABadResultIsAnsweredByItsClauseBeforeAnythingIsSent(t *testing.T) {
	under(t, "goopter")
	a := newApp(t, page("en", element))
	p := opened(t, a.made(t, "upscale", nil))
	says(p, "Our policy doesn't cover dissatisfaction with AI-generated results.")
	assert.Equal(t, "Clause G3.2", browsertest.Value[string](p, inside("small")+".textContent"))
	assert.Equal(t, map[string]any{
		"outcome": "declined", "clause": "G3.2", "reason": "Our policy doesn't cover dissatisfaction with AI-generated results.",
	}, event(p, "mg-answered"))
	p.Axe()
	keeps(t, p, "report-goopter")
	assert.Empty(t, a.keys)
}

func TestAPageOfAnotherOriginReportsWhereTheStackListsIt(t *testing.T) {
	a := newApp(t, page("en", `<makegood-report endpoint="`+stack.BaseURL+`/"></makegood-report>`))
	p := opened(t, a.picture(t))
	asks(p, "Six fingers")
	says(p, "We're reviewing this result")
	require.Len(t, a.cases(t), 1)
	assert.Empty(t, a.keys, "the shop's own server saw nothing of it")
	assert.Equal(t, []any{}, browsertest.Value[any](p, "performance.getEntriesByType('resource').map(r => new URL(r.name).origin).filter(o => o !== location.origin && o !== "+fmt.Sprintf("%q", stack.BaseURL)+")"))
}

func TestAPageOfAnOriginThatIsNotListedSaysSoInWords(t *testing.T) {
	a := newApp(t, page("en", `<makegood-report endpoint="`+stack.BaseURL+`"></makegood-report>`))
	p := browser.Page(t)
	p.Forgive("blocked by CORS policy")
	p.Forgive("net::ERR_FAILED")
	p.Forgive("status of 401") // it asks without a token whether anybody is there
	// By another name it is another origin.
	p.Open(strings.Replace(shop.URL, "127.0.0.1", "localhost", 1) + "/?generation=" + a.picture(t))
	p.Press("Tab", "Enter")
	says(p, "Reports cannot be sent from this page.")
	assert.Equal(t, map[string]any{"code": "forbidden"}, event(p, "mg-error"))
	p.Axe()
	keeps(t, p, "report-unlisted")
}

func TestWhatIsSentOfflineGoesOnWhenTheNetworkIsBack(t *testing.T) {
	a := newApp(t, page("en", element))
	p := browser.Page(t)
	p.Forgive("ERR_INTERNET_DISCONNECTED")
	p.Open(shop.URL + "/?generation=" + a.picture(t))
	// The dialog itself cannot come: the page is told, and the next press asks for it again.
	p.Offline(true)
	p.Press("Tab", "Enter")
	assert.Equal(t, map[string]any{"code": "unreachable"}, event(p, "mg-error"))
	p.Offline(false)
	p.Press("Enter")
	p.Holds("the reasons are there", inside("input:focus"))
	p.Offline(true)
	asks(p, "Six fingers")
	says(p, "You are offline.")
	keeps(t, p, "report-offline")
	assert.Empty(t, a.keys)
	p.Offline(false)
	says(p, "We're reviewing this result")
	assert.Len(t, a.keys, 1)
}

func TestAReportWhoseAnswerWasLostIsThereWhenItIsSentAgainInOtherWordsOrOpenedAgain(t *testing.T) {
	for name, again := range map[string]func(p *browsertest.Page){
		"in other words": func(p *browsertest.Page) {
			p.Forgive("status of 409")
			p.Press("Shift+Tab")
			p.Type(", and a second head")
			p.Press("Tab", "Enter")
		},
		"opened again": func(p *browsertest.Page) {
			p.Press("Escape")
			p.Holds("the dialog is gone", "!"+inside("dialog"))
			p.Press("Enter")
		},
	} {
		a := newApp(t, page("en", element))
		a.lost = 1
		p := opened(t, a.picture(t))
		p.Forgive("status of 504")
		asks(p, "Six fingers")
		says(p, "That did not work")
		again(p)
		says(p, "We're reviewing this result")
		filed := a.cases(t)
		require.Len(t, filed, 1, name)
		assert.Equal(t, filed[0].(map[string]any)["id"], event(p, "mg-answered")["case"], name)
		seen := call(t, local.OperatorKey, http.MethodGet, "/v1/cases/"+event(p, "mg-answered")["case"].(string), nil)
		assert.Equal(t, "Six fingers", seen["asked"].(map[string]any)["description"], "the first that was taken: %s", name)
		for _, key := range a.keys {
			assert.Equal(t, a.keys[0], key, name)
		}
	}
}

func TestInForcedColorsWhatIsChosenAndWhatSendsAreSeen(t *testing.T) {
	a := newApp(t, page("en", element))
	p := opened(t, a.picture(t), browsertest.ForcedColors(), browsertest.Width(320))
	p.Holds("the reasons are there", inside("input:focus"))
	p.Press("Space", "Tab")
	p.Holds("the colours are forced", "matchMedia('(forced-colors: active)').matches")
	style := func(selector, property string) string {
		return browsertest.Value[string](p, "getComputedStyle("+inside(selector)+")."+property)
	}
	assert.Equal(t, []string{"solid", "none"}, []string{style("label:has(input:checked)", "outlineStyle"), style("label:has(input:not(:checked))", "outlineStyle")})
	assert.NotEqual(t, style("[part=submit]", "backgroundColor"), style("[part=submit]", "color"))
	p.Fits()
	p.Axe()
	keeps(t, p, "report-forced")
}

func TestThePageOfTheREADMEReportsByOneScriptTag(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "```html\n")
	require.True(t, found)
	html, _, _ := strings.Cut(rest, "```")
	assert.LessOrEqual(t, strings.Count(html, "\n"), 20)
	assert.Equal(t, 1, strings.Count(html, "<script"))
	list, err := os.ReadFile("../../.local/web/dist/integrity.json")
	require.NoError(t, err)
	var hashes map[string]string
	require.NoError(t, json.Unmarshal(list, &hashes))

	a := newApp(t, "")
	fill := strings.NewReplacer("GENERATION", a.picture(t), "TOKEN", a.token(t), "http://127.0.0.1:3000", stack.BaseURL, "sha384-…", hashes["makegood-report.script.js"])
	a.html = fill.Replace(html)
	p := browser.Page(t)
	p.Open(shop.URL)
	p.Press("Tab", "Enter")
	asks(p, "Six fingers")
	says(p, "We're reviewing this result")
	p.Axe()
	keeps(t, p, "report-readme")
	require.Len(t, a.cases(t), 1)
}
