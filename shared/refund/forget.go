package refund

import (
	"slices"

	"makegood/shared/ledger"
)

// Forget returns the case without what a person wrote: the customer's statement with the mark of
// its address, and staff's notes.
// Verdicts, clauses, what they rest on and who acted stay.
func (c Case) Forget() Case {
	c.Statement, c.AddressMark = nil, ""
	if c.Ruling != nil {
		c.Ruling = new(c.Ruling.forget())
	}
	if c.Proposed != nil {
		c.Proposed = new(c.Proposed.forget())
	}
	c.Overruled = slices.Clone(c.Overruled)
	for i, ruling := range c.Overruled {
		c.Overruled[i] = ruling.forget()
	}
	if c.Appeal != nil && c.Appeal.Ruling != nil {
		appeal := *c.Appeal
		appeal.Ruling = new(appeal.Ruling.forget())
		c.Appeal = &appeal
	}
	c.Skips = slices.Clone(c.Skips)
	for i := range c.Skips {
		c.Skips[i].Reason = ""
	}
	c.History = slices.Clone(c.History)
	for i, event := range c.History {
		if event.Actor == ledger.ActorStaff {
			c.History[i].Note = ""
		}
	}
	return c
}

func (r Ruling) forget() Ruling {
	r.Note = ""
	return r
}

// Open reports whether the case waits for a verdict, or for its money.
func (c Case) Open() bool {
	return c.State == StateReceived || c.State == StateInReview || c.State == StatePaying
}
