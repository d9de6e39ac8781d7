package refund

import (
	"context"
	"maps"
	"slices"
	"time"

	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// maxLooks bounds how many verdicts a claim that waits for an outage keeps: past it, another reason for its review is not recorded.
const maxLooks = 20

// downtime finds the outage in question as it is known now: the case's own, or one that the purchase met and that had begun when it was claimed.
// Where none is declared, the record is not complete. A run judges by its own instant, which is when its case was opened.
func (d Decider) downtime(ctx context.Context, facts *facts, asked Case, now time.Time) error {
	declared, err := d.Store.Outages(ctx)
	if err != nil {
		return err
	}
	named := outage.ID(asked.Outage)
	if named != "" && !slices.ContainsFunc(declared, func(o outage.Outage) bool { return o.ID == named }) { // older than those in view
		own, err := d.Store.FindOutage(ctx, named)
		if err != nil {
			return err
		}
		if own != nil {
			declared = append(declared, *own)
		}
	}
	at := asked.OpenedAt
	if asked.claimed() && now.After(at) {
		at = now
	}
	met := outage.Met(declared, named, facts.Purchase.PaidAt, at)
	if named == "" {
		met = slices.DeleteFunc(met, func(one outage.Downtime) bool { return one.StartedAt.After(asked.OpenedAt) })
	}
	for i := range met {
		met[i].InCredits = asked.give == outage.GiveCredits
		if at.After(asked.OpenedAt) {
			met[i].AsOf = &at
		}
	}
	facts.rely(met)
	return nil
}

// rely takes the first of the downtimes by which the policy approves, else the first that keeps the request in review, since it may come to that,
// else the first.
func (f *facts) rely(met []outage.Downtime) {
	f.complete = len(met) > 0
	best := 0
	for _, one := range met {
		tried := *f
		tried.Outage = &one.OutageFacts
		rank := 1
		switch verdict, err := policy.Decide(f.revision, tried.Facts); {
		case err == nil && verdict.Outcome == policy.OutcomeApproved:
			rank = 3
		case err == nil && verdict.Outcome == policy.OutcomeInReview:
			rank = 2
		}
		if rank <= best {
			continue
		}
		best, f.Outage, f.lookAt = rank, tried.Outage, time.Time{}
		if one.EndedAt == nil {
			f.lookAt = sooner(f.revision.LongEnough(tried.Facts), one.EndsAt)
		}
	}
}

// sooner returns the sooner of two instants, of which a zero one is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// claimed reports whether somebody asked for the case.
func (c Case) claimed() bool { return c.Origin != Origin{} }

// AwaitsDowntime reports whether the case is a claim that staff have not ruled on, and that an outage which is declared, goes on or ends may decide.
func (c Case) AwaitsDowntime() bool {
	return c.Kind == policy.KindOutage && c.Waiting() && c.claimed() && c.Appeal == nil &&
		c.Decision != nil && c.Decision.Outcome == policy.OutcomeInReview
}

// await returns the case with the instant at which it is looked at again by itself, where it waits for one.
func (c Case) await(lookAt time.Time) Case {
	steps := maps.Clone(c.Todo)
	delete(steps, todo.StepDowntime)
	if c.AwaitsDowntime() && !lookAt.IsZero() {
		if steps == nil {
			steps = todo.List{}
		}
		steps[todo.StepDowntime] = lookAt
	}
	if c.Todo = steps; len(steps) == 0 {
		c.Todo = nil
	}
	return c
}

// lookAgain decides a claim once more that waits for an outage, by what is declared now. One that stays in review waits on: its customer was told so.
func (d Decider) lookAgain(ctx context.Context, found Snapshot, waits Case, now time.Time) (decided, error) {
	asked := waits.Decision
	effect := Effect{Before: &waits, Case: waits.await(time.Time{})}
	if p := found.Payment; p != nil && p.Customer() == waits.Customer {
		var err error
		if effect, err = d.weigh(ctx, found, waits, now); err != nil {
			return decided{}, err
		}
		if effect.Case.State != StateInReview {
			effect.untie(found, now)
			return d.commit(ctx, effect)
		}
		after := effect.Case.waitsOn(waits)
		if after.Decision.Clause == asked.Clause || len(waits.Earlier) >= maxLooks {
			effect = Effect{Before: &waits, Case: waits.await(after.Todo[todo.StepDowntime])}
		} else {
			effect.Case = after
		}
	}
	if effect.Case.Decision == asked && maps.EqualFunc(effect.Case.Todo, waits.Todo, time.Time.Equal) {
		return decided{about: &waits, paid: found.Payment}, nil
	}
	return d.commit(ctx, effect)
}

// waitsOn returns the case in review with what it owed of its notice before, and no more: the customer knows already that it is in review.
func (c Case) waitsOn(before Case) Case {
	lookAt := c.Todo[todo.StepDowntime]
	c.Notice, c.ToldAt, c.Todo = before.Notice, before.ToldAt, before.Todo
	return c.await(lookAt)
}
