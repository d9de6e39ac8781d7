package browsertest_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// enters presses the keys of a section, and follows the first link of its list.
func enters(page *browsertest.Page, key, heading, link string) {
	page.Load(func() { page.Press("g", key) })
	page.Sees("h1", heading)
	page.TabTo(link)
	page.Load(func() { page.Press("Enter") })
}

func TestAnAppealIsDecidedByKeysWithoutTheFirstRuling(t *testing.T) {
	o := opens(t)
	id := o.reports("alice", "recolor", "The hand has six fingers.")
	o.appeals(id)
	ann, bob := o.lets(t, "ann"), o.lets(t, "bob")
	bob.Load(func() { bob.Press("g", "a") })
	bob.Sees("tbody", "you ruled first")
	enters(ann, "a", "Appeals", "tbody a")
	ann.Sees("main", "Look anew")
	ann.Sees("main", "please look again")
	assert.NotContains(t, ann.Text("main"), "I counted")
	ann.Load(func() { ann.Press("a") })
	ann.Sees(".empty", "Nothing waits")
	o.Pass(refund.TakeBackWindow)
	o.Drain()
	o.WantVerdict(id, refund.StateApproved, "R2")
	ann.Open(o.base + "/console/cases/" + string(id))
	ann.Sees("main", "I counted")
	ann.Load(func() { ann.Press("g", "a") })
	assert.Contains(t, ann.Texts("table:last-of-type tbody tr"), "photoroom R8 0 1")
}

func TestARulingIsTakenBackByItsKey(t *testing.T) {
	o, cases := waits(t, 2)
	ann := o.lets(t, "ann")
	ann.Load(func() { ann.Press("n") })
	ann.Load(func() { ann.Press("d") })
	ann.Sees(".notice", "s left")
	ann.Load(func() { ann.Press("z") })
	ann.Sees("main", "Decline")
	assert.Contains(t, ann.URL(), cases[0])
	assert.Nil(t, o.CaseOf(cases[0]).Ruling)
}

func TestPaymentsAreResolvedByKeysAfterTheirPreview(t *testing.T) {
	o := opens(t)
	o.parks("pi_parked")
	ann, bob := o.lets(t, "ann"), o.lets(t, "bob")
	for _, page := range []*browsertest.Page{ann, bob} {
		enters(page, "p", "Payments", "tbody a")
		page.Sees("h1", "Payment")
	}
	ann.TabTo("[name=customer]")
	ann.Type("grace")
	ann.Press("Tab")
	ann.Type("credits-100")
	ann.Press("Escape")
	ann.Load(func() { ann.Press("p") })
	ann.Sees(".choices", "100 credits issued → available. Then granted.")
	ann.Fill("[name=note]", "she sent her receipt")
	ann.Load(func() { ann.Press("c") })
	ann.Sees(".head", "granted")
	assert.Equal(t, payment.StateGranted, o.PaymentOf("pi_parked").State)
	o.WantAvailable("grace", 100)

	// The other page is of before.
	bob.Fill("[name=note]", "nobody knows them")
	bob.Forgive("status of 409")
	bob.Load(func() { bob.Press("i") })
	bob.Sees(".problem", "Not done.")
	bob.Sees("main", "nobody knows them")
	require.Len(t, o.PaymentOf("pi_parked").Resolutions, 1)
}

func TestASecondChargeGoesBackAndARefundThatFailedIsDecidedAnew(t *testing.T) {
	o := opensUnder(t, "goopter")
	o.buys("pi_first", "carol")
	o.Pass(time.Minute)
	o.buys("pi_again", "carol")
	refused := o.repels("dave", "pi_refused")
	ann := o.lets(t, "ann")
	ann.Load(func() { ann.Press("g", "p") })
	ann.Load(func() { ann.Click(`a[href$="list=repeated"]`) })
	ann.Load(func() { ann.Click(`a[href$="pi_again"]`) })
	ann.Sees("main", "May repeat pi_first")
	ann.Sees(".choices", "A case is opened, and the policy decides what goes back.")
	ann.Fill("[name=note]", "twice within a minute")
	ann.Load(func() { ann.Press("b") })
	o.Drain()
	assert.Len(t, o.PaymentOf("pi_again").Refunds, 1)
	assert.Empty(t, o.PaymentOf("pi_first").Refunds)

	ann.Load(func() { ann.Press("g", "p") })
	ann.Load(func() { ann.Click(`a[href$="list=failed"]`) })
	ann.Load(func() { ann.Click("tbody a") })
	ann.Sees("main", "failed")
	ann.Load(func() { ann.Click(`a[href$="` + string(refused) + `"]`) })
	ann.Sees("main", "no rule says what goes back")
	ann.Press("m")
	ann.TabTo("[name=amount]")
	ann.Type("5")
	ann.Press("Tab")
	ann.Type("money")
	ann.Press("Escape")
	ann.Load(func() { ann.Press("p") })
	ann.Sees(".choices", "5.00 USD to the payment method")
	ann.Load(func() { ann.Press("a") })
	o.Pass(refund.TakeBackWindow)
	o.Drain()
	assert.Equal(t, payment.ProgressPaid, o.PaymentOf("pi_refused").Progress(string(refused)))
}

func TestWhatIsStuckIsRetriedByKeys(t *testing.T) {
	o := opens(t)
	id := o.sticks("erin")
	o.Pass(48 * time.Hour)
	ann := o.lets(t, "ann")
	ann.Load(func() { ann.Press("g", "s") })
	ann.TabTo("tbody button")
	ann.Load(func() { ann.Press("Enter") })
	ann.Sees(".notice", string(id)+" is due again")
	ann.Sees(".empty", "Nothing is stuck")
	o.Sweep()
	o.Drain()
	o.WantAvailable("erin", 4)
}

