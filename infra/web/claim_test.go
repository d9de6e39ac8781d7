package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/infra/local"
)

// claimPage is a page on which a new customer may claim.
func claimPage(t *testing.T, lang, attributes string) *app {
	t.Helper()
	a := newApp(t, "")
	a.html = page(lang, `<makegood-claim customer="`+a.customer+`" `+attributes+`></makegood-claim>`)
	return a
}

// buys has the customer buy a package, and waits for its credits. It returns the payment.
func (a *app) buys(t *testing.T, name string) string {
	t.Helper()
	available := func() float64 {
		return call(t, local.AppKey, http.MethodGet, "/v1/customers/"+a.customer, nil)["balance"].(map[string]any)["available"].(float64)
	}
	before := available()
	bought, err := http.Post(stack.Provider.URL+"/_standin/checkouts", "application/json", strings.NewReader(fmt.Sprintf(`{"customer":%q,"package":%q}`, a.customer, name))) //nolint:noctx // a stand-in on this machine
	require.NoError(t, err)
	require.NoError(t, bought.Body.Close())
	waits(t, func() bool { return available() > before })
	entries := call(t, local.AppKey, http.MethodGet, "/v1/customers/"+a.customer+"/statement", nil)["entries"].([]any)
	return entries[0].(map[string]any)["payment"].(string)
}

// claims is a page whose dialog was opened by the keyboard and shows its form.
func claims(t *testing.T, how ...browsertest.Setting) *browsertest.Page {
	t.Helper()
	p := opened(t, "", how...)
	p.Holds("the kinds are there", inside("[name=kind]:focus"))
	return p
}

// comes presses Tab until what the selector finds in the element has the focus.
func comes(p *browsertest.Page, selector string) {
	for range 20 {
		if browsertest.Value[bool](p, inside(":focus")+"?.matches("+fmt.Sprintf("%q", selector)+") ?? false") {
			return
		}
		p.Press("Tab")
	}
	p.Holds("Tab leads to "+selector, "false")
}

// types comes to a field and types into it.
func types(p *browsertest.Page, field, text string) {
	comes(p, "[name="+field+"]")
	p.Type(text)
}

// paidToday types the day of the payment as an American does.
func paidToday(p *browsertest.Page) { types(p, "paid_at", time.Now().UTC().Format("01022006")) }

// marked are the fields that are marked as wrong, each with what it says.
func marked(p *browsertest.Page) map[string]string {
	return browsertest.Value[map[string]string](p, `Object.fromEntries(Array.from(document.querySelector("makegood-claim").shadowRoot.querySelectorAll("[aria-invalid=true]"), e =>
		[e.name, e.getAttribute("aria-describedby").split(" ").map(id => e.getRootNode().getElementById(id)).filter(d => d?.part.contains("error")).map(d => d.innerText).join()]))`)
}

func TestAClaimUnderGoopter(t *testing.T) {
	under(t, "goopter")
	t.Run("a double charge is claimed by the keyboard alone, and its money goes back with the clause's sentence", claimsADoubleCharge)
	t.Run("every field that is missing or wrong is named at once, by keys and by words", namesEveryField)
	t.Run("a declined claim is appealed in the dialog", appealsAClaim)
	t.Run("a claim whose answer was lost stands, whatever is sent after it", findsALostClaim)
}

func claimsADoubleCharge(t *testing.T) {
	a := claimPage(t, "en", `email="alice@example.com"`)
	a.buys(t, "starter")
	second := a.buys(t, "starter")
	p := claims(t)
	p.Axe()
	keeps(t, p, "claim")
	p.Press("ArrowDown")
	assert.Equal(t, "I was charged twice", browsertest.Value[string](p, inside(":checked")+".parentNode.innerText"))
	comes(p, "select[name=payment]")
	p.Press("ArrowDown")
	assert.Equal(t, second, browsertest.Value[string](p, inside("[name=payment]")+".value"))
	paidToday(p)
	types(p, "amount", "5")
	assert.Equal(t, "= $5.00", browsertest.Value[string](p, inside("#amount-hint")+".innerText"))
	types(p, "reason", "I bought one package, and paid for two.")
	keeps(t, p, "claim-filled")
	comes(p, "[part=submit]")
	p.Press("Enter")
	sent := event(p, "mg-sent")
	answered := event(p, "mg-answered")
	assert.Equal(t, []any{sent["case"], "approved", "G2.2"}, []any{answered["case"], answered["outcome"], answered["clause"]})
	says(p, "You were charged twice for the same purchase, so we've approved a full refund of 5.00 USD.")
	p.Holds("the element is approved", `document.querySelector("makegood-claim").matches(":state(approved)")`)
	p.Axe()
	keeps(t, p, "claim-answered")
	until(t, "/v1/cases/"+sent["case"].(string), func(c map[string]any) bool { return c["state"] == "closed" })
	claim := call(t, local.OperatorKey, http.MethodGet, "/v1/cases/"+sent["case"].(string), nil)["asked"].(map[string]any)["claim"].(map[string]any)
	assert.Equal(t, map[string]any{"currency": "USD", "minor": 500.0}, claim["amount"])
	assert.Equal(t, []any{"alice@example.com", time.Now().UTC().Format(time.DateOnly)}, []any{claim["email"], claim["paid_at"].(string)[:10]})

	// Esc leaves, and the focus is where it was.
	p.Press("Escape")
	p.Holds("the focus is back", inside("button:focus"))
}

