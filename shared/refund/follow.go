package refund

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// maxFollowed bounds how many cases of one payment follow it in one go; each kind has one, each outage one.
const maxFollowed = 20

// follow lets the cases of a payment follow what became of its money, ends the claims about it that staff resolved, and makes the case of a repeat that is to be paid back unasked.
func (d Decider) follow(ctx context.Context, id payment.ID, now time.Time) error {
	for range maxFollowed {
		p, err := d.find(ctx, id)
		if err != nil {
			return err
		}
		if p.Repaying() {
			matter := Matter{Case: DuplicateCaseID(p), Payment: id}
			err = d.settle(ctx, func(ctx context.Context) (decided, error) { return d.repay(ctx, matter, now) })
		} else if claim, ends := p.Ending(); ends {
			err = d.settle(ctx, func(ctx context.Context) (decided, error) { return d.end(ctx, id, claim.Case, now) })
		} else if lagging := p.Lagging(); len(lagging) > 0 {
			err = d.settle(ctx, func(ctx context.Context) (decided, error) { return d.lead(ctx, id, lagging[0], now) })
		} else {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fault.Busy(errors.New("refund: a payment has more cases than one message leads"))
}

// find returns the payment, KindNotFound where there is none.
func (d Decider) find(ctx context.Context, id payment.ID) (payment.Payment, error) {
	if id.Validate("payment") != nil {
		return payment.Payment{}, fault.NotFound("payment")
	}
	var found []payment.Payment
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		found, err = d.Store.FindPayments(ctx, id)
		return err
	})
	if err == nil && len(found) == 0 {
		err = fault.NotFound("payment")
	}
	if err != nil {
		return payment.Payment{}, err
	}
	return found[0], nil
}

// lead tells one case what became of its money. A name in a refund's metadata that is no case of ours is told nothing. A case that staff ruled
// onto another payment since follows that one: of this one it is noted as told, and stays as it is.
func (d Decider) lead(ctx context.Context, id payment.ID, name string, now time.Time) (decided, error) {
	caseID, err := ParseCaseID(name)
	if err != nil {
		return decided{}, err
	}
	found, err := d.Store.LoadDecision(ctx, Matter{Case: caseID, Payment: id})
	if err != nil {
		return decided{}, err
	}
	if found.Case == nil || found.Payment == nil {
		return decided{}, fault.NotFound("case")
	}
	progress := found.Payment.Progress(name)
	change := &PaymentChange{Read: found.purchase(), Change: payment.Change{After: found.Payment.Tell(name, now)}}
	effect := Effect{Before: found.Case, Case: *found.Case, Payment: change}
	outcome := change.After.Promised[name].Told
	switch {
	case outcome == "" || outcome == found.Payment.Promised[name].Told:
	case found.Case.Payment != string(id):
		slog.WarnContext(ctx, "a case is about another payment by now", "case", name, "payment", id, "progress", progress, "about", found.Case.Payment)
	default:
		effect.Case = found.Case.follow(progress, now)
		if effect.Case.State == StateInReview {
			slog.ErrorContext(ctx, "money did not go back", "case", name, "payment", id, "why", found.Payment.Promised[name].Note)
		}
	}
	return d.commit(ctx, effect)
}

// repay decides about a repeat that nobody claimed; where a claim was made, that is its case.
func (d Decider) repay(ctx context.Context, matter Matter, now time.Time) (decided, error) {
	found, err := d.Store.LoadDecision(ctx, matter)
	if err != nil {
		return decided{}, err
	}
	p := found.Payment
	if p == nil || !p.Repaying() {
		return decided{}, nil
	}
	effect := Effect{Before: found.Case}
	if found.Case != nil {
		effect.Case = *found.Case
		if effect.Case.State == StateDeclined { // decided meanwhile: staff look again
			listed := p.Undo()
			p = &listed
		}
	} else if effect, err = d.weigh(ctx, found, unasked(matter, *p, policy.KindDuplicateCharge, "two charges for one purchase", now), now); err != nil {
		return decided{}, err
	}
	if effect.Payment == nil {
		effect.Payment = &PaymentChange{Read: found.purchase(), Change: payment.Change{After: *p}}
	}
	effect.Payment.After = effect.Payment.After.Unrepay(now)
	return d.commit(ctx, effect)
}

// unasked returns a case about a payment that nobody opened: it is made with its verdict.
func unasked(matter Matter, p payment.Payment, kind policy.Kind, why string, now time.Time) Case {
	return Case{
		ID: matter.Case, Kind: kind, Customer: p.Customer(), Payment: string(p.ID), OpenedAt: now, Locale: p.Locale(),
		History: []Event{{At: now, State: StateReceived, Actor: ActorSystem, Note: why}},
	}
}
