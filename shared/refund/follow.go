package refund

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// maxFollowed bounds how many cases of one payment follow it in one go; each kind has one, each
// outage one.
const maxFollowed = 20

// syncCases lets the cases of a payment follow what became of its money: it ends the claims that
// staff resolved, makes the case of a duplicate that is to be paid back though nobody claimed it,
// and syncs the rest. Each is a commit of its own, after which the payment is read again.
func (d Decider) syncCases(ctx context.Context, id payment.ID, now time.Time) error {
	for range maxFollowed {
		p, err := d.find(ctx, id)
		if err != nil {
			return err
		}
		claim, ends := p.EndedClaim()
		names := p.Unsynced()
		switch {
		case p.Repaying():
			err = d.stepWith(ctx, Subject{Case: DuplicateCaseID(p), Payment: id}, now, d.repay)
		case ends:
			err = d.syncCase(ctx, id, claim.Case, now, d.end)
		case len(names) > 0:
			err = d.syncCase(ctx, id, names[0], now, d.sync)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return fault.Busy(errors.New("refund: a payment has more cases than one message syncs"))
}

// step takes what was read one step further.
type step func(ctx context.Context, v decision) (decision, error)

// syncCase takes one step of a case that the payment names. A name in a refund's metadata may be
// no case of ours.
func (d Decider) syncCase(ctx context.Context, id payment.ID, name string, now time.Time, take step) error {
	caseID, err := ParseCaseID(name)
	if err != nil {
		return err
	}
	return d.stepWith(ctx, Subject{Case: caseID, Payment: id}, now, func(ctx context.Context, v decision) (decision, error) {
		if v.snapshot.Case == nil || v.snapshot.Payment == nil {
			return v, fault.NotFound("case")
		}
		return take(ctx, v)
	})
}

// stepWith reads the subject, with this payment even where the case is about another by now, and
// takes the step.
func (d Decider) stepWith(ctx context.Context, subject Subject, now time.Time, take step) error {
	return d.run(ctx, func(ctx context.Context) (decision, error) {
		snapshot, err := d.Store.LoadDecision(ctx, subject)
		if err != nil {
			return decision{}, fault.At("refund.Decide: load payment "+string(subject.Payment), string(subject.Case), err)
		}
		return take(ctx, d.begin(snapshot, now))
	})
}

// find returns the payment, KindNotFound where there is none.
func (d Decider) find(ctx context.Context, id payment.ID) (payment.Payment, error) {
	if id.Validate("payment") != nil {
		return payment.Payment{}, fault.NotFound("payment")
	}
	payments, err := fault.RetryFor(ctx, func(ctx context.Context) ([]payment.Payment, error) {
		return d.Store.FindPayments(ctx, id)
	})
	if err != nil {
		return payment.Payment{}, fault.At("refund.Decide: find payment", string(id), err)
	}
	if len(payments) == 0 {
		return payment.Payment{}, fault.NotFound("payment")
	}
	return payments[0], nil
}

// sync lets one case follow what became of its money on the payment. A case that staff ruled onto
// another payment since follows that one: on this one it is noted as synced, and stays as it is.
func (d Decider) sync(ctx context.Context, v decision) (decision, error) {
	c, p := *v.snapshot.Case, *v.snapshot.Payment
	name := string(c.ID)
	progress := p.Progress(name)
	effect := Effect{Before: v.snapshot.Case, Case: c}
	effect.write(v, p.RecordSync(name, v.at))
	before, after := p.Promised[name], effect.Payment.After.Promised[name]
	switch {
	case after.Synced == "" || after.Synced == before.Synced:
		// Nothing came of the money since: the case stays.
	case c.Payment != string(p.ID):
		slog.WarnContext(ctx, "a case is about another payment by now: it is not synced",
			"case", name, "payment", p.ID, "progress", progress, "about", c.Payment)
	default:
		effect.Case = c.sync(progress, v.at)
		if effect.Case.State == StateInReview {
			slog.ErrorContext(ctx, "money did not go back", "case", name, "payment", p.ID, "error", before.Note)
		}
	}
	return v.with(effect), nil
}

// repay decides about a duplicate that nobody claimed; where a claim was made, that is its case.
func (d Decider) repay(ctx context.Context, v decision) (decision, error) {
	p := v.snapshot.Payment
	if p == nil || !p.Repaying() {
		return v, nil // another message was faster
	}
	after := *p
	var effect Effect
	switch {
	case v.snapshot.Case == nil:
		v.c = newSystemCase(DuplicateCaseID(*p), *p, policy.KindDuplicateCharge, "two charges for one purchase", v.at)
		outcome, err := d.evaluate(ctx, v)
		if err != nil {
			return v, err
		}
		v, effect = outcome, *outcome.effect
	case v.snapshot.Case.State == StateDeclined: // a claim was declined meanwhile: staff look again
		after = p.Undo()
		effect = Effect{Before: v.snapshot.Case, Case: *v.snapshot.Case}
	default:
		effect = Effect{Before: v.snapshot.Case, Case: *v.snapshot.Case}
	}
	if effect.Payment == nil {
		effect.write(v, after)
	}
	effect.Payment.After = effect.Payment.After.ClearRepay(v.at)
	return v.with(effect), nil
}

// newSystemCase returns a case about a payment that nobody opened: it is made with its verdict.
func newSystemCase(id CaseID, p payment.Payment, kind policy.Kind, note string, now time.Time) Case {
	return Case{
		ID: id, Kind: kind, Customer: p.Customer(), Payment: string(p.ID), OpenedAt: now, Locale: p.Locale(),
		History: []Event{{At: now, State: StateReceived, Actor: ledger.ActorSystem, Note: note}},
	}
}
