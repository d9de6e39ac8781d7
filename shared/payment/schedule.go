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

// roomEvery is how often a wallet that had no room is tried again: room comes without news, by a
// spend or an expiry.
const roomEvery = time.Minute

// awaitsRoom reports whether the payment waits for nothing but room in its wallet.
func (p Payment) awaitsRoom() bool {
	reason := p.Waits()
	return reason == ReasonWalletFull && p.RefundTotal() == 0 && !p.withheld() || reason == ReasonNotLevel
}

// withheld reports whether the credits of a purchase are not granted though they could be: its
// money goes back or is to, credits were given in place of it, or staff wanted it back, be it that
// it did not go. A case whose money did not go back withholds nothing.
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

// missesRefunds reports whether the provider counts refunds that we know nothing of.
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

// Repaying reports whether the payment is to be paid back unasked, and whole: what goes back
// already may still fail to.
func (p Payment) Repaying() bool { return p.Repay && p.RefundTotal() == 0 }

// Unsynced returns the cases that have not been told what became of their money, in order. A refund
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

// MarkSynced returns the payment with what its case has been told noted on it.
func (p Payment) MarkSynced(caseID string, now time.Time) Payment {
	promise := p.Promised[caseID]
	promise.Synced = p.Progress(caseID).outcome()
	return p.withPromise(caseID, promise).schedule(now)
}

// ClearRepay returns the payment with its case made: it is not to be paid back unasked any more.
func (p Payment) ClearRepay(now time.Time) Payment {
	p.Repay = false
	return p.schedule(now)
}

// schedule returns the payment with what it owes the world, and since when it waits for staff: both
// follow from the rest of it. What is owed already keeps its instant.
func (p Payment) schedule(now time.Time) Payment {
	before := p.Todo
	p.Todo = todo.List{}
	need := func(step todo.Step, within time.Duration, due bool) {
		at, ok := before[step]
		switch {
		case !due:
		case ok:
			p.Todo[step] = at
		default:
			p.Todo[step], p.Attempts = now.Add(within), 0
		}
	}
	need(todo.StepPay, todo.Resend, len(p.Due()) > 0 || p.missesRefunds() && p.RefundedInAll > p.LookedUp || p.More && p.Purchase != nil)
	need(todo.StepLook, pendingFor, p.hasPendingRefund())
	need(todo.StepRoom, roomEvery, p.awaitsRoom())
	_, claim := p.EndedClaim()
	need(todo.StepRefund, todo.Resend, p.Repaying() || len(p.Unsynced()) > 0 || claim)
	if len(p.Todo) == 0 {
		p.Todo, p.Attempts = nil, 0
	}
	switch reason := p.Waits(); {
	case reason == "":
		p.WaitsSince = time.Time{}
	case p.WaitsSince.IsZero():
		p.WaitsSince = now
	}
	return p
}

// Waits returns why the payment waits for staff, "" when it does not: a reason that they have
// resolved upon does not come up again, unless they wanted the money back and it did not go, or
// another word came that we do not know or that is another provider's.
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

// resolvedUpon reports whether staff resolved upon the reason. A word that they could not see then
// is news: it waits for them again.
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

func (p Payment) resolvedBy(action Action) bool {
	return slices.ContainsFunc(p.Resolutions, func(r Resolution) bool { return r.Action == action })
}

// unrefunded reports whether the money of a parked payment did not go back though staff wanted it,
// and they have not decided about that.
func (p Payment) unrefunded() bool {
	if p.Progress(p.ID.resolution()) != ProgressFailed {
		return false
	}
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

// reasons returns what there is for staff to decide, decided or not, the weightiest first. A
// purchase that granted nothing, and whose money went back, needs nobody.
func (p Payment) reasons() (all []Reason) {
	price := p.paid()
	if p.State == StateParked && price > 0 && p.RefundTotal() == price {
		return nil
	}
	if p.Parked != "" {
		all = append(all, p.Parked)
	}
	if p.State == StateGranted && p.Purchase.Status == StatusFailed {
		all = append(all, ReasonPaymentFailed)
	}
	if p.overRefunded() {
		all = append(all, ReasonOverRefunded)
	}
	if p.Purchase != nil && p.unclear("") {
		all = append(all, ReasonUnknownStatus)
	}
	if p.Purchase != nil && len(p.Others) > 0 {
		all = append(all, ReasonOtherProvider)
	}
	if p.missesRefunds() && p.RefundedInAll <= p.LookedUp {
		all = append(all, ReasonUnknownRefund)
	}
	if p.Duplicate && p.RefundTotal() == 0 && !p.Repay {
		all = append(all, ReasonDuplicate)
	}
	return all
}

// Undo returns the payment with the refund of a repeat undone that staff resolved upon: its case
// was declined meanwhile, and staff look again.
func (p Payment) Undo() Payment {
	p.Resolutions = slices.Clone(p.Resolutions)
	for i, r := range p.Resolutions {
		if r.Reason == ReasonDuplicate && r.Action == ActionRefund && !r.Undone {
			p.Resolutions[i].Undone, p.Resolutions[i].UndoneAmong = true, len(p.Resolutions)
		}
	}
	return p
}

// NotPossible returns the KindConflict error of a verdict that the payment's state forbids, with
// what it waits for.
func (p Payment) NotPossible(detail string) error {
	conflict := fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "%s", detail)
	conflict.Waits = string(p.Waits())
	return conflict
}
