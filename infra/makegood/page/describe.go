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
	said := []string{s.subject()}
	add := func(when bool, format string, args ...any) {
		if when {
			said = append(said, fmt.Sprintf(format, args...))
		}
	}
	if f.Customer.Standing != ledger.StandingGood {
		add(true, "the customer is %s", f.Customer.Standing)
	}
	add(f.Customer.Requests30d > 0, "%d reports in the last 30 days", f.Customer.Requests30d)
	add(f.EarlierRequests > 0, "requested before")
	if g := f.Generation; g != nil {
		add(g.Mode == policy.ModeFree, "in free mode")
		add(g.Mode == policy.ModeOwnKey, "on the customer's own key")
		add(g.Surface != policy.SurfaceEditor, "in %s", surfaceNames[g.Surface])
		add(g.Refunded > 0, "%s refunded before", Credits(s.rev.Unit, g.Refunded))
		if g.Failure != nil {
			said = append(said, failureCause(s.rev, f.Kind, []string{string(g.Failure.Cause)}))
		}
		add(g.FailedAttempts > 1, "failed %d times", g.FailedAttempts)
	}
	if f.Report != nil {
		said = append(said, s.reported()...)
	}
	if f.Purchase != nil {
		said = append(said, s.bought()...)
	}
	if f.Report != nil && len(said) == 1 {
		said = append(said, "not looked at yet")
	}
	return strings.Join(said, "; ")
}

// subject is what was made or bought, for how much, and when it was asked for.
func (s *scene) subject() string {
	f := s.facts
	after := span(f.RequestedAt.Sub(f.JudgedAt()))
	if g := f.Generation; g != nil {
		made := fmt.Sprintf("%s on %s for %s", g.Feature, g.Platform, Credits(s.rev.Unit, g.Price))
		if f.Kind == policy.KindTechnicalFailure {
			return made
		}
		return made + ", reported after " + after
	}
	return fmt.Sprintf("%s for %s, asked about after %s", f.Purchase.Package, f.Purchase.Amount.String(), after)
}

// reported is what the customer said of a result, what they did with it, and what was seen in it.
func (s *scene) reported() []string {
	f := s.facts
	var said []string
	switch f.Report.Issue {
	case usualIssue:
	case "":
		said = append(said, issues(s.rev, f.Kind, []string{string(policy.IssueNone)}))
	default:
		said = append(said, issues(s.rev, f.Kind, []string{string(f.Report.Issue)}))
	}
	if f.Usage.BulkDownloaded {
		said = append(said, "downloaded in bulk")
	}
	if f.Usage.CommercialUse {
		said = append(said, "used commercially")
	}
	e := f.Evidence
	if e == nil {
		return said
	}
	said = append(said, "found "+string(e.Verdict))
	if len(e.Defects) > 0 {
		said = append(said, list(e.Defects, "and"))
	}
	if e.Input == policy.InputPoor {
		said = append(said, "the upload was poor")
	}
	if e.WithinExamples {
		said = append(said, "within the range of the examples")
	}
	return said
}

// bought is what became of a purchase, and of the service after it.
func (s *scene) bought() []string {
	p := s.facts.Purchase
	var said []string
	switch {
	case !p.Credited:
		said = append(said, "never credited")
	case p.CreditsSpent == 0:
		said = append(said, "nothing spent")
	default:
		said = append(said, fmt.Sprintf("%s of %s spent", s.rev.Unit.Format(int64(p.CreditsSpent)), Credits(s.rev.Unit, p.Credits)))
	}
	if s.facts.Kind == policy.KindDuplicateCharge {
		said = append(said, map[bool]string{true: "the original known", false: "no original known"}[p.DuplicateOf != ""])
	}
	if p.Refunded != nil {
		said = append(said, p.Refunded.String()+" refunded before")
	}
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
		said = append(said, down)
	}
	return said
}
