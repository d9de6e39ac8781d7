package payment

import (
	"maps"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/todo"
)

// pendingFor is how long money may be on its way before the provider is asked what became of it:
// banks take up to ten days.
const pendingFor = 10 * 24 * time.Hour

// roomEvery is how often a grant is tried again that found no room in the wallet: a spend or an
// expiry makes room without an event to us.
const roomEvery = time.Minute

// awaitsRoom reports whether the payment waits for nothing but room in its wallet.
func (p Payment) awaitsRoom() bool {
	reason := p.Waits()
	return reason == ReasonWalletFull && p.RefundTotal() == 0 && !p.withheld() || reason == ReasonNotClawedBack
}

// withheld reports whether the credits of a purchase are not granted although they could be: its
// money goes back, credits were given in its place, or staff refunded it, even where that refund
// failed. A case whose refund failed withholds nothing.
func (p Payment) withheld() bool {
	if p.hasLivePromise() {
		return true
	}
	for caseID, promise := range p.Promised {
		if (!promise.Money || caseID == p.ID.resolution()) && !p.grantedByStaff() {
			return true
		}
	}
	return false
}

// missesRefunds reports whether the provider counts more refunded money than the refunds that we
// know add up to.
func (p Payment) missesRefunds() bool {
	var sum int64
	for _, refund := range p.Refunds {
		sum = add(sum, refund.Amount.Minor)
	}
	return p.RefundedInAll > sum
}

// hasPendingRefund reports whether a refund of the payment has not ended yet, as far as we know.
func (p Payment) hasPendingRefund() bool {
	return p.unclear("") || slices.ContainsFunc(slices.Collect(maps.Values(p.Refunds)), func(r Refund) bool { return r.Counts() && r.Status != RefundSucceeded })
}

// Repaying reports whether the payment is to be paid back whole, without a claim. While some of its
// money goes back it is not; it is again, should that refund fail.
func (p Payment) Repaying() bool { return p.Repay && p.RefundTotal() == 0 }

// Unsynced returns the cases that have not taken over what became of their money, sorted. A refund
// that staff resolved upon has no case.
func (p Payment) Unsynced() []string {
	var ids []string
	for _, caseID := range slices.Sorted(maps.Keys(p.Promised)) {
		if caseID != p.ID.resolution() && p.Progress(caseID).outcome() != p.Promised[caseID].Synced {
			ids = append(ids, caseID)
		}
	}
	return ids
}

// RecordSync notes on the payment that the case has taken over what became of its money.
func (p Payment) RecordSync(caseID string, now time.Time) Payment {
	promise := p.Promised[caseID]
	promise.Synced = p.Progress(caseID).outcome()
	return p.withPromise(caseID, promise).schedule(now)
}

// ClearRepay notes on the payment that its case is opened: nobody else is to open one.
func (p Payment) ClearRepay(now time.Time) Payment {
	p.Repay = false
	return p.schedule(now)
}

// schedule returns the payment with the steps that are due, and since when it waits for staff. Both
// follow from the rest of the payment, so every edit ends with it. A step that was due before keeps
// its instant.
func (p Payment) schedule(now time.Time) Payment {
	// The list is built anew: a step whose reason has gone disappears with it.
	before := p.Todo
	p.Todo = todo.List{}
	need := func(step todo.Step, within time.Duration, due bool) {
		at, ok := before[step]
		switch {
		case !due:
		case ok:
			p.Todo[step] = at
		default:
			// A new step has not failed yet, whatever the older ones went through.
			p.Todo[step], p.Attempts = now.Add(within), 0
		}
	}
	// Each step is sent right after the commit. Its instant says when a sweep sends it again,
	// should that message be lost.
	need(todo.StepPay, todo.Resend, len(p.Due()) > 0 || p.missesRefunds() && p.RefundedInAll > p.LookedUp || p.More && p.Purchase != nil)
	// Banks report late. Past its instant the provider is asked instead of waited for.
	need(todo.StepLook, pendingFor, p.hasPendingRefund())
	// No event tells that a wallet has room again, so it is tried by the clock.
	need(todo.StepRoom, roomEvery, p.awaitsRoom())
	// Cases read the payment when it has an outcome for them, one message for all of them.
	_, claim := p.EndedClaim()
	need(todo.StepRefund, todo.Resend, p.Repaying() || len(p.Unsynced()) > 0 || claim)
	if len(p.Todo) == 0 {
		p.Todo, p.Attempts = nil, 0
	}
	// The review queue is sorted by this instant: a payment that waits for another reason keeps its
	// place.
	switch reason := p.Waits(); {
	case reason == "":
		p.WaitsSince = time.Time{}
	case p.WaitsSince.IsZero():
		p.WaitsSince = now
	}
	return p
}