func TestACustomerNearALimitIsRestrictedAsProposed(t *testing.T) {
	o := opens(t)
	o.exceeds("frank")
	ann := o.lets(t, "ann")
	enters(ann, "c", "Near a limit", "tbody a.button")
	ann.Sees("h1", "Customer")
	ann.TabTo("[name=note]")
	ann.Type("24 of 24")
	ann.TabTo("#standing button")
	ann.Load(func() { ann.Press("Enter") })
	ann.Sees(".head .chip", "restricted")
	wallet, changes := o.Standing("frank")
	assert.Equal(t, ledger.StandingRestricted, wallet.Standing)
	assert.Equal(t, []string{"ann", "24 of 24"}, []string{changes[0].By, changes[0].Note})
}

func TestAnOutageIsDeclaredByKeysSeenAndOffered(t *testing.T) {
	o := opensUnder(t, "goopter")
	for _, customer := range []ledger.CustomerID{"alice", "carol"} {
		o.buys(payment.ID("pi_"+customer), customer)
	}
	o.Pass(72 * time.Hour)
	ann := o.lets(t, "ann")
	ann.Load(func() { ann.Press("g", "o") })
	for field, instant := range map[string]time.Time{"started_at": o.Now.Add(-60 * time.Hour), "ended_at": o.Now.Add(-time.Hour)} {
		ann.Holds(field, `document.querySelector("[name=`+field+`]").value = "`+instant.Format("2006-01-02T15:04")+`"`)
	}
	ann.TabTo("[name=prevented_use]")
	ann.Type("could not")
	ann.TabTo("[name=confirm]")
	ann.Type("yes")
	ann.TabTo("main .primary")
	ann.Load(func() { ann.Press("Enter") })
	ann.Sees("h1", "Outage")
	ann.Sees("main", "Purchases 2")
	ann.Load(func() { ann.Press("o") })
	ann.Sees("main", "goes on")
	o.Drain()
	ann.Load(func() { ann.Press("g", "o") })
	ann.Sees("tbody", "done")
	ann.Load(func() { ann.Click("tbody a") })
	ann.Sees("main", "2 payments")
}

func TestAnythingIsFoundFromAnywhereByTwoKeys(t *testing.T) {
	o := opens(t)
	id := o.reports("alice", "recolor", "The hand has six fingers.")
	claimed := o.claims(policy.KindNotCredited, "grace", "", "nothing came")
	ann := o.lets(t, "ann")
	finds := func(words string) {
		ann.Press("Control+k")
		ann.Holds("the box has the focus", `document.activeElement.id === "find"`)
		ann.Type(words)
		ann.Load(func() { ann.Press("Enter") })
	}
	finds(string(id))
	ann.Sees("h1", "Bad result")
	finds("alice")
	ann.Sees("h1", "Customer")
	finds("grace@example.com")
	ann.Sees("tbody", string(claimed))
	assert.NotContains(t, ann.URL(), "grace")
	finds("nobody@example.com")
	ann.Sees(".empty", "Nothing has that id or address")
}

// ending is a form in which somebody types until their session has ended.
type ending struct {
	name, path, field, words, button string
	// done is what the page says in the end, where.
	where, done string
}

func TestWhoeverSignsInInAnotherTabSendsTheFormAgainWithItsWords(t *testing.T) {
	o := opens(t)
	id := string(o.reports("alice", "recolor", "The hand has six fingers."))
	o.parks("pi_parked")
	// The ruling is last: of a case that is decided nothing more is asked.
	for _, form := range []ending{
		{"skip", "/console/cases/" + id, "[name=reason]", "is a thumb a finger?", `[action*="/skip"] button`, "tbody", "skipped by you"},
		{"payment", "/console/payments/pi_parked", "[name=note]", "nobody knows them", "[value=ignore]", "main", "nobody knows them"},
		{"standing", "/console/customers/alice?standing=restricted", "[name=note]", "too many", "#standing button", ".chip", "restricted"},
		{"find", "/console/find", "main [name=q]", "alice", "main .primary", "h1", "Customer"},
		{"outage", "/console/outages", "[name=features]", "logo", "main .primary", "main", "logo"},
		{"ruling", "/console/cases/" + id, "[name=note]", "a long night", "[value=declined]", ".empty", "Nothing waits"},
	} {
		t.Run(form.name, func(t *testing.T) {
			ann := o.lets(t, "ann")
			ann.Open(o.base + form.path)
			ann.Holds("all is open", `[...document.querySelectorAll("details")].every(d => d.open = true)`)
			if form.name == "outage" {
				ann.Holds("its hour", `document.querySelector("[name=started_at]").value = "`+o.Now.Add(-time.Hour).Format("2006-01-02T15:04")+`"`)
			}
			ann.TabTo(form.field)
			ann.Type(form.words)
			ann.DropCookies()
			ann.Forgive("status of 401")
			ann.Load(func() { ann.Click(form.button) })
			ann.Sees("h1", "Your session has ended")
			ann.Axe()
			assert.Contains(t, browsertest.Value[[]string](ann, `[...document.querySelectorAll("main [name]")].map(e => e.value)`), form.words)
			ann.Tab().Open(o.base + "/enter?as=" + url.QueryEscape("ann"))
			ann.Load(func() { ann.Press("Control+Enter") })
			ann.Sees(form.where, form.done)
		})
	}
}
