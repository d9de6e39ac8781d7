package refund

import (
	"context"
	"maps"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/origin"
	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// maxLooks bounds how many verdicts a claim that waits for an outage keeps: past it, another reason
// for its review is not recorded.
const maxLooks = 20

// meetOutages finds the outage in question as it is known now: the case's own, or one that the
// purchase met and that had begun when it was claimed. Where none is declared, the record is not
// complete. A run judges by its own instant, which is when its case was opened.
func (d Decider) meetOutages(ctx context.Context, v *decision) error {
	outages, err := d.Store.Outages(ctx)
	if err != nil {
		return fault.At("refund.Decide: read outages", string(v.c.ID), err)
	}
	// The case's own may be older than those in view.
	id := outage.ID(v.c.Outage)
	if id != "" && !slices.ContainsFunc(outages, func(o outage.Outage) bool { return o.ID == id }) {
		own, err := d.Store.FindOutage(ctx, id)
		if err != nil {
			return fault.At("refund.Decide: read outage "+v.c.Outage, string(v.c.ID), err)
		}
		if own != nil {
			outages = append(outages, *own)
		}
	}
	// A claim is decided by what is known now, a run's case by what was known when the run started.
	at := v.c.OpenedAt
	if v.c.claimed() && v.at.After(at) {
		at = v.at
	}
	downtimes := outage.Met(outages, id, v.facts.Purchase.PaidAt, at)
	if id == "" {
		downtimes = slices.DeleteFunc(downtimes, func(one outage.Downtime) bool { return one.StartedAt.After(v.c.OpenedAt) })
	}
	for i := range downtimes {
		downtimes[i].InCredits = v.c.give == outage.GiveCredits
		if at.After(v.c.OpenedAt) {
			downtimes[i].AsOf = &at
		}
	}
	v.facts.rely(downtimes)
	return nil
}

// rely takes the first of the downtimes by which the policy approves, else the first that keeps the
// request in review, since it may come to that, else the first.
func (f *facts) rely(downtimes []outage.Downtime) {
	f.complete = len(downtimes) > 0
	best := 0
	for _, one := range downtimes {
		with := *f
		with.Outage = &one.OutageFacts
		rank := 1
		switch verdict, err := policy.Decide(f.revision, with.Facts); {
		case err == nil && verdict.Outcome == policy.OutcomeApproved:
			rank = 3
		case err == nil && verdict.Outcome == policy.OutcomeInReview:
			rank = 2
		}
		if rank <= best {
			continue
		}
		best, f.Outage, f.lookAt = rank, with.Outage, time.Time{}
		// One that goes on is looked at again once it is long enough, or over.
		if one.EndedAt == nil {
			f.lookAt = sooner(f.revision.LongEnough(with.Facts), one.EndsAt)
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
func (c Case) claimed() bool { return c.Origin != origin.Origin{} }

// AwaitsDowntime reports whether the case is a claim that staff have not ruled on, and that an
// outage which is declared, goes on or ends may decide.
func (c Case) AwaitsDowntime() bool {
	return c.Kind == policy.KindOutage && c.Waiting() && c.claimed() && c.Appeal == nil &&
		c.Decision != nil && c.Decision.Outcome == policy.OutcomeInReview
}

// await returns the case with the instant at which it is looked at again by itself, where it waits
// for one.
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

// lookAgain decides a claim once more that waits for an outage, by what is declared now. One that
// stays in review waits on: its customer was told so.
func (d Decider) lookAgain(ctx context.Context, v decision) (decision, error) {
	before := v.c
	next := before.await(time.Time{})
	if v.ownsPayment() {
		outcome, err := d.evaluate(ctx, v)
		if err != nil {
			return v, err
		}
		after := outcome.effect.Case
		if after.State != StateInReview {
			outcome.effect.untie(v)
			return outcome, nil
		}
		// Another reason for the review is recorded, but for maxLooks times only: the case keeps
		// each.
		if after.Decision.Clause != before.Decision.Clause && len(before.Earlier) < maxLooks {
			outcome.effect.Case = after.waitsOn(before)
			return outcome, nil
		}
		next = before.await(after.waitsOn(before).Todo[todo.StepDowntime])
	}
	// Nothing is written where the case waits for the same instant as before.
	if maps.EqualFunc(next.Todo, before.Todo, time.Time.Equal) {
		return v.unchanged(), nil
	}
	return v.with(Effect{Before: &before, Case: next}), nil
}

// waitsOn returns the case in review with what it owed of its notice before, and no more: the
// customer knows already that it is in review.
func (c Case) waitsOn(before Case) Case {
	lookAt := c.Todo[todo.StepDowntime]
	c.Notice, c.NotifiedAt, c.Todo = before.Notice, before.NotifiedAt, before.Todo
	return c.await(lookAt)
}
