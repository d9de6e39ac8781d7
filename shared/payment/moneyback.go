package payment

import (
	"maps"
	"math"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/todo"
)

// Promise is what an approved case gives back of a payment. One of money is kept by the provider: a
// refund that carries the case. It counts while fewer of its refunds failed, or were given up, than
// it was approved; those refunds replace its money, and never add to it. Why: infra/decisions/0012.
type Promise struct {
	// Minor is the money, in minor units of the payment's currency; of credits given in place of
	// money, their share of what was paid.
	Minor int64 `json:"minor"`
	// Credits left the wallet with the verdict: 0 where the promise is not of money, or of credits
	// that were spent.
	Credits  ledger.Credits `json:"credits,omitempty"`
	Money    bool           `json:"money,omitempty"`
	Attempts int            `json:"attempts,omitempty"` // it stands while fewer than these failed or were given up
	GivenUp  int            `json:"given_up,omitempty"` // how many of them the provider never took
	Keys     int            `json:"keys,omitempty"`     // how many idempotency keys are used up
	Note     string         `json:"note,omitempty"`     // why the last one was given up
	Synced   Progress       `json:"told,omitempty"`     // the last outcome that its case was told
	// ExternalBaseline is what the customer had back by another hand, beside other cases, when the
	// promise was made anew or given up: staff who then pay it by hand add to that.
	ExternalBaseline int64 `json:"before,omitempty"`
}

// Progress says how far the money of a promise has come.
type Progress string

// The progress of a promise; the zero value is of one that no provider keeps.
const (
	ProgressDue      Progress = "due"       // the provider has not heard of it, as far as we know
	ProgressPending  Progress = "pending"   // the provider has taken it
	ProgressPaid     Progress = "paid"      // the customer has the money
	ProgressFailed   Progress = "failed"    // the customer has not and will not: failed, cancelled or given up
	ProgressExternal Progress = "elsewhere" // failed, and all went back by another hand, or as much since: refunds, disputes that were lost
)

// outcome is the progress as far as a case needs to know of it: paid, failed, elsewhere, or none
// yet.
func (p Progress) outcome() Progress {
	if p == ProgressDue || p == ProgressPending {
		return ""
	}
	return p
}

// attempts is what the provider did for one promise: the refunds that carry its case, by how firm
// they are. A promise may be ordered more than once, because a refund can fail after it was taken.
type attempts struct {
	// failed, pending and settled count refunds: failed or canceled, on their way, succeeded.
	failed, pending, settled int
	// minor is the money of those pending and settled, in minor units.
	minor int64
}

// live reports whether the provider is carrying a refund out, or has done so.
func (a attempts) live() bool { return a.pending+a.settled > 0 }

// attempts returns what the provider did for the case's promise.
func (p Payment) attempts(caseID string) (a attempts) {
	for _, refund := range p.Refunds {
		switch {
		case refund.Case != caseID:
		case !refund.Counts():
			a.failed++
		case refund.Status == RefundSucceeded:
			a.settled++
			a.minor = add(a.minor, p.part(refund.Amount))
		default:
			a.pending++
			a.minor = add(a.minor, p.part(refund.Amount))
		}
	}
	return a
}

// Progress returns how far the money promised for the case has come, "" where none is promised.
func (p Payment) Progress(caseID string) Progress {
	promise, a := p.Promised[caseID], p.attempts(caseID)
	switch {
	case !promise.Money:
		return ""
	case a.settled > 0:
		return ProgressPaid
	case a.live() || p.unclear(caseID): // an unknown status may be a success: ordering again might pay twice
		return ProgressPending
	case a.failed+promise.GivenUp < promise.Attempts:
		return ProgressDue
	}
	// Every attempt ended without money. Somebody else may have paid the customer meanwhile: all
	// that was paid, or, after we gave up, as much more than the baseline as this case promised.
	sums := p.refundSums()
	if sums.external.settled >= p.paid() || promise.GivenUp > 0 && p.unclaimedExternal(caseID)-promise.ExternalBaseline >= promise.Minor {
		return ProgressExternal
	}
	return ProgressFailed
}

