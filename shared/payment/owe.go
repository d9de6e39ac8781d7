package payment

import (
	"maps"
	"slices"
	"time"

	"makegood/shared/todo"
)

// pendingFor is how long money may be on its way before the provider is asked what became of it: banks take up to ten days.
const pendingFor = 10 * 24 * time.Hour

// unheard reports whether the provider counts refunds that we know nothing of.
func (p Payment) unheard() bool {
	var heard int64
	for _, refund := range p.Refunds {
		heard = add(heard, refund.Amount.Minor)
	}
	return p.RefundedInAll > heard
}

// pending reports whether a refund of the payment has not ended yet, as far as we know.
func (p Payment) pending() bool {
	return p.unclear("") || slices.ContainsFunc(slices.Collect(maps.Values(p.Refunds)), func(r Refund) bool { return r.Counts() && r.Status != RefundSucceeded })
}

// Repaying reports whether the payment is to be paid back unasked, and whole: what goes back already may still fail to.
func (p Payment) Repaying() bool { return p.Repay && p.GoneBack() == 0 }

// Lagging returns the cases that have not been told what became of their money, in order. A refund that staff resolved upon has no case.
func (p Payment) Lagging() []string {
	var lagging []string
	for _, caseID := range slices.Sorted(maps.Keys(p.Promised)) {
		if caseID != p.ID.resolution() && p.Progress(caseID).outcome() != p.Promised[caseID].Told {
			lagging = append(lagging, caseID)
		}
	}
	return lagging
}

// Tell returns the payment with what its case has been told noted on it.
func (p Payment) Tell(caseID string, now time.Time) Payment {
	promise := p.Promised[caseID]
	promise.Told = p.Progress(caseID).outcome()
	return p.withPromise(caseID, promise).owe(now)
}

// Unrepay returns the payment with its case made: it is not to be paid back unasked any more.
func (p Payment) Unrepay(now time.Time) Payment {
	p.Repay = false
	return p.owe(now)
}

// owe returns the payment with what it owes the world, and since when it waits for staff: both follow from the rest of it. What is owed
// already keeps its instant.
func (p Payment) owe(now time.Time) Payment {
	before := p.Todo
	p.Todo = todo.List{}
	need := func(step todo.Step, within time.Duration, needed bool) {
		at, owed := before[step]
		switch {
		case !needed:
		case owed:
			p.Todo[step] = at
		default:
			p.Todo[step], p.Attempts = now.Add(within), 0
		}
	}
	need(todo.StepPay, todo.Resend, len(p.Due()) > 0 || p.unheard() && p.RefundedInAll > p.LookedUp)
	need(todo.StepLook, pendingFor, p.pending())
	need(todo.StepRefund, todo.Resend, p.Repaying() || len(p.Lagging()) > 0)
	if len(p.Todo) == 0 {
		p.Todo, p.Attempts = nil, 0
	}
	switch waits := p.Waits() != ""; {
	case !waits:
		p.WaitsSince = time.Time{}
	case p.WaitsSince.IsZero():
		p.WaitsSince = now
	}
	return p
}

// Waits returns why the payment waits for staff, "" when it does not: what they have resolved upon does not come up again, unless they wanted
// the money back and it did not go.
func (p Payment) Waits() Reason {
	switch r := p.Resolution; {
	case r == nil:
		return p.reason()
	case r.Action == ActionRefund && p.Progress(p.ID.resolution()) == ProgressFailed:
		return ReasonNotRefunded
	case r.Reason == p.reason():
		return ""
	}
	return p.reason()
}

// reason returns what there is for staff to decide, decided or not. A purchase that granted nothing, and whose money went back, needs nobody.
func (p Payment) reason() Reason {
	paid := p.paid()
	switch {
	case p.State == StateParked && paid > 0 && p.GoneBack() == paid:
		return ""
	case p.Parked != "":
		return p.Parked
	case p.State == StateGranted && p.Purchase.Status == StatusFailed:
		return ReasonPaymentFailed
	case p.overRefunded():
		return ReasonOverRefunded
	case p.Purchase != nil && p.unclear(""):
		return ReasonUnknownStatus
	case len(p.Others) > 0 && p.Purchase != nil:
		return ReasonOtherProvider
	case p.unheard() && p.RefundedInAll <= p.LookedUp:
		return ReasonUnheard
	case len(p.Repeats) > 0 && p.GoneBack() == 0 && !p.Repay:
		return ReasonRepeated
	}
	return ""
}
