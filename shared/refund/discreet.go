package refund

import (
	"slices"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Discreet returns the case as its customer, and the app that speaks to them, may see it: nothing
// in it tells that they were suspected, see policy.Revision.Discreet. A decision whose revision is
// published no more stays as it is.
func (c Case) Discreet() Case {
	if c.Decision == nil {
		return c
	}
	decision := c.discreet(*c.Decision)
	c.Decision = &decision
	c.Earlier = slices.Clone(c.Earlier)
	for i, earlier := range c.Earlier {
		c.Earlier[i] = c.discreet(earlier)
	}
	c.History = slices.Clone(c.History)
	for i, event := range c.History { // the policy's line notes its clause
		if event.Actor == ledger.ActorSystem && event.State == StateInReview {
			c.History[i].Note = c.discreetClause(event.Note)
		}
	}
	if c.Ruling = c.discreetRuling(c.Ruling); c.Appeal != nil {
		appeal := *c.Appeal
		appeal.Ruling = c.discreetRuling(appeal.Ruling)
		c.Appeal = &appeal
	}
	return c
}

// Sentence returns the verdict whose sentence everybody but staff is told, in whichever language:
// while the case is in review that of the verdict as it stands, else that of Discreet.
func (c Case) Sentence() policy.Decision {
	if c.Decision.Outcome == policy.OutcomeInReview {
		return *c.Decision
	}
	return c.discreet(*c.Decision)
}

func (c Case) discreet(decision policy.Decision) policy.Decision {
	if revision, ok := policy.Published(decision.Policy); ok {
		return revision.Discreet(c.Kind, decision)
	}
	return decision
}

// discreetClause goes by the revision of the verdict that stands: a case is judged by one.
func (c Case) discreetClause(clause string) string {
	if revision, ok := policy.Published(c.Decision.Policy); ok {
		return revision.DiscreetClause(c.Kind, clause)
	}
	return clause
}

func (c Case) discreetRuling(ruling *Ruling) *Ruling {
	if ruling == nil || ruling.Clause == "" {
		return ruling
	}
	public := *ruling
	public.Clause = c.discreetClause(ruling.Clause)
	return &public
}