// counts reports whether the money of the promise is gone or on its way.
func (p Payment) counts(caseID string) bool {
	promise, a := p.Promised[caseID], p.attempts(caseID)
	return promise.Money && (a.live() || p.unclear(caseID) || a.failed+promise.GivenUp < promise.Attempts)
}

// Due returns the cases whose money the provider has not heard of, in order.
func (p Payment) Due() []string {
	var due []string
	for _, caseID := range slices.Sorted(maps.Keys(p.Promised)) {
		if p.Progress(caseID) == ProgressDue {
			due = append(due, caseID)
		}
	}
	return due
}

// Disputed reports whether a bank holds money of the payment, or has kept it.
func (p Payment) Disputed() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(p.Disputes)), Dispute.Counts)
}

// paid returns what the customer paid, in minor units; 0 while nobody knows.
func (p Payment) paid() int64 {
	if p.Purchase == nil {
		return 0
	}
	return max(p.Purchase.Paid, 0)
}

// part returns how much of what was paid an amount is, in minor units, at most all of it. One in
// another currency counts in full: its part cannot be told, and banks dispute whole payments in the
// cardholder's own currency.
func (p Payment) part(a money.Amount) int64 {
	if p.Purchase != nil && a.Currency != "" && a.Currency != p.Purchase.Subtotal.Currency {
		return p.paid()
	}
	return min(a.Minor, p.paid())
}

// add returns the sum of two numbers that are not negative, or the largest number.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// refundSums is all the money of a payment that was or will be given back, by who gives it and how
// firm it is, in minor units and uncapped. What failed is in no cell: it gives nothing back.
//
//	          pending                              settled
//	ours      promised by a case: due, on its way   promised by a case, and refunded
//	external  refund on its way, open dispute       refund without a promise, lost dispute
//
// Three questions are asked of it: external (what did others give back?), RefundTotal (what is
// given back in total?) and unclaimedExternal (how much of what others gave has closed no other
// case?). The README of this room works one payment through.
type refundSums struct{ ours, external refundSum }

// refundSum is one row of the table, in minor units.
type refundSum struct{ pending, settled int64 }

func (s refundSum) total() int64 { return add(s.pending, s.settled) }

// refundSums sums the table, in one pass over refunds, disputes and promises.
func (p Payment) refundSums() (sums refundSums) {
	// A refund is ours only if its case promises money. Our metadata on it is not enough: whoever
	// has the provider's keys can write a case there.
	for _, refund := range p.Refunds {
		if !refund.Counts() || p.Promised[refund.Case].Money {
			continue
		}
		sums.external.add(p.part(refund.Amount), refund.Status == RefundSucceeded)
	}
	// A bank that holds the money is external too, until the dispute is won.
	for _, dispute := range p.Disputes {
		if dispute.Counts() {
			sums.external.add(p.part(dispute.Amount), dispute.Status == DisputeLost)
		}
	}
	for caseID, promise := range p.Promised {
		a := p.attempts(caseID)
		switch {
		case promise.Money && a.live():
			// The refunds replace the promise, they never add to it. What they give beyond it
			// nobody approved: it counts as external, and as pending, since it settles no case.
			sums.ours.add(min(a.minor, promise.Minor), a.settled > 0)
			sums.external.add(max(0, a.minor-promise.Minor), false)
		case !promise.Money || p.counts(caseID):
			// Credits given in place of money use up their share of it, as money that is due does.
			sums.ours.add(max(0, promise.Minor), !promise.Money)
		}
	}
	return sums
}

// add adds an amount to the cell that its firmness names.
func (s *refundSum) add(minor int64, final bool) {
	if final {
		s.settled = add(s.settled, minor)
	} else {
		s.pending = add(s.pending, minor)
	}
}

// external returns how much of what was paid somebody else than we gave back or a bank holds, in
// minor units, at most what was paid. Its share of the grant is taken back.
func (p Payment) external() int64 { return min(p.refundSums().external.total(), p.paid()) }

// unclaimedExternal returns the settled external money that no other case was closed with, in minor
// units, uncapped. It may be negative, where cases were closed with money that a bank took since.
func (p Payment) unclaimedExternal(caseID string) int64 {
	rest := p.refundSums().external.settled
	for other, promise := range p.Promised {
		if other != caseID && promise.Synced == ProgressExternal {
			rest -= promise.Minor
		}
	}
	return rest
}

