package browsertest_test

import (
	"testing"
	"time"

	"makegood/infra/browsertest"
	"makegood/shared/policy"
)

// ruled lets some weeks pass in which staff decide more cases from day to day, and on the last day
// results are bad.
func (s *staffed) ruled(t *testing.T, days int) {
	t.Helper()
	for day := range days {
		s.Grants("bob", 200)
		for range 40 {
			s.StartsUnder("bob", 1, s.Key())
		}
		for n := range 1 + day%3 {
			id := s.reports(t)
			s.Pass(time.Duration(1+day%5) * 10 * time.Minute)
			s.Rules(id, []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined}[n%2])
			s.Deliver()
		}
		s.Pass(21 * time.Hour)
	}
	s.Grants("bob", 200)
	for range 20 {
		s.StartsUnder("bob", 1, s.Key())
	}
	for range 6 {
		s.reports(t)
	}
}

func TestInsightsLeadFromAColumnToItsCases(t *testing.T) {
	s := staff(t, 0)
	s.ruled(t, 24)
	for name, how := range map[string][]browsertest.Setting{
		"narrow": {browsertest.Width(320)}, "dark": {browsertest.Dark()}, "wide": {browsertest.Width(1920)},
	} {
		page := browser.Page(t, how...)
		page.Open(s.base + "/enter?as=ann")
		page.Load(func() { page.Press("g", "i") })
		page.Sees("h1", "Insights")
		page.Fits()
		page.Axe()
		keeps(t, page, "insights-"+name)
		page.Load(func() { page.Click("#days tbody a") })
		page.Sees("h1", "Verdicts")
		page.Fits()
		page.Axe()
	}
	page := browser.Page(t, browsertest.WithoutScript())
	page.Open(s.base + "/enter?as=ann")
	page.Open(s.base + "/console/insights?outcome=approved")
	page.Load(func() { page.Click("svg a:nth-of-type(29)") })
	page.Sees("h1", "Verdicts")
	page.Load(func() { page.Click("tbody a") })
	page.Sees("h1", "Bad result")
}
