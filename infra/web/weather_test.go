package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

func TestUnderGoopter(t *testing.T) {
	under(t, "goopter")
	t.Run("a bad result is answered by its clause before anything is sent", isDeclinedBefore)
	t.Run("a failed job gives its credits back by itself", givesBackByItself)
}

func isDeclinedBefore(t *testing.T) {
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

func givesBackByItself(t *testing.T) {
	a := credits(t, "en")
	lost := a.generation(t, "upscale")
	p := browser.Page(t)
	p.Open(shop.URL)
	p.Holds("its price is held", shown+".querySelector('h2')?.parentNode.textContent.includes('held for what is being made')")
	call(t, local.AppKey, http.MethodPost, "/v1/generations/"+lost+"/result", map[string]any{
		"status": "failed", "finished_at": time.Now().UTC(), "failure": map[string]any{"cause": "platform", "code": "lost"},
	})
	// Nobody asks for anything.
	until(t, "/v1/generations/"+lost, func(g map[string]any) bool { return g["state"] == "released" })
	until(t, "/v1/customers/"+a.customer+"/cases", func(c map[string]any) bool { return len(c["cases"].([]any)) == 1 })
	p.Open(shop.URL)
	p.Holds("all is there again", shown+".querySelector('[part=balance]')?.innerText === '1,000 credits'")
	assert.Contains(t, strings.Join(lines(p, "entry"), "\n"), "Not charged: the generation failed")
	told := lines(p, "case")
	require.Len(t, told, 1)
	assert.Regexp(t, `^Your job failed. We've returned \d+ credits to your balance. \| Approved$`, told[0])
	assert.Contains(t, browsertest.Value[string](p, shown+".querySelector('[part=case]').innerText"), "G2.4")
	p.Axe()
	keeps(t, p, "credits-goopter")
}

func TestWhatIsRefusedIsToldByItsCodeAndALaterTryIsSpokenOfWhereItHelps(t *testing.T) {
	for code, told := range map[string]struct {
		status int
		words  string
	}{
		"invalid_request": {400, "This result cannot be reported."},
		"too_large":       {413, "This result cannot be reported."},
		"not_found":       {404, "This result cannot be reported."},
		"forbidden":       {403, "Reports cannot be sent from this page."},
		"result_pending":  {409, "This result is not finished yet."},
		"throttled":       {429, "Please try again later."},
		"internal":        {500, "Please try again later."},
	} {
		a := newApp(t, page("en", element))
		a.refuse, a.code = []int{told.status}, code
		p := opened(t, a.picture(t))
		p.Forgive(fmt.Sprintf("status of %d", told.status))
		asks(p, "Six fingers")
		says(p, told.words)
		assert.Equal(t, map[string]any{"code": code}, event(p, "mg-error"))
		assert.Len(t, a.keys, 1)
	}
}

// appeals opens the dialog of a report that was declined, and writes an appeal.
func appeals(t *testing.T, a *app) (p *browsertest.Page, id string) {
	t.Helper()
	id = call(t, local.AppKey, http.MethodPost, "/v1/reports", map[string]any{"generation": a.picture(t), "description": "six fingers"})["case"].(string)
	until(t, "/v1/cases/"+id, func(c map[string]any) bool { return c["state"] == "in_review" })
	rule(t, id, "declined")
	p = opened(t, call(t, local.AppKey, http.MethodGet, "/v1/cases/"+id, nil)["generation"].(string))
	p.Holds("it can be objected to", inside("p button"))
	p.Press("Tab", "Enter")
	p.Holds("the words are asked for", inside("textarea:focus"))
	p.Type("Count them")
	return p, id
}

func TestAnAppealThatComesTooLateIsToldSo(t *testing.T) {
	a := newApp(t, page("en", element))
	p, _ := appeals(t, a)
	a.refuse, a.code = []int{http.StatusConflict}, "appeal_late"
	p.Forgive("status of 409")
	p.Press("Tab", "Enter")
	says(p, "The time to appeal is over.")
}

func TestAnAppealOfWhatSomebodyAppealedMeanwhileShowsWhereItIs(t *testing.T) {
	a := newApp(t, page("en", element))
	p, id := appeals(t, a)
	call(t, local.AppKey, http.MethodPost, "/v1/cases/"+id+"/appeal", map[string]any{"words": "look again"})
	p.Forgive("status of 409")
	p.Press("Tab", "Enter")
	says(p, "received your appeal")
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

// What API Gateway answers in our place has no headers for pages: to them the network failed.
func TestWhatTheGatewayItselfRefusesIsSentAgain(t *testing.T) {
	api, err := url.Parse(stack.BaseURL)
	require.NoError(t, err)
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(api) }}
	var reports, refused atomic.Int64
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && reports.Add(1) <= 3 {
			refused.Add(1)
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"message":"Too Many Requests"}`))
			return
		}
		behind.ServeHTTP(w, r)
	}))
	t.Cleanup(gateway.Close)
	a := newApp(t, page("en", `<makegood-report endpoint="`+gateway.URL+`"></makegood-report>`))
	a.gateway = gateway.URL
	p := opened(t, a.picture(t))
	p.Forgive("blocked by CORS policy")
	p.Forgive("net::ERR_FAILED")
	asks(p, "Six fingers")
	says(p, "We're reviewing this result")
	assert.EqualValues(t, 3, refused.Load())
	assert.Len(t, a.cases(t), 1)
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
