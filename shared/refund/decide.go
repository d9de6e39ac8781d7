package refund

import (
	"context"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// Decider decides requests. Each goes one way: load, facts, verdict, effect, commit, send.
type Decider struct {
	// Store reads what a decision rests on, and commits it.
	Store Decisions
	// Policy opens the stack's policy. It is asked for each request, and costs nothing after the
	// first.
	Policy func() (Policy, error)
	// Notices takes what customers are to be told.
	Notices Notices
	// Settlements takes payments that owe money.
	Settlements payment.Settlements
	// Gateways are asked about a purchase that a claim names and that is not on record.
	Gateways []payment.Gateway
	// Livemode is the mode whose payments count, nil where either does.
	Livemode *bool

	inquiry *inquiry // of one request; nil where nothing is kept
}

// Decide answers a request. A request is a question: Decide reloads what it is about, and does
// nothing where nothing waits for a verdict. A repeat gets the recorded verdict, and what is still
// owed of it goes out again. KindNotFound when there is no such case, generation or payment,
// KindInvalid for a request about none, KindBusy when it should be tried again.
func (d Decider) Decide(ctx context.Context, request message.RefundRequested, now time.Time) error {
	// Providers are asked once for each request, however often its verdict is tried.
	d.inquiry = new(inquiry)
	switch request.Subject() {
	case message.AboutCase:
		id, err := ParseCaseID(request.Case)
		if err != nil {
			return err
		}
		return d.decideCase(ctx, caseSubject(id, request.Generation, request.Payment), request, now)
	case message.AboutFailedGeneration:
		id, err := generation.ParseID(request.Generation)
		if err != nil {
			return err
		}
		return d.decideCase(ctx, Subject{Case: FailureCaseID(id), Generation: id}, request, now)
	case message.AboutOutagePayment:
		return d.decideOutage(ctx, request, now)
	case message.AboutPaymentCases:
		return d.follow(ctx, payment.ID(request.Payment), now)
	}
	return fault.Invalid("kind", "nobody decides %q without a case", request.Kind)
}

// run takes one decision from its load to the commit, and again from the load where another commit
// came between. Then it sends what the decision owes: that is recorded with it, so a repeat sends
// it again.
func (d Decider) run(ctx context.Context, decide func(ctx context.Context) (decision, error)) error {
	outcome, err := fault.RetryFor(ctx, func(ctx context.Context) (decision, error) {
		v, err := decide(ctx)
		if err != nil || v.effect == nil {
			return v, err
		}
		return d.commit(ctx, v)
	})
	if err != nil {
		return err
	}
	return d.send(ctx, outcome)
}

// decideCase decides the open case, or the failed generation that has no case yet. Nothing is
// committed where nothing waits for a verdict.
func (d Decider) decideCase(ctx context.Context, subject Subject, request message.RefundRequested, now time.Time) error {
	return d.run(ctx, func(ctx context.Context) (decision, error) {
		snapshot, err := load(ctx, d.Store, subject)
		if err != nil {
			return decision{}, fault.At("refund.Decide: load", string(subject.Case), err)
		}
		v := decision{at: now, actor: ledger.ActorSystem, snapshot: snapshot}
		if snapshot.Case == nil && request.Subject() == message.AboutFailedGeneration {
			return d.decideFailure(ctx, v, request.Reason)
		}
		if snapshot.Case == nil {
			return v, fault.NotFound("case")
		}
		v.c = *snapshot.Case
		switch {
		case v.c.State == StateReceived:
			return d.evaluate(ctx, v)
		case v.c.State == StateInReview && v.c.Ruling != nil:
			return d.carryOut(ctx, v)
		case v.c.AwaitsDowntime():
			return d.lookAgain(ctx, v)
		}
		return v.unchanged(), nil
	})
}

// evaluate takes the case through facts, verdict and effect. It commits nothing.
func (d Decider) evaluate(ctx context.Context, v decision) (decision, error) {
	v, err := d.withPolicy(v)
	if err != nil {
		return v, err
	}
	if v, err = d.locate(ctx, v); err != nil {
		return v, err
	}
	if v, err = d.gather(ctx, v); err != nil {
		return v, err
	}
	if v, err = v.judge(); err != nil {
		return v, err
	}
	return d.complete(ctx, v)
}

// carryOut makes staff's ruling the verdict. The facts may not allow it any more, or the wallet
// cannot take it: then the case goes back to staff, and the ruling is kept with its note.
func (d Decider) carryOut(ctx context.Context, v decision) (decision, error) {
	v, err := d.withPolicy(v)
	if err != nil {
		return v, err
	}
	outcome, err := v.rule(ctx, d.Store)
	if err == nil {
		return d.withDuplicates(ctx, outcome)
	}
	if kind := fault.KindOf(err); kind != fault.KindInvalid && kind != fault.KindConflict {
		return v, err
	}
	slog.ErrorContext(ctx, "a ruling cannot be carried out: the case goes back to staff", "case", v.c.ID, "error", err)
	before := v.c
	return v.with(Effect{Before: &before, Case: v.c.reopen(v.at)}), nil
}