// Waits returns why the payment waits for staff, "" when it does not. A reason that they resolved
// upon does not come up again, with two exceptions: their refund failed, or there is a new status
// that we do not know or new facts of another provider.
func (p Payment) Waits() Reason {
	if p.unrefunded() {
		return ReasonNotRefunded
	}
	for _, reason := range p.reasons() {
		if !p.resolvedUpon(reason) {
			return reason
		}
	}
	return ""
}

// resolvedUpon reports whether staff resolved upon the reason. What they could not see then is
// news: the payment waits for them again.
func (p Payment) resolvedUpon(reason Reason) bool {
	for _, r := range slices.Backward(p.Resolutions) {
		if r.Reason == reason && !r.Undone {
			return r.After == nil || !p.news(reason, *r.After)
		}
	}
	return false
}

// grantedByStaff reports whether staff granted the payment.
func (p Payment) grantedByStaff() bool { return p.resolvedBy(ActionGrant) }

// resolvedBy reports whether staff ever took the action, whatever they decided since.
func (p Payment) resolvedBy(action Action) bool {
	return slices.ContainsFunc(p.Resolutions, func(r Resolution) bool { return r.Action == action })
}

// unrefunded reports whether staff refunded a parked payment, the refund failed, and they have not
// decided about that yet.
func (p Payment) unrefunded() bool {
	if p.Progress(p.ID.resolution()) != ProgressFailed {
		return false
	}
	// The latest of the two decides: a refund that failed again is a new failure.
	for _, r := range slices.Backward(p.Resolutions) {
		if r.Action == ActionRefund {
			return true
		}
		if r.Reason == ReasonNotRefunded {
			return false
		}
	}
	return false
}

// reasons returns all that there is for staff to decide, decided before or not, the weightiest
// first. A parked purchase whose money went back needs nobody.
func (p Payment) reasons() (all []Reason) {
	price := p.paid()
	if p.State == StateParked && price > 0 && p.RefundTotal() == price {
		return nil
	}
	// A customer without credits may wait for this one, so it comes first.
	if p.Parked != "" {
		all = append(all, p.Parked)
	}
	if p.State == StateGranted && p.Purchase.Status == StatusFailed {
		all = append(all, ReasonPaymentFailed)
	}
	all = append(all, p.contradictions()...)
	// A double charge that is paid back already, or will be by itself, needs nobody.
	if p.Duplicate && p.RefundTotal() == 0 && !p.Repay {
		all = append(all, ReasonDuplicate)
	}
	return all
}

// contradictions returns the reasons for which the provider's facts do not fit each other, or what
// we know.
func (p Payment) contradictions() (all []Reason) {
	if p.overRefunded() {
		all = append(all, ReasonOverRefunded)
	}
	// Without a purchase it may be no sale of ours, and staff could do nothing about it.
	if p.Purchase != nil && p.unclear("") {
		all = append(all, ReasonUnknownStatus)
	}
	if p.Purchase != nil && len(p.Others) > 0 {
		all = append(all, ReasonOtherProvider)
	}
	// Only after the provider's own list was read up to that count: it may just have come first.
	if p.missesRefunds() && p.RefundedInAll <= p.LookedUp {
		all = append(all, ReasonUnknownRefund)
	}
	return all
}

// Undo returns the payment with the resolution undone by which staff refunded a duplicate: its case
// was declined since, and staff decide again.
func (p Payment) Undo() Payment {
	p.Resolutions = slices.Clone(p.Resolutions)
	for i, r := range p.Resolutions {
		// How many resolutions there were is kept, so that a replay of an earlier one still gets
		// its first answer.
		if r.Reason == ReasonDuplicate && r.Action == ActionRefund && !r.Undone {
			p.Resolutions[i].Undone, p.Resolutions[i].UndoneAmong = true, len(p.Resolutions)
		}
	}
	return p
}

// NotPossible returns the KindConflict error of a verdict that the payment's state forbids, with
// the reason for which it waits.
func (p Payment) NotPossible(detail string) error {
	conflict := fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "%s", detail)
	conflict.Waits = string(p.Waits())
	return conflict
}
