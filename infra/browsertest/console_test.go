package browsertest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// waits opens an office in which so many pictures of alice's wait.
func waits(t *testing.T, count int) (*office, []refund.CaseID) {
	t.Helper()
	o := opens(t)
	var cases []refund.CaseID
	for range count {
		cases = append(cases, o.reports("alice", "recolor", "The hand has six fingers, and my ring is gone."))
	}
	return o, cases
}

func TestCasesAreDecidedByTheKeyboardAlone(t *testing.T) {
	o, cases := waits(t, 3)
	page := browser.Page(t)
	page.Open(o.base + "/enter?as=ann")
	page.Sees("h1", "Review queue")
	page.Axe()
	page.Load(func() { page.Press("n") })
	page.Sees("h1", "Bad result")
	page.Axe()

	// Both pictures move as one, and cover each other.
	page.Press("+", "+")
	page.Holds("both are enlarged alike", `new Set([...document.querySelectorAll("figure:not(.difference) .sheet")].map(i => i.style.transform)).size === 1 &&
		document.querySelector("figure .sheet").style.transform.includes("scale(2.25)")`)
	page.Press("0", "f")
	page.Holds("one picture covers the other", `document.querySelectorAll("figure.front").length === 1`)
	page.Press("f", "v")
	page.Holds("the difference is there", `document.querySelector(".difference").getClientRects().length > 0`)
	page.Press("v")

	// A key per case; what is typed into the note is no key.
	page.Press("o")
	page.Type("add six fingers")
	page.Press("Escape")
	page.Load(func() { page.Press("a") })
	page.Sees("h1", "Bad result")
	page.Load(func() { page.Press("d") })
	page.Load(func() { page.Press("a") })
	page.Sees(".empty", "Nothing waits")
	for n, outcome := range []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined, policy.OutcomeApproved} {
		ruling := o.CaseOf(cases[n]).Ruling
		require.NotNil(t, ruling)
		assert.Equal(t, []any{outcome, "ann"}, []any{ruling.Outcome, ruling.By})
	}
	assert.Equal(t, "add six fingers", o.CaseOf(cases[0]).Ruling.Note)
}

func TestTheFilterOfTheQueueStandsInOneRow(t *testing.T) {
	o := opens(t)
	o.passes()
	page := o.lets(t, "ann", browsertest.Width(1280))
	page.Open(o.base + "/console/cases?order=opened")
	page.Sees("form.fields", "Clear")
	page.Holds("it is one row", `new Set([...document.querySelector("form.fields").children].map(e => e.getBoundingClientRect().bottom)).size <= 2`)
	page.Fits()
}

func TestTwoOfStaffOnOneCaseLoseNoWord(t *testing.T) {
	o, cases := waits(t, 2)
	ann, bob := browser.Page(t), browser.Page(t)
	path := "/console/cases/" + string(cases[0])
	for name, page := range map[string]*browsertest.Page{"ann": ann, "bob": bob} {
		page.Open(o.base + "/enter?as=" + name)
		page.Open(o.base + path)
	}
	ann.Load(func() { ann.Press("a") })
	bob.Press("o")
	bob.Type("I count five")
	bob.Press("Escape")
	bob.Forgive("status of 409")
	bob.Load(func() { bob.Press("d") })
	bob.Sees(".problem", "Not done.")
	bob.Sees("main", "I count five")
}

func TestACaseIsDecidedWithoutScript(t *testing.T) {
	o, _ := waits(t, 1)
	page := browser.Page(t, browsertest.WithoutScript())
	page.Open(o.base + "/enter?as=ann")
	page.Load(func() { page.Click(".head .button") })
	page.Sees("h1", "Bad result")
	page.Load(func() { page.Click("button[value=declined]") })
	page.Sees(".empty", "Nothing waits")
}
