package page

import (
	"fmt"
	"strings"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// usualIssue is what a scene's customer says unless a rule asks for something else.
const usualIssue = policy.IssueOther

// words tells a scene in one line: what it is about, then whatever is not as it usually is.
func (s *scene) words() string {
	f := s.facts
	// Only what differs from a usual request is worth a reader's time: an example names what made
	// the rule decide.
	parts := []string{s.subject()}
	add := func(when bool, format string, args ...any) {
		if when {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	// Good standing is the usual one.
	if f.Customer.Standing != ledger.StandingGood {
		add(true, "the customer is %s", f.Customer.Standing)
	}
	add(f.Customer.Requests30d > 0, "%d reports in the last 30 days", f.Customer.Requests30d)
	add(f.EarlierRequests > 0, "requested before")
	// Of a generation: how and where it was made, and what failed.
	if g := f.Generation; g != nil {
		add(g.Mode == policy.ModeFree, "in free mode")
		add(g.Mode == policy.ModeOwnKey, "on the customer's own key")
		add(g.Surface != policy.SurfaceEditor, "in %s", surfaceNames[g.Surface])
		add(g.Refunded > 0, "%s refunded before", Credits(s.rev.Unit, g.Refunded))
		if g.Failure != nil {
			parts = append(parts, failureCause(s.rev, f.Kind, []string{string(g.Failure.Cause)}))
		}
		add(g.FailedAttempts > 1, "failed %d times", g.FailedAttempts)
	}
	if f.Report != nil {
		parts = append(parts, s.resultWords()...)
	}
	if f.Purchase != nil {
		parts = append(parts, s.purchaseWords()...)
	}
	// A report with nothing special about it is still about a picture that nobody has seen.
	if f.Report != nil && len(parts) == 1 {
		parts = append(parts, "not looked at yet")
	}
	return strings.Join(parts, "; ")
}

// subject is what was made or bought, for how much, and when it was asked for.
func (s *scene) subject() string {
	f := s.facts
	after := span(f.RequestedAt.Sub(f.JudgedAt()))
	if g := f.Generation; g != nil {
		text := fmt.Sprintf("%s on %s for %s", g.Feature, g.Platform, Credits(s.rev.Unit, g.Price))
		// A failure is decided when it is reported, so there is no time between.
		if f.Kind == policy.KindTechnicalFailure {
			return text
		}
		return text + ", reported after " + after
	}
	return fmt.Sprintf("%s for %s, asked about after %s", f.Purchase.Package, f.Purchase.Amount.String(), after)
}

// resultWords is what the customer said of a result, what they did with it, and what was seen in
// it.
func (s *scene) resultWords() []string {
	f := s.facts
	var parts []string
	// The usual issue is not worth a word; none at all is, since rules ask for it.
	switch f.Report.Issue {
	case usualIssue:
	case "":
		parts = append(parts, issues(s.rev, f.Kind, []string{string(policy.IssueNone)}))
	default:
		parts = append(parts, issues(s.rev, f.Kind, []string{string(f.Report.Issue)}))
	}
	if f.Usage.BulkDownloaded {
		parts = append(parts, "downloaded in bulk")
	}
	if f.Usage.CommercialUse {
		parts = append(parts, "used commercially")
	}
	// Without evidence nobody has looked, and the sentence ends here.
	e := f.Evidence
	if e == nil {
		return parts
	}
	parts = append(parts, "found "+string(e.Verdict))
	if len(e.Defects) > 0 {
		parts = append(parts, "it "+list(seen(e.Defects), "and"))
	}
	if e.Input == policy.InputPoor {
		parts = append(parts, "the upload was poor")
	}
	if e.WithinExamples {
		parts = append(parts, "within the range of the examples")
	}
	return parts
}

// purchaseWords is what became of a purchase, and of the service after it.
func (s *scene) purchaseWords() []string {
	p := s.facts.Purchase
	var parts []string
	switch {
	// Spent credits only make sense where credits were granted.
	case !p.Credited:
		parts = append(parts, "never credited")
	case p.CreditsSpent == 0:
		parts = append(parts, "nothing spent")
	default:
		parts = append(parts, fmt.Sprintf("%s of %s spent", s.rev.Unit.Format(int64(p.CreditsSpent)), Credits(s.rev.Unit, p.Credits)))
	}
	if s.facts.Kind == policy.KindDuplicateCharge {
		parts = append(parts, map[bool]string{true: "the original known", false: "no original known"}[p.DuplicateOf != ""])
	}
	if p.Refunded != nil {
		parts = append(parts, p.Refunded.String()+" refunded before")
	}
	// How long the service was down, and whether it still is: the rules count from the purchase on.
	if o := s.facts.Outage; o != nil {
		down := "down for " + span(s.down())
		switch {
		case o.EndedAt == nil:
			down += " so far"
		case o.EndedAt.Before(p.PaidAt):
			down += " before the purchase"
		}
		if !o.PreventedUse {
			down += ", use not prevented"
		}
		parts = append(parts, down)
	}
	return parts
}
