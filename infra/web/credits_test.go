package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
	"makegood/infra/local"
)

// credits is a page of an app that shows its customer's credits.
func credits(t *testing.T, lang string) *app {
	t.Helper()
	a := newApp(t, "")
	a.html = `<!doctype html>
<html lang="` + lang + `">
<meta name="viewport" content="width=device-width">
<title>Shop</title>
<script src="/dist/makegood-credits.script.js"></script>
<main><h1>Shop</h1><makegood-credits customer="` + a.customer + `" session="` + a.token(t) + `"></makegood-credits></main>
</html>`
	return a
}

const shown = "document.querySelector('makegood-credits').shadowRoot"

// lines are what the list of credits shows of such a part, each with its amount or state.
func lines(p *browsertest.Page, part string) []string {
	return browsertest.Value[[]string](p, "Array.from("+shown+".querySelectorAll('[part="+part+"]:not([hidden])'), e => e.querySelector('span').innerText + ' | ' + e.querySelector('b').innerText)")
}

// lived has a customer who got what one lives through: a gift, a failure, a picture that was given
// back, one that is still made.
func (a *app) lived(t *testing.T) {
	t.Helper()
	lost := a.generation(t, "recolor")
	call(t, local.AppKey, http.MethodPost, "/v1/generations/"+lost+"/result", map[string]any{
		"status": "failed", "finished_at": time.Now().UTC(), "failure": map[string]any{"cause": "platform", "code": "lost"},
	})
	until(t, "/v1/generations/"+lost, func(g map[string]any) bool { return g["state"] == "released" })
	bad := a.picture(t)
	filed := call(t, local.AppKey, http.MethodPost, "/v1/reports", map[string]any{"generation": bad, "description": "six fingers"})["case"].(string)
	until(t, "/v1/cases/"+filed, func(c map[string]any) bool { return c["state"] == "in_review" })
	rule(t, filed, "approved")
	a.generation(t, "recolor")
	until(t, "/v1/customers/"+a.customer, func(c map[string]any) bool { return c["balance"].(map[string]any)["held"] == 4.0 })
}

func TestACustomerReadsTheirCreditsTheirCasesAndEachMovementInASentence(t *testing.T) {
	a := credits(t, "en")
	a.lived(t)
	p := browser.Page(t)
	p.Open(shop.URL)
	p.Holds("the balance is there", shown+".querySelector('[part=balance]')?.innerText === '996 credits'")
	assert.Contains(t, browsertest.Value[string](p, shown+".querySelector('h2').parentNode.textContent"), "4 credits are held for what is being made")
	assert.ElementsMatch(t, []string{
		"Held for what is being made | -4 credits", "Refunded | +4 credits", "Spent on a result | -4 credits",
		"Not charged: the generation failed | 4 credits", "Your allowance | +1,000 credits",
	}, lines(p, "entry"))
	cases := lines(p, "case")
	assert.Len(t, cases, 2)
	assert.Equal(t, "Your 4 AI credits have been refunded. | Approved", cases[0])
	p.Axe()
	keeps(t, p, "credits")

	// By the keyboard: only what came back.
	p.Press("Tab", "Space")
	assert.ElementsMatch(t, []string{"Refunded | +4 credits", "Not charged: the generation failed | 4 credits"}, lines(p, "entry"))
}

func TestWhatCameBeforeIsShownPageByPage(t *testing.T) {
	a := credits(t, "en")
	for range 60 {
		call(t, local.OperatorKey, http.MethodPost, "/v1/grants", map[string]any{"customer": a.customer, "credits": 1, "source": "goodwill", "note": "sorry"})
	}
	p := browser.Page(t)
	p.Open(shop.URL)
	p.Holds("a page of it is there", shown+".querySelectorAll('[part=entry]').length === 50")
	p.Press("Tab", "Tab", "Enter")
	p.Holds("all of it is there", shown+".querySelectorAll('[part=entry]').length === 61")
	p.Holds("the focus is on what came", shown+".activeElement?.matches('[part=entry]:nth-child(51)')")
	assert.False(t, browsertest.Value[bool](p, "!!"+shown+".querySelector('[part=more]')"))
}

func TestTheListOfCreditsFitsEveryReader(t *testing.T) {
	a := credits(t, "xx")
	a.lived(t)
	html := a.html
	for name, c := range map[string]struct {
		lang, title string
		how         []browsertest.Setting
	}{
		"narrow": {"de", "Ihr Guthaben", []browsertest.Setting{browsertest.Width(320)}},
		"arabic": {"ar", "رصيدك", []browsertest.Setting{browsertest.Width(320)}},
		"forced": {"fr", "Vos crédits", []browsertest.Setting{browsertest.ForcedColors()}},
	} {
		a.html = strings.Replace(html, "xx", c.lang, 1)
		p := browser.Page(t, c.how...)
		p.Open(shop.URL)
		p.Holds("the title is there", shown+".querySelector('h2')?.innerText === '"+c.title+"'")
		assert.Equal(t, map[bool]string{true: "rtl", false: "ltr"}[c.lang == "ar"], browsertest.Value[string](p, "getComputedStyle("+shown+".querySelector('h2')).direction"))
		p.Fits()
		p.Axe()
		keeps(t, p, "credits-"+name)
	}
}

func TestCreditsThatCannotBeReadSaySo(t *testing.T) {
	a := credits(t, "en")
	a.html = page("en", `<makegood-credits customer="`+a.customer+`" session="gone"></makegood-credits><script src="/dist/makegood-credits.script.js"></script><makegood-report></makegood-report>`)
	p := browser.Page(t)
	p.Forgive("status of 401")
	p.Open(shop.URL)
	p.Holds("it says so", shown+".querySelector('[role=status]')?.innerText === 'You are no longer signed in. Please sign in again.'")
	p.Axe()
	// A session is all that it lacked.
	browsertest.Value[any](p, "(document.querySelector('makegood-credits').session = '"+a.token(t)+"', null)")
	p.Holds("the balance is there", shown+".querySelector('[part=balance]')?.innerText === '1,000 credits'")
}
