package payment

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// Settler settles payments with their providers: it applies what they report, and orders the
// refunds that are due.
// Why: infra/decisions/0013.
type Settler struct {
	// Receiver applies facts and edits payments.
	Receiver Receiver
	// Gateways are the providers' APIs, by the provider's name.
	Gateways map[string]Gateway
	// Requests takes the sync of cases with their payment.
	Requests Requests
}

// Settle grants a purchase whose wallet has room by now, and orders the refunds that are due. It
// looks before it pays: what the provider already did for a case is applied first, so that a call
// whose answer was lost is never made again. A replay finds nothing due. KindNotFound for an
// unknown payment, KindBusy when it should be tried again.
func (s Settler) Settle(ctx context.Context, id ID, now time.Time) error {
	// An edit that changes nothing still judges the payment again: room that has come is used.
	p, err := s.Receiver.change(ctx, id, "", ledger.Cause{Actor: ledger.ActorSystem}, now, identity)
	if err != nil {
		return err
	}
	current := p.Payment
	if current.Todo.Has(todo.StepPay) || current.Todo.Has(todo.StepLook) {
		if current, err = s.settle(ctx, current, now); err != nil {
			return err
		}
	}
	// Still no room: the step must get a new instant, or the sweep would come at once again.
	if current.Todo.Has(todo.StepRoom) {
		if current, err = s.putOff(ctx, current, todo.StepRoom, now); err != nil {
			return err
		}
	}
	// Cases sync last: by now the payment has the outcome that they wait for.
	return Outbox{Requests: s.Requests}.Send(ctx, current)
}

// putOff gives a step that led to nothing a new instant, however often it was put off before.
func (s Settler) putOff(ctx context.Context, p Payment, step todo.Step, now time.Time) (Payment, error) {
	result, err := s.Receiver.change(ctx, p.ID, "", ledger.Cause{Actor: ledger.ActorSystem}, now, func(p Payment) (Payment, error) {
		p.Todo = maps.Clone(p.Todo)
		delete(p.Todo, step)
		return p, nil
	})
	return result.Payment, err
}

// identity is an edit that leaves the payment as it is.
func identity(p Payment) (Payment, error) { return p, nil }

// settle asks the provider, then pays or gives up everything that is due. It returns the payment as
// it is then.
func (s Settler) settle(ctx context.Context, p Payment, now time.Time) (Payment, error) {
	// Without a gateway no attempt can succeed. Giving up returns the credits, and staff decide.
	gateway, ok := s.Gateways[p.Provider]
	if !ok {
		return s.giveUpAll(ctx, p, "no gateway is set up for "+strconv.Quote(p.Provider), now)
	}
	p, err := s.look(ctx, gateway, p, now)
	if err != nil {
		return p, err
	}
	for _, caseID := range p.Due() {
		// A webhook may have closed it while an earlier case was paid.
		if p.Progress(caseID) != ProgressDue {
			continue
		}
		if p, err = s.pay(ctx, gateway, p, caseID, now); err != nil {
			return p, err
		}
	}
	return p, nil
}

// look applies all that the provider reports of the payment.
// Why: infra/decisions/0014.
func (s Settler) look(ctx context.Context, gateway Gateway, p Payment, now time.Time) (Payment, error) {
	// What is counted by now will be listed. What is counted while we look may not be.
	total := p.RefundedInAll
	answer, err := fault.RetryFor(ctx, func(ctx context.Context) ([]Facts, error) { return gateway.Look(ctx, p.ID) })
	if err != nil {
		return p, fault.At("payment.Settler: look at the provider", string(p.ID), err)
	}
	for _, facts := range answer {
		// Facts of another payment would be merged under rules and a wallet that are not theirs.
		if facts.Payment != p.ID {
			continue
		}
		switch _, err := s.Receiver.Receive(ctx, facts, now); {
		case err == nil:
		// One invalid object must not keep the rest of the answer from being applied.
		case fault.KindOf(err) == fault.KindInvalid:
			slog.WarnContext(ctx, "provider returned invalid facts", "payment", p.ID, "provider", p.Provider, "error", err.Error())
		default:
			return p, err
		}
	}
	// LookedUp rises only now, after everything listed was applied: a crash before it looks again.
	result, err := s.Receiver.change(ctx, p.ID, "", ledger.Cause{Reason: ReasonRefund, Actor: ledger.ActorProvider}, now, func(p Payment) (Payment, error) {
		p.LookedUp, p.More = max(p.LookedUp, total), false
		p.Todo = maps.Clone(p.Todo)
		// A refund that is still on its way gets a new instant for the next look.
		delete(p.Todo, todo.StepLook)
		return p, nil
	})
	return result.Payment, err
}

