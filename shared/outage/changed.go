package outage

import (
	"context"
	"maps"
	"time"

	"makegood/shared/message"
	"makegood/shared/todo"
)

// changed returns the outage as one whose change the claims that wait for downtime are looked at
// by: at once, and again once every decision that was under way at the change is over, and every
// index shows what it left.
func (o Outage) changed() Outage {
	return o.owing(todo.StepClaims, o.changedAt().Add(todo.Resend))
}

// changedAt returns when the outage was declared, corrected or withdrawn last.
func (o Outage) changedAt() time.Time {
	at := o.DeclaredAt
	for _, later := range []time.Time{o.CorrectedAt, o.WithdrawnAt} {
		if later.After(at) {
			at = later
		}
	}
	return at
}

// Looking reports whether the claims that wait for downtime are still to be looked at.
// Why: infra/decisions/0036.
func (o Outage) Looking() bool { return o.Todo.Has(todo.StepClaims) }

// Looked returns the outage after a look at all claims that began then; false where they are to be
// looked at once more, or nothing is owed.
func (o Outage) Looked(began time.Time) (Outage, bool) {
	if !o.Looking() || began.Before(o.changedAt().Add(todo.Resend)) {
		return o, false
	}
	return o.owing(todo.StepClaims, time.Time{}), true
}

// owing returns the outage with the step due then, or without it where that is zero; its attempts
// begin anew.
func (o Outage) owing(step todo.Step, due time.Time) Outage {
	steps := todo.List{}
	maps.Copy(steps, o.Todo)
	delete(steps, step)
	if !due.IsZero() {
		steps[step] = due
	}
	if o.Todo, o.Attempts = steps, 0; len(steps) == 0 {
		o.Todo = nil
	}
	return o
}

// tell asks for a look at the claims, where the outage owes one: a repeat asks again.
func (d Declarer) tell(ctx context.Context, o Outage) error {
	if !o.Looking() {
		return nil
	}
	return d.Looks.LookAgain(ctx, message.NewOutageChanged(string(o.ID)))
}
