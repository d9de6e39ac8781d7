package web_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
)

const element = "<makegood-report></makegood-report>"

// inside is an expression for what a selector finds in the element.
func inside(selector string) string {
	return fmt.Sprintf("document.querySelector('makegood-report, makegood-claim').shadowRoot.querySelector(%q)", selector)
}

// says waits until the status says so.
func says(p *browsertest.Page, words string) {
	p.Holds("the status says "+words, inside("[part=status]")+"?.textContent.includes("+fmt.Sprintf("%q", words)+")")
}

// event waits for an event and returns its detail.
func event(p *browsertest.Page, kind string) map[string]any {
	p.Holds(kind, fmt.Sprintf("events.some(e => e[0] === %q)", kind))
	return browsertest.Value[map[string]any](p, fmt.Sprintf("events.findLast(e => e[0] === %q)[1]", kind))
}

// keeps demands that no word of the elements is missing, and writes what the page shows into the
// folder that SCREENSHOTS names, if any.
func keeps(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	assert.NotContains(t, browsertest.Value[string](p, `[...document.querySelectorAll("makegood-report, makegood-claim, makegood-credits")].map(e => [...e.shadowRoot.children].map(c => c.innerText)).join()`), "undefined", name)
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".png"), p.Screenshot(), 0o600))
	}
}

// opened is a page whose dialog was opened by the keyboard.
func opened(t *testing.T, id string, how ...browsertest.Setting) *browsertest.Page {
	t.Helper()
	p := browser.Page(t, how...)
	p.Open(shop.URL + "/?generation=" + id)
	p.Press("Tab", "Enter")
	p.Holds("the dialog is open", inside("dialog[open]"))
	return p
}

func TestABadResultIsReportedByTheKeyboardAloneAndAnsweredInTheDialog(t *testing.T) {
	a := newApp(t, page("en", element))
	p := opened(t, a.picture(t))
	p.Holds("the reasons are there", inside("input:focus"))
	p.Axe()
	keeps(t, p, "report")

	// Neither a reason nor words: it says so, and nothing is sent.
	p.Press("Tab", "Tab", "Enter")
	says(p, "Choose a reason")
	p.Press("ArrowDown", "Tab")
	p.Type("The hand has six fingers")
	p.Press("Tab", "Enter")
	sent := event(p, "mg-sent")
	says(p, "We're reviewing this result")
	answered := event(p, "mg-answered")
	assert.Equal(t, []any{sent["case"], "in_review", "R8"}, []any{answered["case"], answered["outcome"], answered["clause"]})
	p.Holds("the element is in review", `document.querySelector("makegood-report").matches(":state(in_review)")`)
	p.Axe()
	keeps(t, p, "report-answered")
	asked := call(t, "mk_local_operator", http.MethodGet, "/v1/cases/"+sent["case"].(string), nil)["asked"].(map[string]any)
	assert.Equal(t, "The hand has six fingers", asked["description"])
	assert.NotEmpty(t, asked["issue"])

	// Esc leaves, and the focus is where it was; opened again, it shows what became of the report.
	p.Press("Escape")
	p.Holds("the dialog is gone", "!"+inside("dialog"))
	p.Holds("the focus is back", inside("button:focus"))
	rule(t, sent["case"].(string), "approved")
	p.Press("Enter")
	says(p, "refunded your 4 AI credits")
	assert.Len(t, a.keys, 1)
	assert.Equal(t, []any{0.0, "", 0.0}, []any{
		browsertest.Value[any](p, "localStorage.length + sessionStorage.length"), browsertest.Value[any](p, "document.cookie"),
		browsertest.Value[any](p, "performance.getEntriesByType('resource').filter(r => !r.name.startsWith(location.origin)).length"),
	})
}

func TestADeclinedReportIsObjectedToInTheDialog(t *testing.T) {
	a := newApp(t, page("en", element))
	p := opened(t, a.picture(t))
	p.Holds("the reasons are there", inside("input:focus"))
	p.Press("Space", "Tab", "Tab", "Enter")
	id := event(p, "mg-sent")["case"].(string)
	event(p, "mg-answered")
	p.Press("Escape")
	rule(t, id, "declined")
	p.Press("Enter")
	says(p, "didn't find it clearly unusable")
	p.Holds("it can be objected to", inside("p button"))
	p.Axe()
	keeps(t, p, "report-declined")
	p.Press("Tab", "Enter")
	p.Holds("the words are asked for", inside("textarea:focus"))
	p.Type("Count them")
	p.Press("Tab", "Enter")
	says(p, "received your appeal")
	until(t, "/v1/cases/"+id, func(c map[string]any) bool { return c["appeal"] == true })
}

func TestWhatDoesNotGoThroughIsSentAgainUnderOneKeyAndASessionThatEndedIsRenewed(t *testing.T) {
	a := newApp(t, page("en", `<makegood-report session="gone"></makegood-report>`))
	a.refuse = []int{http.StatusServiceUnavailable, http.StatusTooManyRequests}
	p := browser.Page(t)
	p.Forgive("status of 401")
	p.Forgive("status of 503")
	p.Forgive("status of 429")
	p.Open(shop.URL + "/?generation=" + a.picture(t))
	p.Press("Tab", "Enter")
	p.Holds("the reasons are there", inside("input:focus"))
	p.Press("Space", "Tab", "Tab", "Enter")
	says(p, "Trying again")
	event(p, "mg-answered")
	require.Len(t, a.keys, 3)
	assert.Equal(t, []string{a.keys[0], a.keys[0]}, a.keys[1:])
	assert.Positive(t, browsertest.Value[int](p, "sessions"))
}

func TestWhatCannotBeReportedSaysWhy(t *testing.T) {
	a := newApp(t, page("en", element))
	says(opened(t, a.generation(t, "recolor")), "not finished yet")
	p := browser.Page(t)
	p.Forgive("status of 404")
	p.Open(shop.URL + "/?generation=gen_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	p.Press("Tab", "Enter")
	says(p, "cannot be reported")
	assert.Equal(t, "not_found", event(p, "mg-error")["code"])
}

func TestTheDialogFitsEveryReader(t *testing.T) {
	for name, c := range map[string]struct {
		lang, title string
		how         []browsertest.Setting
	}{
		"narrow": {"de", "Was stimmt an diesem Ergebnis nicht?", []browsertest.Setting{browsertest.Width(320)}},
		"dark":   {"en", "What is wrong with this result?", []browsertest.Setting{browsertest.Dark()}},
		"arabic": {"ar", "ما المشكلة في هذه النتيجة؟", []browsertest.Setting{browsertest.Width(320), browsertest.Dark()}},
	} {
		a := newApp(t, page(c.lang, element))
		p := opened(t, a.picture(t), c.how...)
		p.Holds("the reasons are there", inside("input:focus"))
		assert.Equal(t, c.title, browsertest.Value[string](p, inside("h2")+".textContent"))
		assert.Equal(t, map[bool]string{true: "rtl", false: "ltr"}[c.lang == "ar"], browsertest.Value[string](p, "getComputedStyle("+inside("dialog")+").direction"))
		p.Fits()
		p.Axe()
		keeps(t, p, "report-"+name)
	}
}
