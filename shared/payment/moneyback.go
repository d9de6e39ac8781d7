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

// Promise is what an approved case gives back of a payment. A money promise is fulfilled by a
// provider refund that carries the case id. It is open while fewer refunds failed or were given up
// than Attempts allows. Provider refunds replace its amount, they are never added to it. Why:
// infra/decisions/0012.
type Promise struct {
	// Minor is the money, in minor units of the payment's currency. For credits given in place of
	// money it is their share of what was paid.
	Minor int64 `json:"minor"`
	// Credits left the wallet with the verdict: 0 where the promise is not of money, or is of
	// credits that were spent.
	Credits ledger.Credits `json:"credits,omitempty"`
	// Money reports that the promise is of money; false for credits given in its place.
	Money bool `json:"money,omitempty"`
	// Attempts is how many refunds the promise was allowed so far.
	Attempts int `json:"attempts,omitempty"`
	// GivenUp is how many of them the provider never took.
	GivenUp int `json:"given_up,omitempty"`
	// Keys is how many idempotency keys are used up.
	Keys int `json:"keys,omitempty"`
	// Note is why the last attempt was given up, "" where none was.
	Note string `json:"note,omitempty"`
	// Synced is the last outcome that its case took over.
	Synced Progress `json:"told,omitempty"`
	// ExternalBaseline is what had been refunded outside Makegood when this attempt began or was
	// given up. Later external refunds above it count as this case paid by hand.
	ExternalBaseline int64 `json:"before,omitempty"`
}

// Progress says how far the money of a promise has come.
type Progress string

// The progress of a promise; the zero value is that of a promise without money.
const (
	// ProgressDue: as far as we know, the provider has no refund of it.
	ProgressDue Progress = "due"
	// ProgressPending: the provider has accepted a refund.
	ProgressPending Progress = "pending"
	// ProgressPaid: the customer has the money.
	ProgressPaid Progress = "paid"
	// ProgressFailed: the refund failed, was canceled or given up, and the customer has no money.
	ProgressFailed Progress = "failed"
	// ProgressExternal: our refund failed, but refunds outside Makegood or lost disputes have since
	// returned as much, or all that was paid.
	ProgressExternal Progress = "elsewhere"
)

// outcome is the part of the progress that a case takes over: paid, failed, external, or "" while
// the money is due or on its way.
func (p Progress) outcome() Progress {
	if p == ProgressDue || p == ProgressPending {
		return ""
	}
	return p
}

// attempts is what the provider did for one promise: the refunds that carry its case, by how firm
// they are. There may be several, because a refund can fail after the provider accepted it.
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
	case a.live() || p.unclear(caseID):
		// A status that we do not know may mean success: another order might pay twice.
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

// Due returns the cases whose refund the provider does not have yet, sorted.
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

// part returns how much of what was paid an amount is, in minor units, at most all of it. An amount
// in another currency counts as all: we have no exchange rate, and banks dispute whole payments in
// the cardholder's own currency.
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
// units, uncapped. It is negative where money that closed other cases came back to us: a refund
// failed after it had succeeded, or a lost dispute was won.
func (p Payment) unclaimedExternal(caseID string) int64 {
	rest := p.refundSums().external.settled
	// One external refund closes one case: what others were closed with must not close this one
	// too.
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

// Promise notes the approval of a case on the payment: its first, or one more attempt after its
// money failed. Attempts counts on from all refunds that failed before, since one approval may have
// left several behind.
func (p Payment) Promise(caseID string, promise Promise, now time.Time) Payment {
	promise.Attempts = 1
	// A new attempt needs a key of its own: under the old one the provider would repeat its
	// failure.
	if earlier, again := p.Promised[caseID]; again {
		promise.GivenUp, promise.Keys, promise.ExternalBaseline = earlier.GivenUp, earlier.Keys+1, p.unclaimedExternal(caseID)
		promise.Attempts += earlier.GivenUp + p.attempts(caseID).failed
	}
	p.Todo = maps.Clone(p.Todo)
	// The step gets a new instant: an older promise that waits must not hold this one up.
	delete(p.Todo, todo.StepPay)
	return p.withPromise(caseID, promise).schedule(now)
}

// Compensate notes on the payment that a case gives credits in place of its money; minor is their
// share of what was paid. KindConflict not_possible where the case gave credits before, less of the
// money is left, or none of it has come.
func (p Payment) Compensate(caseID string, minor int64, now time.Time) (Payment, error) {
	if p.Moneyless() {
		return p, p.NotPossible("its money has not come")
	}
	if promise, again := p.Promised[caseID]; again && !promise.Money {
		return p, p.NotPossible("the case gave credits already")
	}
	// Credits use up their share of the money: both together may not exceed what was paid.
	if minor > p.Refundable().Minor {
		return p, p.NotPossible("not as much of the money is left")
	}
	return p.Promise(caseID, Promise{Minor: minor}, now), nil
}

// Moneyless reports whether none of the price has come: then nothing can be given back of it. Staff
// may have granted the payment all the same.
func (p Payment) Moneyless() bool {
	return p.Purchase != nil && (p.Purchase.Status == StatusUnpaid || p.Purchase.Status == StatusFailed)
}

// hasLivePromise reports whether money promised to a case is due, on its way, or gone.
func (p Payment) hasLivePromise() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(p.Promised)), p.counts)
}

// withPromise returns the payment with the promise of the case; the map is copied first.
func (p Payment) withPromise(caseID string, promise Promise) Payment {
	p.Promised = maps.Clone(p.Promised)
	if p.Promised == nil {
		p.Promised = map[string]Promise{}
	}
	p.Promised[caseID] = promise
	return p
}

// clawedBackByStaff reports whether staff took the credits back because their money never came, and
// it has not come since.
func (p Payment) clawedBackByStaff() bool {
	return p.Purchase != nil && p.Purchase.Status == StatusFailed && p.resolvedBy(ActionTakeBack)
}

// Target returns how many credits should be taken back for the payment, from 0 to what was granted.
// That is all of them where staff took them back, while the money has not come after all. Else it
// is the credits of every promise that counts, plus the share of the grant that the external money
// is of the money paid, rounded up. Where nothing was granted or nothing was paid, there is no
// share.
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
	// Rounded up: a part of a credit that was paid for with returned money is not kept.
	if price := p.paid(); price > 0 {
		target += ledger.Credits(money.MulDivCeil(int64(p.Granted()), p.external(), price))
	}
	return min(p.Granted(), target)
}
