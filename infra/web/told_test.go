package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
)

// seen demands that the status and what sends lie in the part of the dialog that the window shows.
func seen(t *testing.T, p *browsertest.Page) {
	t.Helper()
	assert.True(t, browsertest.Value[bool](p, `(() => {
		const root = document.querySelector("makegood-report, makegood-claim").shadowRoot, place = root.querySelector("dialog").getBoundingClientRect();
		const said = root.querySelector("[part=status]").getBoundingClientRect();
		return said.height > 0 && said.top >= Math.max(place.top, 0) && said.bottom <= Math.min(place.bottom, innerHeight);
	})()`), "the status is out of sight")
}

func TestWhatIsSaidAfterSendIsSeenWhereItWasSent(t *testing.T) {
	for _, width := range []int64{1280, 320} {
		a := claimPage(t, "en", "")
		a.refuse, a.code = []int{http.StatusTooManyRequests}, "throttled"
		p := claims(t, browsertest.Width(width))
		p.Forgive("status of 429")
		fills(p, "Nothing came.")
		says(p, "Please try again later.")
		assert.Greater(t, browsertest.Value[int](p, inside("dialog")+".scrollHeight"), browsertest.Value[int](p, inside("dialog")+".clientHeight"), "the form is taller than the window")
		seen(t, p)
		keeps(t, p, "claim-refused")

		// Wherever the form is scrolled to, and the field that has the focus is not behind it.
		browsertest.Value[any](p, "("+inside("dialog")+".scrollTop = 0, null)")
		seen(t, p)
		comes(p, "[name=transaction_ids]")
		assert.LessOrEqual(t, browsertest.Value[float64](p, inside(":focus")+".getBoundingClientRect().bottom"), browsertest.Value[float64](p, inside("[part=status]")+".getBoundingClientRect().top"))
	}
	a := newApp(t, page("en", element))
	a.refuse, a.code = []int{http.StatusTooManyRequests}, "throttled"
	p := opened(t, a.picture(t))
	p.Forgive("status of 429")
	asks(p, "Six fingers")
	says(p, "Please try again later.")
	seen(t, p)
}

func TestAPartOfAFieldThatTheAnswerNamesMarksTheField(t *testing.T) {
	for path, field := range map[string]string{
		"claim.transaction_ids[0]": "transaction_ids", "claim.amount.currency": "amount", "claim.amount.minor": "amount",
		"claim": "reason", "claim.attachments": "attachments", "claim.attachments[7]": "attachments",
	} {
		a := claimPage(t, "en", "")
		a.refuse, a.field = []int{http.StatusBadRequest}, path
		p := claims(t)
		p.Forgive("status of 400")
		fills(p, "Nothing came.")
		says(p, "Please complete or check: ")
		assert.Equal(t, map[string]string{field: "Please check this."}, marked(p), path)
	}
}

// React 19 sets what is a property of the element, and makes an attribute of all else.
func TestWhatIsNoAttributeIsAPropertyBeforeItIsSet(t *testing.T) {
	newApp(t, page("en", element)+`<makegood-claim></makegood-claim><makegood-credits></makegood-credits>`)
	p := browser.Page(t)
	p.Open(shop.URL)
	for _, name := range []string{"makegood-report", "makegood-claim", "makegood-credits"} {
		browsertest.Value[any](p, `(import("/dist/`+name+`.js"), null)`)
		p.Holds(name+" is known", `customElements.get("`+name+`")`)
		assert.True(t, browsertest.Value[bool](p, `["getSession", "words"].every(one => one in document.createElement("`+name+`"))`), name)
	}
	// What the page set before it knew the element stands.
	assert.Equal(t, "mine", browsertest.Value[string](p, `(() => {
		const early = document.createElement("makegood-early");
		early.words = "mine";
		customElements.define("makegood-early", class extends customElements.get("makegood-report") {});
		customElements.upgrade(early);
		return early.words;
	})()`))
}
