package refund

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Final is a verdict that approved or declined, as it was given. What put the case in review, or
// took an appeal in, is none.
type Final struct {
	policy.Decision
	// At is when it was given.
	At time.Time
	// ByPerson says that a person decided, and not the policy by itself.
	ByPerson bool
	// First says that it is the first of its case.
	First bool
	// Appealed says that it is the answer to the case's appeal.
	Appealed bool
	// Since is when the question was asked that it answers: when the case was opened, or appealed.
	// Zero where it answers none, since it replaced one whose money did not go back.
	Since time.Time
	// PromisedBy is when the answer was promised, nil where nothing was.
	PromisedBy *time.Time
}

// Finals returns the verdicts of the case that approved or declined, oldest first. Each has a line
// of the history: the one by which the case left review, or was decided at once.
func (c Case) Finals() []Final {
	lines := c.finalLines()
	var finals []Final
	var promise *time.Time
	appealed := false
	for _, verdict := range c.Verdicts() {
		if verdict.Outcome == policy.OutcomeInReview {
			promise, appealed = verdict.RespondBy, appealed || verdict.Receipt()
			continue
		}
		if len(finals) == len(lines) {
			break // a verdict without a line has no instant
		}
		line := lines[len(finals)]
		final := Final{
			Decision: verdict, At: line.At, ByPerson: line.Actor == ledger.ActorStaff, First: len(finals) == 0, Appealed: appealed, PromisedBy: promise,
		}
		switch {
		case final.First:
			final.Since = c.OpenedAt
		case appealed:
			final.Since = c.Appeal.At
		}
		finals, promise, appealed = append(finals, final), nil, false
	}
	return finals
}

// finalLines returns the lines of the history by which the case came to be approved or declined. A
// later line of such a state repeats it, and only notes something.
func (c Case) finalLines() []Event {
	var lines []Event
	prior := State("")
	for _, event := range c.History {
		final := event.State == StateApproved || event.State == StatePaying || event.State == StateDeclined
		if final && event.State != prior {
			lines = append(lines, event)
		}
		prior = event.State
	}
	return lines
}

// FinalAt returns when the case was last approved or declined, zero where it never was.
func (c Case) FinalAt() time.Time {
	lines := c.finalLines()
	if len(lines) == 0 {
		return time.Time{}
	}
	return lines[len(lines)-1].At
}
