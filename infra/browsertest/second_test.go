package browsertest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

func TestTwoPeopleGiveMuchMoneyBackByKeys(t *testing.T) {
	o := opensUnder(t, "goopter", (*storetest.World).NeedsTwo)
	paid := o.buys("pi_charged", "alice")
	id := o.claims(policy.KindAbnormalCharge, "alice", paid, "I was charged for what I never bought.")
	path := o.base + "/console/cases/" + string(id)

	ann := o.lets(t, "ann")
	ann.Open(path)
	approves := func() {
		ann.Press("m")
		ann.Click("input[name=amount]")
		ann.Type("5")
		ann.Press("Tab")
		ann.Type("m") // money
		ann.Press("Escape")
		ann.Load(func() { ann.Press("p") })
		ann.Sees("main", "Only once a second person confirms it.")
		ann.Press("o")
		ann.Type("it is not theirs")
		ann.Press("Escape")
	}
	approves()
	ann.Load(func() { ann.Press("a") })
	ann.Sees(".notice", "Proposed: approved")
	ann.Sees("table", "you proposed: needs somebody else")
	ann.Open(path)
	ann.Sees("main", "Somebody else has to confirm")
	ann.Axe()

	for _, how := range [][]browsertest.Setting{{browsertest.Width(320), browsertest.Dark()}, {browsertest.Width(1920)}} {
		bob := o.lets(t, "bob", how...)
		bob.Open(path)
		bob.Sees("main", "it is not theirs")
		bob.Fits()
		bob.Axe()
	}
	eve := o.lets(t, "eve")
	eve.Open(path)
	eve.Press("b", "Tab")
	eve.Type("ask the bank first")
	eve.Load(func() { eve.Press("Enter") })
	eve.Sees("main", "sent it back: ask the bank first")
	ann.Forgive("status of 409")
	ann.Load(func() { ann.Press("w") })
	ann.Sees(".problem", "eve has sent it back already")
	approves()
	ann.Load(func() { ann.Press("a") })

	// The second person needs no script.
	bob := o.lets(t, "bob", browsertest.WithoutScript())
	bob.Load(func() { bob.Click(`a[href="/console/cases?second=needed"]`) })
	bob.Load(func() { bob.Click("td a") })
	bob.Load(func() { bob.Click(`form[action$="/confirm?second=needed"] button`) })
	bob.Sees(".notice", "Take it back")
	o.Pass(refund.TakeBackWindow)
	o.Drain()
	assert.Equal(t, []any{refund.StateClosed, "ann", "bob"}, []any{o.CaseOf(id).State, o.CaseOf(id).Ruling.By, o.CaseOf(id).Ruling.Second.By})
	ann.Open(path)
	ann.Sees("main", "confirmed by bob")
}
