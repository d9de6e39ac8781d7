package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// decideOutage decides what a declared outage gives for a payment: an offer to the customer, or
// what its run gives though nobody asked. A case that nobody asked for, and that gives nothing, is
// not made.
func (d Decider) decideOutage(ctx context.Context, request message.RefundRequested, now time.Time) error {
	run, err := d.runOf(ctx, outage.ID(request.Outage))
	if err != nil {
		return err
	}
	p, err := d.find(ctx, payment.ID(request.Payment))
	if err != nil || p.Customer() == "" {
		return err
	}
	subject := Subject{Case: outageCaseID(p.Customer(), request.Outage, p.ID), Payment: p.ID}
	if run.Give == "" {
		return d.offer(ctx, request.Outage, subject, run, now)
	}
	return d.stepWith(ctx, subject, now, func(ctx context.Context, v decision) (decision, error) {
		// What was bought since the run started, it does not judge.
		if v.snapshot.Payment == nil || v.snapshot.Payment.Purchase.PaidAt.After(run.StartedAt) {
			return v, nil
		}
		if v.snapshot.Case != nil {
			return v.unchanged(), nil
		}
		v.c = newRunCase(subject.Case, *v.snapshot.Payment, request.Outage, run)
		outcome, err := d.evaluate(ctx, v)
		if err != nil || outcome.verdict.Outcome == policy.OutcomeDeclined {
			return v, err
		}
		return outcome, nil
	})
}

// newRunCase returns the case that the outage's run makes about the payment, undecided.
func newRunCase(id CaseID, p payment.Payment, outageID string, run outage.Run) Case {
	c := newSystemCase(id, p, policy.KindOutage, outageID, run.StartedAt)
	c.Outage, c.give = outageID, run.Give
	return c
}

// runOf returns the outage's run. All that a run gives is judged by the instant at which it
// started, so one that was cut off and goes on later loses nobody's time.
func (d Decider) runOf(ctx context.Context, id outage.ID) (outage.Run, error) {
	if _, err := outage.ParseID(string(id)); err != nil {
		return outage.Run{}, err
	}
	o, err := fault.RetryFor(ctx, func(ctx context.Context) (*outage.Outage, error) { return d.Store.FindOutage(ctx, id) })
	if err != nil {
		return outage.Run{}, fault.At("refund.Decide: find outage", string(id), err)
	}
	if o == nil || o.Run == nil {
		return outage.Run{}, fault.NotFound("outage")
	}
	return *o.Run, nil
}

// offer offers the customer what a claim for the outage would give, where it would give something.
// A repeat asks again that the customer be notified, while they are not.
func (d Decider) offer(ctx context.Context, outageID string, subject Subject, run outage.Run, now time.Time) error {
	offer, err := fault.RetryFor(ctx, func(ctx context.Context) (*outage.Offer, error) {
		snapshot, err := d.Store.LoadDecision(ctx, subject)
		if err != nil {
			return nil, fault.At("refund.Decide: load for an offer", string(subject.Payment), err)
		}
		// It was claimed already, or bought since.
		if snapshot.Case != nil || snapshot.Payment == nil || snapshot.Payment.Purchase.PaidAt.After(run.StartedAt) {
			return nil, nil
		}
		v := d.begin(snapshot, now)
		v.c = newRunCase(subject.Case, *snapshot.Payment, outageID, run)
		draft, err := d.drawUp(ctx, v)
		if err != nil || draft == nil {
			return nil, err
		}
		// One downtime makes one offer for a purchase: where it exists, that is the offer.
		earlier, err := d.Store.MakeOffer(ctx, *draft)
		if err != nil {
			return nil, fault.At("refund.Decide: make offer", string(draft.ID), err)
		}
		if earlier != nil {
			return earlier, nil
		}
		return draft, nil
	})
	if err != nil || offer == nil || !offer.Untold() {
		return err
	}
	return fault.At("refund.Decide: send offer", string(offer.ID), d.Notices.NotifyOffer(ctx, message.NewOutageOffered(string(offer.ID))))
}

// drawUp returns what a claim would give by what is on record now, nil where it would give nothing,
// or not without a person.
func (d Decider) drawUp(ctx context.Context, v decision) (*outage.Offer, error) {
	v, err := d.gather(ctx, v)
	if err != nil {
		return nil, err
	}
	// Judged with its effect, so that nothing is offered that could not be given.
	if v, err = v.judge(ctx); err != nil || v.verdict.Outcome != policy.OutcomeApproved {
		return nil, err
	}
	p := *v.snapshot.Payment
	offer := &outage.Offer{
		ID: outage.NewOfferID(v.c.Customer, p.ID, v.facts.Outage.StartedAt), Customer: v.c.Customer, Payment: p.ID, Outage: outage.ID(v.c.Outage),
		PaidAt: p.Purchase.PaidAt, Met: *v.facts.Outage, Remedy: *v.verdict.Remedy, Policy: v.verdict.Policy, MadeAt: v.at,
		Locale: p.Locale(),
		Todo:   todo.List{todo.StepOffer: v.at.Add(todo.Resend)},
	}
	if window := v.facts.revision.OutageWindow(); window > 0 {
		offer.ClaimUntil = p.Purchase.PaidAt.Add(window)
	}
	return offer, nil
}