// RefundTotal returns how much of what was paid went back, is held by a bank, or is promised to go
// back: in minor units, at most what was paid.
func (p Payment) RefundTotal() int64 {
	sums := p.refundSums()
	return min(add(sums.external.total(), sums.ours.total()), p.paid())
}

// Refundable returns the money of the payment that can still go back; the payment must have a
// purchase.
func (p Payment) Refundable() money.Amount {
	return money.Amount{Currency: p.Purchase.Subtotal.Currency, Minor: p.paid() - p.RefundTotal()}
}

// overRefunded reports whether more money went back, or is on its way, than was paid.
func (p Payment) overRefunded() bool {
	sums := p.refundSums()
	return add(sums.external.total(), sums.ours.total()) > p.paid()
}

// Promise returns the payment with the approval of a case noted on it: as the first, or, after its
// money failed, as one more attempt. One approval may have left more than one failed refund behind:
// the new one counts from all of them.
func (p Payment) Promise(caseID string, promise Promise, now time.Time) Payment {
	promise.Attempts = 1
	if earlier, again := p.Promised[caseID]; again {
		promise.GivenUp, promise.Keys, promise.ExternalBaseline = earlier.GivenUp, earlier.Keys+1, p.unclaimedExternal(caseID)
		promise.Attempts += earlier.GivenUp + p.attempts(caseID).failed
	}
	p.Todo = maps.Clone(p.Todo)
	delete(p.Todo, todo.StepPay) // it is a new one, however long another is waiting
	return p.withPromise(caseID, promise).schedule(now)
}

// Compensate returns the payment with credits given for a case in place of its money noted on it:
// minor is their share of what was paid. KindConflict not_possible where the case gave some
// already, less of the money is left, or none of it has come.
func (p Payment) Compensate(caseID string, minor int64, now time.Time) (Payment, error) {
	if p.Moneyless() {
		return p, p.NotPossible("its money has not come")
	}
	if promise, again := p.Promised[caseID]; again && !promise.Money {
		return p, p.NotPossible("the case gave credits already")
	}
	if minor > p.Refundable().Minor {
		return p, p.NotPossible("not as much of the money is left")
	}
	return p.Promise(caseID, Promise{Minor: minor}, now), nil
}

// Moneyless reports whether nothing of the price has come, though staff may have granted the
// payment: then nothing can be given back of it.
func (p Payment) Moneyless() bool {
	return p.Purchase != nil && (p.Purchase.Status == StatusUnpaid || p.Purchase.Status == StatusFailed)
}

// hasLivePromise reports whether money of the payment is gone, or on its way, for a case.
func (p Payment) hasLivePromise() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(p.Promised)), p.counts)
}

func (p Payment) withPromise(caseID string, promise Promise) Payment {
	p.Promised = maps.Clone(p.Promised)
	if p.Promised == nil {
		p.Promised = map[string]Promise{}
	}
	p.Promised[caseID] = promise
	return p
}

// clawedBackByStaff reports whether staff took the credits back since their money never came, and
// it still has not.
func (p Payment) clawedBackByStaff() bool {
	return p.Purchase != nil && p.Purchase.Status == StatusFailed && p.resolvedBy(ActionTakeBack)
}

// Target returns how many credits should be taken back for the payment, from 0 to what was granted:
// those of the promises that count, and the share of the grant that the foreign money is of the
// money paid, rounded up. Nothing granted or nothing paid: no share. All of them where staff took
// them back, while the money has not come after all.
func Target(p Payment) ledger.Credits {
	if p.clawedBackByStaff() {
		return p.Granted()
	}
	var target ledger.Credits
	for caseID, promise := range p.Promised {
		if p.counts(caseID) {
			target += min(promise.Credits, p.Granted())
		}
	}
	if price := p.paid(); price > 0 {
		target += ledger.Credits(money.MulDivCeil(int64(p.Granted()), p.external(), price))
	}
	return min(p.Granted(), target)
}
