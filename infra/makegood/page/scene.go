package page

import (
	"slices"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// scene is facts that can be changed, one condition at a time. It begins as a request that nothing
// speaks against.
type scene struct {
	rev   policy.Revision
	facts policy.Facts
}

func aboutGeneration(kind policy.Kind) bool {
	return kind == policy.KindTechnicalFailure || kind == policy.KindBadResult
}

// newScene makes the facts of a kind: noon of the day on which the revision takes effect, and what
// is asked soon after.
func newScene(rev policy.Revision, kind policy.Kind) *scene {
	// Noon leaves room on both sides: no change of a scene moves it out of the revision's day.
	day, _ := time.Parse(time.DateOnly, rev.Revision) // checked by the loader
	noon := day.Add(12 * time.Hour)
	s := &scene{rev: rev, facts: policy.Facts{
		Policy: rev.Name, Kind: kind, RequestedAt: noon.Add(time.Hour), Customer: policy.CustomerFacts{Standing: ledger.StandingGood},
	}}
	if aboutGeneration(kind) {
		s.generate(noon)
	} else {
		s.buy(noon)
	}
	return s
}

func (s *scene) generate(at time.Time) {
	// A cell where reports are allowed: nothing speaks against the request to begin with.
	feature, platform, _ := s.cell(true)
	g := &policy.GenerationFacts{
		ID: "gen_example", Feature: feature.Name, Platform: platform, Surface: policy.SurfaceEditor, Mode: policy.ModePaid,
		Status: generation.StatusSucceeded, FinishedAt: at, Price: max(1, feature.Price), FailedAttempts: 1,
	}
	s.facts.Generation = g
	s.setSurface(true)
	if s.facts.Kind == policy.KindTechnicalFailure {
		g.Status = generation.StatusFailed
		g.Failure = &generation.Failure{Cause: generation.CausePlatform, Code: "example"}
		return
	}
	s.facts.Report = &policy.ReportFacts{Description: "an example", Issue: usualIssue}
}

func (s *scene) buy(at time.Time) {
	// A policy without packages still has rules about purchases, and they need an example.
	p := &policy.PurchaseFacts{ID: "pay_example", Package: "example", PaidAt: at, Amount: money.Amount{Currency: "USD", Minor: 1000}, Credits: 100}
	if packages := s.rev.Packages(); len(packages) > 0 {
		p.Package, p.Amount, p.Credits = packages[0].Name, packages[0].Price, packages[0].Credits
	}
	// Each kind begins as what its claimant says of it.
	p.Credited = s.facts.Kind != policy.KindNotCredited
	if s.facts.Kind == policy.KindDuplicateCharge {
		p.DuplicateOf = original
	}
	s.facts.Purchase = p
	s.facts.RequestedAt = at.Add(s.soon())
	if s.facts.Kind == policy.KindOutage {
		start := at.Add(time.Hour)
		end := start.Add(time.Hour)
		s.facts.Outage = &policy.OutageFacts{StartedAt: start, EndedAt: &end, PreventedUse: true}
	}
}

// original is the other purchase of a double charge.
const original = "pay_original"

// soon is how long after a purchase people ask: some days, of an outage more, so that it can last.
func (s *scene) soon() time.Duration {
	if s.facts.Kind == policy.KindOutage {
		return 10 * day
	}
	return 3 * day
}

// copy returns a scene whose changes s does not see.
func (s *scene) copy() *scene {
	f := s.facts
	// Pointers are copied one by one: a change of the copy must not reach the original.
	f.Generation, f.Report, f.Evidence, f.Purchase, f.Outage = clone(f.Generation), clone(f.Report), clone(f.Evidence), clone(f.Purchase), clone(f.Outage)
	if f.Generation != nil {
		f.Generation.Failure = clone(f.Generation.Failure)
	}
	return &scene{rev: s.rev, facts: f}
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	other := *p
	return &other
}

// cell returns the first feature and platform where the table says Yes, or No; the first feature of
// all where it never does.
func (s *scene) cell(yes bool) (policy.Feature, policy.Platform, bool) {
	platforms := []policy.Platform{policy.PlatformWeb, policy.PlatformIOS, policy.PlatformAndroid}
	features := s.rev.Features()
	// The first one in the order of the file, on the web before the phones: the same file gets the
	// same example.
	for _, feature := range features {
		for _, platform := range platforms {
			if feature.Reportable.On(platform) == yes {
				return feature, platform, true
			}
		}
	}
	return features[0], platforms[0], false
}

func (s *scene) setRefunded(yes bool) {
	switch g, p := s.facts.Generation, s.facts.Purchase; {
	// A free generation has nothing to give back; one unit makes it refunded all the same.
	case g != nil && yes:
		g.Refunded = max(1, g.Price)
	case g != nil:
		g.Refunded = 0
	case yes:
		amount := p.Amount
		p.Refunded = &amount
	default:
		p.Refunded = nil
	}
}

func (s *scene) setLate(late bool) {
	// Late means clearly late, a day or an hour past the window, so that the sentence reads well.
	// In time means soon.
	since, window, after := s.facts.JudgedAt(), s.rev.ReportWindow, time.Hour
	if s.facts.Purchase != nil {
		window, after = s.rev.PurchaseWindow, s.soon()
	}
	switch {
	case late && window >= 3*day:
		after = window + day
	case late:
		after = window + time.Hour
	case window > 0:
		after = min(after, window)
	}
	s.facts.RequestedAt = since.Add(after)
}

func (s *scene) setListed(yes bool) {
	if yes {
		s.setReportable(true)
		return
	}
	// The name must be one that the table does not have.
	name := "another-feature"
	for _, ok := s.rev.Feature(name); ok; _, ok = s.rev.Feature(name) {
		name += "-too"
	}
	s.facts.Generation.Feature = name
}

func (s *scene) setReportable(yes bool) {
	// A table that says Yes everywhere has no cell that says No: a feature outside of it comes
	// nearest.
	feature, platform, ok := s.cell(yes)
	if !ok && !yes {
		s.setListed(false)
		return
	}
	g := s.facts.Generation
	g.Feature, g.Platform = feature.Name, platform
	if g.Price > 0 {
		g.Price = max(1, feature.Price)
	}
}

func (s *scene) setSurface(reportable bool) {
	i := slices.IndexFunc(allSurfaces, func(surface policy.Surface) bool { return s.rev.Surfaces.On(surface) == reportable })
	s.facts.Generation.Surface = allSurfaces[max(0, i)]
}

// setMode changes the price too: only what is made in paid mode costs something.
func (s *scene) setMode(value string) {
	s.facts.Generation.Mode = policy.Mode(value)
	s.setPriceless(value != string(policy.ModePaid))
}

func (s *scene) setPriceless(yes bool) {
	feature, _, _ := s.cell(true)
	s.facts.Generation.Price = max(1, feature.Price)
	if yes {
		s.facts.Generation.Price = 0
	}
}

// evidence returns the evidence, making some where there is none.
func (s *scene) evidence() *policy.EvidenceFacts {
	if s.facts.Evidence == nil {
		s.facts.Evidence = &policy.EvidenceFacts{Verdict: policy.VerdictUnusable, Input: policy.InputGood}
	}
	return s.facts.Evidence
}

func (s *scene) setEvidence(value string) {
	if value == string(policy.EvidenceNone) {
		s.facts.Evidence = nil
		return
	}
	s.evidence().Verdict = policy.Verdict(value)
}

func (s *scene) setDefect(value string) {
	switch {
	case value != "":
		s.evidence().Defects = []string{value}
	case s.facts.Evidence != nil:
		s.facts.Evidence.Defects = nil
	}
}

func (s *scene) setAbuse(over bool) {
	s.facts.Customer.Requests30d = 0
	if over {
		s.facts.Customer.Requests30d = s.rev.Abuse.RequestsOver + 1
	}
}

func (s *scene) setSpent(yes bool) {
	s.facts.Purchase.CreditsSpent = 0
	if yes {
		s.facts.Purchase.CreditsSpent = (s.facts.Purchase.Credits + 2) / 3
	}
}

func (s *scene) setLeft(yes bool) {
	s.facts.Purchase.CreditsSpent = 0
	if !yes {
		s.facts.Purchase.CreditsSpent = s.facts.Purchase.Credits
	}
}

func (s *scene) setDown(value string) {
	length := time.Second // under any limit
	if limit, err := time.ParseDuration(value); err == nil {
		length = limit + time.Hour
	}
	s.setEnd(s.facts.Outage.StartedAt.Add(length), s.facts.Outage.EndedAt == nil)
}

func (s *scene) setGoesOn(yes bool) {
	s.setEnd(s.facts.Outage.StartedAt.Add(s.down()), yes)
}

func (s *scene) setEndedBefore(yes bool) {
	// The outage keeps its length when it moves, so that a rule about that still holds.
	o, length := s.facts.Outage, s.down()
	o.StartedAt = s.facts.Purchase.PaidAt.Add(time.Hour)
	if yes {
		o.StartedAt = s.facts.Purchase.PaidAt.Add(-time.Hour - length)
	}
	s.setEnd(o.StartedAt.Add(length), false)
}

// down is how long the outage has lasted.
func (s *scene) down() time.Duration {
	o := s.facts.Outage
	if o.EndedAt == nil {
		return s.facts.RequestedAt.Sub(o.StartedAt)
	}
	return o.EndedAt.Sub(o.StartedAt)
}

// setEnd ends the outage at the instant, or, where it goes on, has the customer ask then.
func (s *scene) setEnd(at time.Time, goesOn bool) {
	s.facts.Outage.EndedAt = &at
	// Without an end, its length is counted up to the claim: so the claim moves, not the end.
	if goesOn {
		s.facts.Outage.EndedAt, s.facts.RequestedAt = nil, at
	}
}