// pay orders the money of one promise from the provider, and notes what came of the order.
func (s Settler) pay(ctx context.Context, gateway Gateway, p Payment, caseID string, now time.Time) (Payment, error) {
	// While a bank holds the money, a refund would give it away twice.
	if p.Disputed() {
		return s.giveUp(ctx, p, caseID, "the bank holds the money: the payment is disputed", now)
	}
	// More may have gone back at the provider's dashboard since the verdict: never above what was
	// paid.
	if p.overRefunded() {
		return s.giveUp(ctx, p, caseID, "more would go back than was paid", now)
	}
	// The key is the same until the promise changes, so an order whose answer was lost is not
	// carried out twice.
	promise := p.Promised[caseID]
	amount := p.Purchase.Money()
	amount.Minor = promise.Minor
	facts, err := gateway.Refund(ctx, RefundOrder{Payment: p.ID, Amount: amount, Case: caseID, Key: p.keyOf(caseID)})
	if err == nil {
		return s.applyAnswer(ctx, p, caseID, facts, now)
	}
	// An outcome that is not known is neither paid nor failed: the message comes again, and looks.
	if fault.KindOf(err) != fault.KindConflict {
		return p, fault.At("payment.Settler: order refund of case "+caseID, string(p.ID), err)
	}
	switch code := fault.CodeOf(err); code {
	case CodeKeySpent:
		p, changeErr := s.edit(ctx, p, caseID, now, func(_ Payment, promise *Promise) { promise.Keys++ })
		if changeErr != nil {
			return p, changeErr
		}
		// Not at once: a refund that failed here may still turn up in the look before the next try.
		return p, fault.Busy(err)
	case CodeAlreadyRefunded:
		// The refunds that used the money up are applied first: one of them may carry this case.
		if p, err = s.look(ctx, gateway, p, now); err != nil {
			return p, err
		}
		return s.giveUp(ctx, p, caseID, "the provider says that all of the money went back already", now)
	case CodeDisputed:
		return s.giveUp(ctx, p, caseID, "the bank holds the money: the payment is disputed", now)
	default:
		slog.ErrorContext(ctx, "provider refused a refund, case returns to review", "payment", p.ID, "case", caseID, "provider", p.Provider, "error", err.Error())
		return s.giveUp(ctx, p, caseID, "the provider refused the refund", now)
	}
}

// applyAnswer applies the provider's answer to our order.
func (s Settler) applyAnswer(ctx context.Context, p Payment, caseID string, facts Facts, now time.Time) (Payment, error) {
	if facts.Refund == nil || facts.Payment != p.ID {
		return p, fault.Busy(fmt.Errorf("payment: the answer of %s is about no refund of %s", p.Provider, p.ID))
	}
	// The answer is about our own order: its case is ours even where the provider drops metadata,
	// and our key decides its mode.
	refund := *facts.Refund
	refund.Case, facts.Refund, facts.Livemode = caseID, &refund, nil
	result, err := s.Receiver.Receive(ctx, facts, now)
	return result.Payment, err
}

// keyOf returns the idempotency key of the promise: the case, a hash of the payment, and a number
// for a new attempt or after a key is used up. A case may be decided twice, about two payments:
// under one key the provider would answer the second with the refund of the first.
func (p Payment) keyOf(caseID string) string {
	key := ledger.HashID(caseID+"-", paymentKeyLength, string(p.ID))
	if n := p.Promised[caseID].Keys; n > 0 {
		return fmt.Sprintf("%s-%d", key, n+1)
	}
	return key
}

// paymentKeyLength tells the payments of one case apart, of which there are a few: 50 bits of a
// hash.
const paymentKeyLength = 10

// giveUp notes that the provider will not pay this promise: its credits come back, and its case
// returns to staff.
func (s Settler) giveUp(ctx context.Context, p Payment, caseID, why string, now time.Time) (Payment, error) {
	return s.edit(ctx, p, caseID, now, func(p Payment, promise *Promise) {
		promise.GivenUp, promise.Note, promise.ExternalBaseline = promise.GivenUp+1, why, p.unclaimedExternal(caseID)
	})
}

// giveUpAll gives up every promise that is due, because the provider cannot be reached at all.
func (s Settler) giveUpAll(ctx context.Context, p Payment, why string, now time.Time) (Payment, error) {
	var err error
	for _, caseID := range p.Due() {
		if p, err = s.giveUp(ctx, p, caseID, why, now); err != nil {
			return p, err
		}
	}
	result, err := s.Receiver.change(ctx, p.ID, "", ledger.Cause{Reason: ReasonRefund, Actor: ledger.ActorProvider}, now, func(p Payment) (Payment, error) {
		p.LookedUp, p.More = p.RefundedInAll, false
		return p, nil
	})
	return result.Payment, err
}

// edit changes a promise that is still due. It leaves one alone that is no longer due, or that
// another call has edited since p was read.
func (s Settler) edit(ctx context.Context, p Payment, caseID string, now time.Time, mutate func(Payment, *Promise)) (Payment, error) {
	keys, givenUp := p.Promised[caseID].Keys, p.Promised[caseID].GivenUp
	cause := ledger.Cause{Reason: ReasonRefund, Case: caseID, Actor: ledger.ActorProvider}
	result, err := s.Receiver.change(ctx, p.ID, "", cause, now, func(p Payment) (Payment, error) {
		promise := p.Promised[caseID]
		// Two messages of one payment may fail side by side: one failure counts once.
		if p.Progress(caseID) == ProgressDue && promise.Keys == keys && promise.GivenUp == givenUp {
			mutate(p, &promise)
			p = p.withPromise(caseID, promise)
		}
		return p, nil
	})
	return result.Payment, err
}
