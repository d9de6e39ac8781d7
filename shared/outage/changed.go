package outage

import (
	"context"
	"maps"
	"time"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// withLookDue returns the outage with the step that looks again at the claims that wait for
// downtime. Claims are looked at twice: at once, and again after todo.Resend. By then every
// decision that was under way at the change is over, and every index shows what it left.
func (o Outage) withLookDue() Outage {
	return o.schedule(todo.StepClaims, o.changedAt().Add(todo.Resend))
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

// Looked returns the outage after a look at all claims that began then. It is false where the
// claims are to be looked at once more, or no look is due.
func (o Outage) Looked(began time.Time) (Outage, bool) {
	// A look that began sooner may have missed a claim whose decision was still under way. Only one
	// that began after todo.Resend ends the step.
	if !o.Looking() || began.Before(o.changedAt().Add(todo.Resend)) {
		return o, false
	}
	return o.schedule(todo.StepClaims, time.Time{}), true
}

// schedule returns the outage with the step due then, or without it where that is zero. Its
// attempts begin anew.
func (o Outage) schedule(step todo.Step, due time.Time) Outage {
	// A copy: the caller's outage shares the map and may still be compared or committed.
	steps := todo.List{}
	maps.Copy(steps, o.Todo)
	delete(steps, step)
	if !due.IsZero() {
		steps[step] = due
	}
	// No steps are a nil list, as a store returns them: equal outages compare.
	if o.Todo, o.Attempts = steps, 0; len(steps) == 0 {
		o.Todo = nil
	}
	return o
}

// requestLook asks for a look at the claims, where one is due. A replay asks again: the first
// message may have been lost.
func (d Declarer) requestLook(ctx context.Context, o Outage) error {
	if !o.Looking() {
		return nil
	}
	return fault.At("outage: request look at claims", string(o.ID), d.Looks.LookAgain(ctx, message.NewOutageChanged(string(o.ID))))
}
