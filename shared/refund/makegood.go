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

// makeGood decides what a declared outage gives for a payment: an offer to the customer, or what its run gives unasked. A case that nobody asked
// for, and that gives nothing, is not made.
func (d Decider) makeGood(ctx context.Context, request message.RefundRequested, now time.Time) error {
	run, err := d.runOf(ctx, outage.ID(request.Outage))
	if err != nil {
		return err
	}
	p, err := d.find(ctx, payment.ID(request.Payment))
	if err != nil || p.Customer() == "" {
		return err
	}
	matter := Matter{Case: outageCaseID(p.Customer(), request.Outage, p.ID), Payment: p.ID}
	if run.Give == "" {
		return d.offer(ctx, request.Outage, matter, run, now)
	}
	return d.settle(ctx, func(ctx context.Context) (decided, error) {
		found, err := d.Store.LoadDecision(ctx, matter)
		if err != nil || found.Payment == nil || found.Payment.Purchase.PaidAt.After(run.StartedAt) {
			return decided{}, err
		}
		if found.Case != nil {
			return decided{about: found.Case, paid: found.Payment}, nil
		}
		effect, err := d.weigh(ctx, found, byRun(matter, *found.Payment, request.Outage, run), now)
		if err != nil || effect.Case.Decision.Outcome == policy.OutcomeDeclined {
			return decided{}, err
		}
		return d.commit(ctx, effect)
	})
}

// byRun returns the case that the outage's run makes about the payment, undecided.
func byRun(matter Matter, p payment.Payment, declared string, run outage.Run) Case {
	asked := unasked(matter, p, policy.KindOutage, declared, run.StartedAt)
	asked.Outage, asked.give = declared, run.Give
	return asked
}

// runOf returns the outage's run, whose start is the instant by which all that it gives is judged: one that was cut off loses nobody's time.
func (d Decider) runOf(ctx context.Context, id outage.ID) (outage.Run, error) {
	if _, err := outage.ParseID(string(id)); err != nil {
		return outage.Run{}, err
	}
	var declared *outage.Outage
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		declared, err = d.Store.FindOutage(ctx, id)
		return err
	})
	if err == nil && (declared == nil || declared.Run == nil) {
		err = fault.NotFound("outage")
	}
	if err != nil {
		return outage.Run{}, err
	}
	return *declared.Run, nil
}

// offer offers the customer what a claim for the outage would give, where it would give something. A repeat asks again that it be told, while
// it is not.
func (d Decider) offer(ctx context.Context, declared string, matter Matter, run outage.Run, now time.Time) error {
	var made *outage.Offer
	err := fault.Retry(ctx, func(ctx context.Context) error {
		found, err := d.Store.LoadDecision(ctx, matter)
		if err != nil || found.Case != nil || found.Payment == nil || found.Payment.Purchase.PaidAt.After(run.StartedAt) {
			return err // it was claimed already, or bought since
		}
		offer, err := d.drawUp(ctx, found, byRun(matter, *found.Payment, declared, run), now)
		if err != nil || offer == nil {
			return err
		}
		earlier, err := d.Store.MakeOffer(ctx, *offer)
		if made = offer; earlier != nil {
			made = earlier
		}
		return err
	})
	if err != nil || made == nil || !made.Untold() {
		return err
	}
	return d.Notices.TellOffer(ctx, message.NewOutageOffered(string(made.ID)))
}

// drawUp returns what a claim would give by what stands now, nil where it would give nothing, or not without a person.
func (d Decider) drawUp(ctx context.Context, found Snapshot, asked Case, now time.Time) (*outage.Offer, error) {
	published, err := d.Policy()
	if err != nil {
		return nil, err
	}
	facts, err := d.gather(ctx, published, found, asked, now)
	if err != nil {
		return nil, err
	}
	verdict, _, err := judge(found, facts, asked, now)
	if err != nil || verdict.Outcome != policy.OutcomeApproved {
		return nil, err
	}
	p := *found.Payment
	offer := &outage.Offer{
		ID: outage.NewOfferID(asked.Customer, p.ID, facts.Outage.StartedAt), Customer: asked.Customer, Payment: p.ID, Outage: outage.ID(asked.Outage),
		PaidAt: p.Purchase.PaidAt, Met: *facts.Outage, Remedy: *verdict.Remedy, Policy: verdict.Policy, MadeAt: now,
		Locale: p.Locale(),
		Todo:   todo.List{todo.StepOffer: now.Add(todo.Resend)},
	}
	if window := facts.revision.OutageWindow(); window > 0 {
		offer.ClaimUntil = p.Purchase.PaidAt.Add(window)
	}
	return offer, nil
}
