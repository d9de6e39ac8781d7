package refund

import (
	"slices"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Discreet returns the case as its customer, and the app that speaks to them, may see it. Nothing
// in it tells that they were suspected: see policy.Revision.Discreet. A decision whose revision has
// no file any more stays as it is.
func (c Case) Discreet() Case {
	if c.Decision == nil {
		return c
	}
	// Each place that names a clause: the verdicts, the history, and the rulings. All are copied,
	// since staff read the same case unchanged.
	decision := c.discreet(*c.Decision)
	c.Decision = &decision
	c.Earlier = slices.Clone(c.Earlier)
	for i, earlier := range c.Earlier {
		c.Earlier[i] = c.discreet(earlier)
	}
	c.History = slices.Clone(c.History)
	for i, event := range c.History {
		// Of all lines, only the policy's own into review has a clause as its note.
		if event.Actor == ledger.ActorSystem && event.State == StateInReview {
			c.History[i].Note = c.discreetClause(event.Note)
		}
	}
	// What is only proposed is staff's own matter.
	c.Proposed = nil
	if c.Ruling = c.discreetRuling(c.Ruling); c.Appeal != nil {
		appeal := *c.Appeal
		appeal.Ruling = c.discreetRuling(appeal.Ruling)
		c.Appeal = &appeal
	}
	return c
}

// Sentence returns the verdict whose sentence everybody but staff reads, in whichever language.
// While the case is in review it is the verdict in force, else that of Discreet.
func (c Case) Sentence() policy.Decision {
	if c.Decision.Outcome == policy.OutcomeInReview {
		return *c.Decision
	}
	return c.discreet(*c.Decision)
}

// discreet returns the verdict as the customer may see it.
func (c Case) discreet(decision policy.Decision) policy.Decision {
	if revision, ok := policy.Published(decision.Policy); ok {
		return revision.Discreet(c.Kind, decision)
	}
	return decision
}

// discreetClause returns the clause as the customer may see it. It goes by the revision of the
// verdict in force: all verdicts of a case are by one revision.
func (c Case) discreetClause(clause string) string {
	if revision, ok := policy.Published(c.Decision.Policy); ok {
		return revision.DiscreetClause(c.Kind, clause)
	}
	return clause
}

// discreetRuling returns the ruling as the customer may see it.
func (c Case) discreetRuling(ruling *Ruling) *Ruling {
	if ruling == nil || ruling.Clause == "" {
		return ruling
	}
	public := *ruling
	public.Clause = c.discreetClause(ruling.Clause)
	return &public
}
