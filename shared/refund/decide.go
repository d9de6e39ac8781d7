package refund

import (
	"context"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// Decider decides requests. Each goes one way: load, facts, verdict, effect, commit, send.
type Decider struct {
	// Store reads what a decision rests on, and commits it.
	Store Decisions
	// Policy is the stack's.
	Policy Policy
	// Notices is the queue of messages to customers.
	Notices Notices
	// Settlements is the queue of payments with money to pay out.
	Settlements payment.Settlements
	// Gateways answer about a purchase that a claim names and that is not on record.
	Gateways []payment.Gateway
	// SecondLooks is how many percent of the policy's verdicts on pictures that were looked at a
	// person looks at again.
	SecondLooks int
	// Livemode is the mode whose payments count, nil where both do.
	Livemode *bool
	// Released is called for each failed generation whose credits the policy has just given back,
	// with the instant at which it failed; nil where nobody counts.
	Released func(ctx context.Context, failedAt time.Time)

	inquiry *inquiry // of one request; nil where nothing is kept
}

// Decide takes a request to its verdict. A request is a hint: Decide reloads what it is about, and
// does nothing where no verdict is pending. A replay finds the recorded verdict, and only sends
// what is still due.
//
// Errors: KindNotFound when there is no such case, generation or payment; KindInvalid for a request
// about none of them; KindBusy when it should be tried again.
func (d Decider) Decide(ctx context.Context, request message.RefundRequested, now time.Time) error {
	// Providers are asked once for each request, however often its verdict is tried.
	d.inquiry = new(inquiry)
	// Each sort of subject has its own way to the case. All of them end in run.
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
		return d.syncCases(ctx, payment.ID(request.Payment), now)
	}
	return fault.Invalid("kind", "nobody decides %q without a case", request.Kind)
}

// run takes one decision from its load to the commit. Where another commit came between, it starts
// again from the load. Then it sends what the decision made due. Those steps are in the commit, so
// a crash before the send loses nothing: a replay, or the sweep, sends them.
func (d Decider) run(ctx context.Context, decide func(ctx context.Context) (decision, error)) error {
	outcome, err := fault.RetryFor(ctx, func(ctx context.Context) (decision, error) {
		v, err := decide(ctx)
		// No effect means that nothing changes: there is nothing to commit, but maybe to send.
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

// decideCase decides the open case, or the failed generation that has no case yet. It commits
// nothing where no verdict is pending.
func (d Decider) decideCase(ctx context.Context, subject Subject, request message.RefundRequested, now time.Time) error {
	return d.run(ctx, func(ctx context.Context) (decision, error) {
		snapshot, err := load(ctx, d.Store, subject)
		if err != nil {
			return decision{}, fault.At("refund.Decide: load", string(subject.Case), err)
		}
		v := d.begin(snapshot, now)
		// The case of a failure is made together with its verdict. Any other case was opened by its
		// request before the message was sent, so a missing one was never there.
		if snapshot.Case == nil && request.Subject() == message.AboutFailedGeneration {
			return d.decideFailure(ctx, v, request.Reason)
		}
		if snapshot.Case == nil {
			return v, fault.NotFound("case")
		}
		v.c = *snapshot.Case
		// The state alone says what is pending. Whatever the message meant, a case that is decided
		// already falls through, and a queue that delivers twice changes nothing.
		switch {
		case v.c.State == StateReceived:
			return d.evaluate(ctx, v)
		// A ruling that may still be taken back is left alone: a message comes when it is due.
		case v.c.State == StateInReview && v.c.Ruling != nil && !v.c.Ruling.Effective(v.at):
			return v.unchanged(), nil
		case v.c.State == StateInReview && v.c.Ruling != nil:
			return d.carryOut(ctx, v)
		case v.c.AwaitsDowntime():
			return d.lookAgain(ctx, v)
		}
		return v.unchanged(), nil
	})
}

// evaluate takes the case through facts, verdict and effect. It commits nothing: callers may still
// drop or change the effect.
func (d Decider) evaluate(ctx context.Context, v decision) (decision, error) {
	// A claim may name its purchase by an invoice, by a day, or not at all.
	v, err := d.locate(ctx, v)
	if err != nil {
		return v, err
	}
	if v, err = d.gather(ctx, v); err != nil {
		return v, err
	}
	// A message that overtakes the look must not decide without it: whoever looks sends another.
	if v.awaitsLook() {
		return v.unchanged(), nil
	}
	// All that the policy may ask is read by now: it answers from the facts alone.
	if v, err = v.judge(ctx); err != nil {
		return v, err
	}
	return d.complete(ctx, v)
}

// carryOut makes staff's ruling the verdict. Where the record does not allow the ruling any more,
// or the wallet has no room, the case goes back to staff, and keeps the ruling with its note.
func (d Decider) carryOut(ctx context.Context, v decision) (decision, error) {
	outcome, err := v.rule(ctx, d.Store)
	if err == nil {
		return d.withDuplicates(ctx, outcome)
	}
	// Only a refusal by the rules overrules the ruling. A store that is busy must not: the message
	// comes again, and finds the ruling still there.
	if kind := fault.KindOf(err); kind != fault.KindInvalid && kind != fault.KindConflict {
		return v, err
	}
	slog.ErrorContext(ctx, "a ruling cannot be carried out: the case goes back to staff", "case", v.c.ID, "error", err.Error())
	before := v.c
	return v.with(Effect{Before: &before, Case: v.c.reopen(v.at)}), nil
}
