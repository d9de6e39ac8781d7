package browsertest_test

import (
	"testing"
	"time"

	"makegood/infra/browsertest"
	"makegood/shared/policy"
)

// weeks lets some days pass in which staff decide cases of alice's; on the last more results are
// bad than before.
func (o *office) weeks(days int) {
	o.t.Helper()
	for day := range days {
		o.Grants("bob", 200)
		for range 40 {
			o.StartsUnder("bob", 1, o.Key())
		}
		for n := range 1 + day%3 {
			id := o.reports("alice", "recolor", "six fingers")
			o.Pass(time.Duration(1+day%5) * 10 * time.Minute)
			o.Rules(id, []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined}[n%2])
			o.Deliver()
		}
		o.Pass(21 * time.Hour)
	}
	o.Grants("bob", 200)
	for range 20 {
		o.StartsUnder("bob", 1, o.Key())
	}
	for range 6 {
		o.reports("alice", "recolor", "six fingers")
	}
}

func TestInsightsLeadFromAColumnToItsCases(t *testing.T) {
	o := opens(t)
	o.weeks(9)
	for _, how := range [][]browsertest.Setting{{browsertest.Width(320), browsertest.Dark()}, {browsertest.Width(1920)}} {
		page := o.lets(t, "ann", how...)
		page.Load(func() { page.Press("g", "i") })
		page.Sees("h1", "Insights")
		page.Sees("#days", "recolor")
		page.Fits()
		page.Axe()
		page.Load(func() { page.Click("#days tbody a") })
		page.Sees("h1", "Verdicts")
		page.Fits()
		page.Axe()
	}
	page := o.lets(t, "ann", browsertest.WithoutScript())
	page.Open(o.base + "/console/insights?outcome=approved")
	page.Load(func() { page.Click("svg a:nth-of-type(22)") })
	page.Sees("h1", "Verdicts")
	page.Load(func() { page.Click("tbody a") })
	page.Sees("h1", "Bad result")
}