func namesEveryField(t *testing.T) {
	claimPage(t, "en", "")
	p := claims(t)
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "Please complete or check: What happened?, Day of payment, Amount paid, E-mail address of the purchase, In your own words")
	missing := "This is missing."
	assert.Equal(t, map[string]string{"kind": missing, "paid_at": missing, "amount": missing, "email": missing, "reason": missing}, marked(p))
	p.Holds("the first of them has the focus", inside("[name=kind]:focus"))
	p.Axe()
	keeps(t, p, "claim-missing")

	// What is filled in is no longer marked; what is wrong is, before anything is sent.
	p.Press("Space")
	types(p, "amount", "5.9999")
	types(p, "email", "alice")
	types(p, "reason", "Nothing came.")
	assert.Equal(t, map[string]string{"paid_at": missing}, marked(p))
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "Please complete or check: Day of payment, Amount paid, E-mail address of the purchase")
	assert.Equal(t, map[string]string{"paid_at": missing, "amount": "Please check this.", "email": "Please check this."}, marked(p))
	p.Holds("the first of them has the focus", inside("[name=paid_at]:focus"))

	// What only the API knows to be wrong is marked by its answer.
	p.Forgive("status of 400")
	p.Type("01011999")
	browsertest.Value[any](p, "("+inside("[name=amount]")+".value = '', "+inside("[name=email]")+".value = '', null)")
	types(p, "amount", "5.99")
	types(p, "email", "alice@example.com")
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "Please complete or check: Day of payment")
	assert.Equal(t, map[string]string{"paid_at": "Please check this."}, marked(p))
	assert.Equal(t, "invalid_request", event(p, "mg-error")["code"])
}

// fills fills in a claim of the first kind and sends it.
func fills(p *browsertest.Page, words string) {
	p.Press("Space")
	paidToday(p)
	types(p, "amount", "5")
	types(p, "email", "alice@example.com")
	types(p, "reason", words)
	comes(p, "[part=submit]")
	p.Press("Enter")
}

func appealsAClaim(t *testing.T) {
	a := claimPage(t, "en", `kinds="change_of_mind"`)
	payment := a.buys(t, "starter")
	a.html = strings.Replace(a.html, "<makegood-claim", `<makegood-claim payment="`+payment+`"`, 1)
	p := claims(t)
	assert.False(t, browsertest.Value[bool](p, "!!"+inside("[name=payment]")), "the page says which")
	fills(p, "I changed my mind.")
	says(p, "A purchase is final once its credits are in your account")
	p.Holds("it can be objected to", inside("p button"))
	p.Press("Tab", "Enter")
	p.Holds("the words are asked for", inside("textarea:focus"))
	p.Type("I bought it by mistake")
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "received your appeal")

	// The same purchase again: the case that is there is shown.
	p.Press("Escape", "Enter")
	p.Forgive("status of 409")
	p.Holds("the kinds are there", inside("[name=kind]:focus"))
	fills(p, "Please.")
	says(p, "received your appeal")
	require.Len(t, a.cases(t), 1)
}

