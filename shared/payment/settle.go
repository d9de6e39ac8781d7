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

// Settler settles payments with their providers: it hears what they say, and pays what is due.
// Gateways are by the provider's name. Why: infra/decisions/0013.
type Settler struct {
	Receiver Receiver
	Gateways map[string]Gateway
	Requests Requests
}

// Settle grants what waited for room that has come, and looks before it pays: whatever the provider
// already did for a case is heard first, so that a call whose answer was lost is never made again.
// A repeat finds nothing due. It returns KindNotFound for an unknown payment, KindBusy when it
// should be tried again.
func (s Settler) Settle(ctx context.Context, id ID, now time.Time) error {
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
	if current.Todo.Has(todo.StepRoom) {
		if current, err = s.putOff(ctx, current, todo.StepRoom, now); err != nil {
			return err
		}
	}
	return Outbox{Requests: s.Requests}.Send(ctx, current)
}

// putOff has a step that led to nothing come again after its time, however often it has come by
// now.
func (s Settler) putOff(ctx context.Context, p Payment, step todo.Step, now time.Time) (Payment, error) {
	result, err := s.Receiver.change(ctx, p.ID, "", ledger.Cause{Actor: ledger.ActorSystem}, now, func(p Payment) (Payment, error) {
		p.Todo = maps.Clone(p.Todo)
		delete(p.Todo, step)
		return p, nil
	})
	return result.Payment, err
}

func identity(p Payment) (Payment, error) { return p, nil }

// settle returns the payment as it stands once the provider was asked, and everything due was paid
// or given up.
func (s Settler) settle(ctx context.Context, p Payment, now time.Time) (Payment, error) {
	gateway, ok := s.Gateways[p.Provider]
	if !ok {
		return s.giveUpAll(ctx, p, "no gateway is set up for "+strconv.Quote(p.Provider), now)
	}
	p, err := s.look(ctx, gateway, p, now)
	if err != nil {
		return p, err
	}
	for _, caseID := range p.Due() {
		if p.Progress(caseID) != ProgressDue { // what was heard meanwhile
			continue
		}
		if p, err = s.pay(ctx, gateway, p, caseID, now); err != nil {
			return p, err
		}
	}
	return p, nil
}

// look hears all that the provider says of the payment.
// Why: infra/decisions/0014.
func (s Settler) look(ctx context.Context, gateway Gateway, p Payment, now time.Time) (Payment, error) {
	var facts []Facts
	total := p.RefundedInAll // what is counted by now will be listed; what is counted while we look, may not
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		facts, err = gateway.Look(ctx, p.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	for _, facts := range facts {
		if facts.Payment != p.ID {
			continue
		}
		switch _, err := s.Receiver.Receive(ctx, facts, now); {
		case err == nil:
		case fault.KindOf(err) == fault.KindInvalid:
			slog.WarnContext(ctx, "provider returned invalid facts", "payment", p.ID, "error", err)
		default:
			return p, err
		}
	}
	result, err := s.Receiver.change(ctx, p.ID, "", ledger.Cause{Reason: ReasonRefund, Actor: ledger.ActorProvider}, now, func(p Payment) (Payment, error) {
		p.LookedUp, p.More = max(p.LookedUp, total), false
		p.Todo = maps.Clone(p.Todo)
		delete(p.Todo, todo.StepLook) // what is still on its way is looked at anew, after its time
		return p, nil
	})
	return result.Payment, err
}

// pay asks for the money of one promise.
func (s Settler) pay(ctx context.Context, gateway Gateway, p Payment, caseID string, now time.Time) (Payment, error) {
	if p.Disputed() {
		return s.giveUp(ctx, p, caseID, "the bank holds the money: the payment is disputed", now)
	}
	if p.overRefunded() {
		return s.giveUp(ctx, p, caseID, "more would go back than was paid", now)
	}
	promise := p.Promised[caseID]
	amount := p.Purchase.Money()
	amount.Minor = promise.Minor
	facts, err := gateway.Refund(ctx, RefundOrder{Payment: p.ID, Amount: amount, Case: caseID, Key: p.keyOf(caseID)})
	if err == nil {
		return s.applyAnswer(ctx, p, caseID, facts, now)
	}
	if fault.KindOf(err) != fault.KindConflict {
		return p, err
	}
	switch code := fault.CodeOf(err); code {
	case CodeKeySpent:
		p, changeErr := s.edit(ctx, p, caseID, now, func(_ Payment, promise *Promise) { promise.Keys++ })
		if changeErr != nil {
			return p, changeErr
		}
		return p, fault.Busy(err) // later, and after another look: what failed may still show
	case CodeAlreadyRefunded:
		if p, err = s.look(ctx, gateway, p, now); err != nil {
			return p, err
		}
		return s.giveUp(ctx, p, caseID, "the provider says that all of the money went back already", now)
	case CodeDisputed:
		return s.giveUp(ctx, p, caseID, "the bank holds the money: the payment is disputed", now)
	default:
		slog.ErrorContext(ctx, "the provider refused a refund", "payment", p.ID, "case", caseID, "error", err)
		return s.giveUp(ctx, p, caseID, "the provider refused the refund", now)
	}
}

// applyAnswer hears what the provider made of our order.
func (s Settler) applyAnswer(ctx context.Context, p Payment, caseID string, facts Facts, now time.Time) (Payment, error) {
	if facts.Refund == nil || facts.Payment != p.ID {
		return p, fault.Busy(fmt.Errorf("payment: the answer of %s is about no refund of %s", p.Provider, p.ID))
	}
	refund := *facts.Refund
	refund.Case, facts.Refund, facts.Livemode = caseID, &refund, nil
	result, err := s.Receiver.Receive(ctx, facts, now)
	return result.Payment, err
}

// keyOf returns the idempotency key of the promise: the case and a hash of the payment, and for a
// new attempt or after a key is spent, a number. One case may be ruled on twice, of two payments:
// under one key the provider would repeat what it did for the first.
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
// goes back to staff.
func (s Settler) giveUp(ctx context.Context, p Payment, caseID, why string, now time.Time) (Payment, error) {
	return s.edit(ctx, p, caseID, now, func(p Payment, promise *Promise) {
		promise.GivenUp, promise.Note, promise.ExternalBaseline = promise.GivenUp+1, why, p.unclaimedExternal(caseID)
	})
}

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

// edit changes a promise that is still due; one that is not any more, or that another has edited
// since, is left as it is.
func (s Settler) edit(ctx context.Context, p Payment, caseID string, now time.Time, mutate func(Payment, *Promise)) (Payment, error) {
	keys, givenUp := p.Promised[caseID].Keys, p.Promised[caseID].GivenUp
	cause := ledger.Cause{Reason: ReasonRefund, Case: caseID, Actor: ledger.ActorProvider}
	result, err := s.Receiver.change(ctx, p.ID, "", cause, now, func(p Payment) (Payment, error) {
		promise := p.Promised[caseID]
		if p.Progress(caseID) == ProgressDue && promise.Keys == keys && promise.GivenUp == givenUp {
			mutate(p, &promise)
			p = p.withPromise(caseID, promise)
		}
		return p, nil
	})
	return result.Payment, err
}
