package outage

import (
	"context"
	"time"

	"makegood/shared/fault"
)

// Correct makes the outage what is declared now, with a new estimate. An outage that is so already
// is left alone. Claims that were decided by the old declaration keep their verdicts; those that
// wait for downtime are looked at again. The declaration's Principal and Key do not matter.
//
// Errors: those of Declare; KindNotFound when there is no such outage; KindConflict CodeRunStarted
// once its run has begun, CodeWithdrawn.
func (d Declarer) Correct(ctx context.Context, id ID, declaration Declaration, now time.Time) (o Outage, err error) {
	if err := declaration.validate(); err != nil {
		return Outage{}, err
	}
	err = fault.Retry(ctx, func(ctx context.Context) error {
		// Each attempt reads anew: a run may have begun since the last one, and forbids the change.
		prior, err := d.changeable(ctx, id)
		if err != nil {
			return err
		}

		// A repeated correction must neither move CorrectedAt nor make the claims wait for another
		// look.
		o = prior.revise(declaration, now)
		if prior.equals(o) {
			o = prior
			return nil
		}
		if err := d.evaluate(ctx, &o, declaration.Confirm, now); err != nil {
			return err
		}

		// The look is due in the same commit: a process that dies after it leaves the step to the
		// sweep.
		o = o.withLookDue()
		return fault.At("outage.Correct: commit", string(id), d.Store.CommitOutage(ctx, o))
	})
	if err != nil {
		return Outage{}, err
	}
	return o, d.requestLook(ctx, o)
}

// Withdraw makes the outage count as never declared. An outage that is withdrawn is left alone.
// Claims that were decided by it keep their verdicts; those that wait for downtime are looked at
// again. KindNotFound when there is no such outage, KindConflict CodeRunStarted once its run has
// begun.
func (d Declarer) Withdraw(ctx context.Context, id ID, by string, now time.Time) (o Outage, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		o, err = d.changeable(ctx, id)
		// A replay succeeds and keeps who withdrew it first, and when.
		if err != nil && fault.CodeOf(err) == CodeWithdrawn {
			return nil
		}
		if err != nil {
			return err
		}
		o.WithdrawnAt, o.WithdrawnBy = now, by
		// Claims that waited for this downtime have none to wait for now.
		o = o.withLookDue()
		return fault.At("outage.Withdraw: commit", string(id), d.Store.CommitOutage(ctx, o))
	})
	if err != nil {
		return Outage{}, err
	}
	return o, d.requestLook(ctx, o)
}

// changeable returns the outage, with an error where its run has begun or it was withdrawn. The
// outage comes beside the error: Withdraw answers with it.
func (d Declarer) changeable(ctx context.Context, id ID) (Outage, error) {
	o, err := Find(ctx, d.Store, id)
	switch {
	case err != nil:
		return o, err
	case o.Run != nil:
		// Purchases of the pages behind the run were decided by these times.
		return o, fault.Errorf(fault.KindConflict, CodeRunStarted, "the outage's run has begun: declare it again, as it was")
	case o.Withdrawn():
		return o, fault.Errorf(fault.KindConflict, CodeWithdrawn, "the outage was withdrawn")
	}
	return o, nil
}

// revise returns the outage as it is declared now.
func (o Outage) revise(declaration Declaration, now time.Time) Outage {
	statement := declaration.outage(now)
	if o.First == nil {
		// A replay of the declaration gets this answer for ever. Steps and attempts are not part of
		// it.
		first := o
		first.Todo, first.Attempts = nil, 0
		o.First = &first
	}
	// Input stays: it identifies the first declaration under its key, not the correction.
	o.StartedAt, o.EndedAt, o.Features, o.PreventedUse = statement.StartedAt, statement.EndedAt, statement.Features, statement.PreventedUse
	o.CorrectedAt, o.CorrectedBy = now, declaration.By
	return o
}

// equals reports whether both declare the same times, features and loss of use.
func (o Outage) equals(other Outage) bool {
	return o.alike(other) && o.StartedAt.Equal(other.StartedAt) && o.EndedAt.Equal(other.EndedAt)
}
