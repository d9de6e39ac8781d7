package outage

import (
	"context"
	"time"

	"makegood/shared/fault"
)

// Correct makes the outage what is declared now, with a new estimate; one that is so already is
// left alone. What was claimed and decided by it stands; the claims that wait for downtime are
// looked at again. The declaration's Principal and Key do not matter.
//
// Errors: those of Declare; KindNotFound when there is no such outage; KindConflict CodeRunBegun
// once its run has begun, CodeWithdrawn.
func (d Declarer) Correct(ctx context.Context, id ID, declaration Declaration, now time.Time) (o Outage, err error) {
	if err := declaration.validate(); err != nil {
		return Outage{}, err
	}
	err = fault.Retry(ctx, func(ctx context.Context) error {
		prior, err := d.changeable(ctx, id)
		if err != nil {
			return err
		}
		o = prior.correct(declaration, now)
		if prior.same(o) {
			o = prior
			return nil
		}
		if err := d.judge(ctx, &o, declaration.Confirm, now); err != nil {
			return err
		}
		o = o.changed()
		return d.Store.CommitOutage(ctx, o)
	})
	if err != nil {
		return Outage{}, err
	}
	return o, d.tell(ctx, o)
}

// Withdraw makes the outage count as never declared; one that is withdrawn is left alone. What was
// claimed and decided by it stands; the claims that wait for downtime are looked at again.
// KindNotFound when there is no such outage, KindConflict CodeRunBegun once its run has begun.
func (d Declarer) Withdraw(ctx context.Context, id ID, by string, now time.Time) (withdrawn Outage, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		withdrawn, err = d.changeable(ctx, id)
		if err != nil && fault.CodeOf(err) == CodeWithdrawn {
			return nil
		}
		if err != nil {
			return err
		}
		withdrawn.WithdrawnAt, withdrawn.WithdrawnBy = now, by
		withdrawn = withdrawn.changed()
		return d.Store.CommitOutage(ctx, withdrawn)
	})
	if err != nil {
		return Outage{}, err
	}
	return withdrawn, d.tell(ctx, withdrawn)
}

// changeable returns the outage, with an error where its run has begun or it was withdrawn.
func (d Declarer) changeable(ctx context.Context, id ID) (Outage, error) {
	o, err := Find(ctx, d.Store, id)
	switch {
	case err != nil:
		return o, err
	case o.Run != nil:
		return o, fault.Errorf(fault.KindConflict, CodeRunBegun, "the outage's run has begun: declare it again, as it was")
	case o.Withdrawn():
		return o, fault.Errorf(fault.KindConflict, CodeWithdrawn, "the outage was withdrawn")
	}
	return o, nil
}

// correct returns the outage as it is declared now.
func (o Outage) correct(declaration Declaration, now time.Time) Outage {
	statement := declaration.outage(now)
	if o.First == nil {
		first := o
		first.Todo, first.Attempts = nil, 0
		o.First = &first
	}
	o.StartedAt, o.EndedAt, o.Features, o.PreventedUse = statement.StartedAt, statement.EndedAt, statement.Features, statement.PreventedUse
	o.CorrectedAt, o.CorrectedBy = now, declaration.By
	return o
}

// same reports whether both say the same.
func (o Outage) same(other Outage) bool {
	return o.alike(other) && o.StartedAt.Equal(other.StartedAt) && o.EndedAt.Equal(other.EndedAt)
}