func findsALostClaim(t *testing.T) {
	a := claimPage(t, "en", "")
	a.lost = 1
	p := claims(t)
	p.Forgive("status of 504")
	p.Forgive("status of 409")
	fills(p, "Nothing came")
	says(p, "That did not work")
	types(p, "reason", ", really")
	comes(p, "[part=submit]")
	p.Press("Enter")
	answered := event(p, "mg-answered")
	filed := a.cases(t)
	require.Len(t, filed, 1)
	assert.Equal(t, filed[0].(map[string]any)["id"], answered["case"])
	for _, key := range a.keys {
		assert.Equal(t, a.keys[0], key)
	}
}

func TestTheDialogOfAClaimFitsEveryReader(t *testing.T) {
	for name, c := range map[string]struct {
		lang, title string
		how         []browsertest.Setting
	}{
		"narrow": {"de", "Was stimmt mit Ihrem Kauf nicht?", []browsertest.Setting{browsertest.Width(320)}},
		"dark":   {"es", "¿Qué falla en su compra?", []browsertest.Setting{browsertest.Dark()}},
		"forced": {"fr", "Quel est le problème avec votre achat ?", []browsertest.Setting{browsertest.ForcedColors()}},
		"arabic": {"ar", "ما المشكلة في عملية الشراء؟", []browsertest.Setting{browsertest.Width(320), browsertest.Dark()}},
	} {
		claimPage(t, c.lang, "")
		p := claims(t, c.how...)
		assert.Equal(t, c.title, browsertest.Value[string](p, inside("h2")+".textContent"))
		assert.Equal(t, map[bool]string{true: "rtl", false: "ltr"}[c.lang == "ar"], browsertest.Value[string](p, "getComputedStyle("+inside("dialog")+").direction"))
		comes(p, "[part=submit]")
		p.Press("Enter")
		p.Holds("what is missing is named", inside("[name=email][aria-invalid=true]"))
		p.Fits()
		assert.LessOrEqual(t, browsertest.Value[int](p, inside("dialog")+".scrollWidth"), browsertest.Value[int](p, inside("dialog")+".clientWidth"), name)
		p.Axe()
		keeps(t, p, "claim-"+name)
	}
}

func TestAnAmountInArabicDigitsIsSentInTheMinorUnit(t *testing.T) {
	a := claimPage(t, "ar", `kinds="not_credited" currencies="KWD"`)
	p := claims(t)
	assert.True(t, browsertest.Value[bool](p, inside("[name=kind]")+".checked"), "there is but one")
	paidToday(p)
	types(p, "amount", "١٢٫٥")
	types(p, "email", "alice@example.com")
	types(p, "reason", "لم يصل شيء")
	comes(p, "[part=submit]")
	p.Press("Enter")
	event(p, "mg-sent")
	seen := call(t, local.OperatorKey, http.MethodGet, "/v1/cases/"+a.cases(t)[0].(map[string]any)["id"].(string), nil)
	claim := seen["asked"].(map[string]any)["claim"].(map[string]any)
	assert.Equal(t, []any{"not_credited", "ar", map[string]any{"currency": "KWD", "minor": 12500.0}}, []any{seen["kind"], seen["locale"], claim["amount"]})
}

func TestWhatMayBeClaimedIsThePolicys(t *testing.T) {
	labels := func(p *browsertest.Page) string {
		return browsertest.Value[string](p, "Array.from("+inside("fieldset")+".querySelectorAll('label'), e => e.innerText).join()")
	}
	claimPage(t, "en", "")
	assert.Equal(t, "I was charged twice,I paid and got no credits,I couldn't use what I paid for,The charge is wrong,I don't want it anymore", labels(claims(t)))
	a := claimPage(t, "en", `kinds="none of these"`)
	p := opened(t, "")
	says(p, "Nothing can be claimed here.")
	assert.Empty(t, a.keys)

	under(t, "popcustoms")
	claimPage(t, "en", "")
	p = claims(t)
	assert.Equal(t, "I was charged twice,The charge is wrong", labels(p))
	fills(p, "It cost ten times as much.")
	says(p, "We couldn't decide this automatically, so our team will review it.")
	assert.Equal(t, "X3", event(p, "mg-answered")["clause"], "no purchase of theirs is known")
	keeps(t, p, "claim-popcustoms")
	assert.Equal(t, []any{0.0, "", 0.0}, []any{
		browsertest.Value[any](p, "localStorage.length + sessionStorage.length"), browsertest.Value[any](p, "document.cookie"),
		browsertest.Value[any](p, "performance.getEntriesByType('resource').filter(r => !r.name.startsWith(location.origin)).length"),
	})
}
