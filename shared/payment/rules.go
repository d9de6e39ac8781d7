package payment

import (
	"errors"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Rules judge payments. They are pure: no store, no clock, no provider. Receiver puts a store
// behind them; a refund, an outage and the reconciliation ask them alone.
type Rules struct {
	// Catalog says what was sold at an instant, and for how much.
	Catalog Catalog
	// Livemode is the mode whose payments count: true live, false test, nil either.
	Livemode *bool
}

// Reassess judges a stored payment again, without new facts: a purchase that could not be granted,
// and now can, is granted. The snapshot's wallet must be its customer's. Cause says for whom and
// for which case. Nothing is written.
func (r Rules) Reassess(snapshot Snapshot, cause ledger.Cause, now time.Time) (Change, error) {
	if cause.Reason == "" {
		cause.Reason = ReasonRefund
	}
	return r.advance(snapshot, *snapshot.Payment, cause, now)
}

// FromFacts returns the payment that these facts alone make, not judged yet. It returns false where
// they name no purchase.
func (r Rules) FromFacts(id ID, facts []Facts) (Payment, bool) {
	var p *Payment
	for _, f := range facts {
		// What a webhook would have refused must not count here either.
		if f.Payment != id || f.Validate() != nil {
			continue
		}
		next := r.apply(p, f.sanitize())
		p = &next
	}
	if p == nil || p.Purchase == nil {
		return Payment{}, false
	}
	return *p, true
}

// advance is the whole rule, and pure. It grants what may be granted, marks duplicates, and brings
// the wallet to the payment's target: the change holds the payment after it and every movement of
// credits.
func (r Rules) advance(snapshot Snapshot, p Payment, cause ledger.Cause, now time.Time) (Change, error) {
	// Whoever loads does so by the customer that it knows. The facts may name another since.
	if owner := p.Customer(); owner != "" && owner != snapshot.Wallet.Customer {
		return Change{}, fault.Stale(errors.New("payment: the wallet read is another customer's"))
	}
	// Entries of one payment must be in the order in which they were made.
	now = p.next(now)
	cause.Payment = string(p.ID)
	// The grant comes first: only what was granted can be a duplicate, or be taken back.
	p, grant, err := r.grant(p, snapshot.Wallet, cause, now)
	if err != nil {
		return Change{}, err
	}
	change := Change{Posting: grant, Ungranted: snapshot.ungranted(p)}
	// Nothing is granted, so nothing can be taken back.
	if p.State != StateGranted {
		change.After = p.schedule(now)
		return change, nil
	}
	// Duplicates are looked for once, when the purchase is granted, and again if it proves to have
	// been ordered earlier: which of two is the duplicate depends on their order.
	if !grant.Empty() || p.reordered(snapshot.Payment) {
		purchase := recentOf(p)
		p, change.Recent = p.withDuplicates(r.duplicates(snapshot.Recent, purchase), now), snapshot.Recent.with(purchase)
	}
	// Money may have gone back before the purchase was known: a payment granted now may owe at
	// once.
	p, adjustment, err := r.adjustClawback(p, snapshot, grant, cause, now)
	if err != nil {
		return Change{}, err
	}
	// Where both moved credits, they are one posting: the wallet is written once.
	switch {
	case grant.Empty():
		change.Posting = adjustment
	case !adjustment.Empty():
		change.Posting = grant.Then(adjustment)
	}
	// The next movement comes after this one, whatever the clock of its machine shows.
	if !change.Posting.Empty() {
		p.MovedAt = change.Posting.At
	}
	change.After = p.schedule(now)
	return change, nil
}

// adjustClawback brings the wallet, as the grant leaves it, to the payment's target, and returns
// the payment with its new clawback. Where the ledger refuses (the customer owes for too many
// payments), the posting is empty and the payment waits as not level: its facts are kept all the
// same, and the next ones try again.
func (r Rules) adjustClawback(
	p Payment, snapshot Snapshot, grant ledger.Posting, cause ledger.Cause, now time.Time,
) (Payment, ledger.Posting, error) {
	wallet, expiredCredits := snapshot.Wallet, snapshot.Expired
	// A new lot has no expired credits, and the wallet to build on is the one that has it.
	if !grant.Empty() {
		wallet, expiredCredits = grant.After, 0
	}
	// Credits that come back to an expired lot do so by the policy that they were bought under.
	terms := r.Catalog.ExpiredLot(p.Purchase.PaidAt)
	posting, clawback, err := ledger.AdjustClawback(wallet, p.Clawback, expiredCredits, Target(p), terms, cause, now)
	if err != nil {
		// The provider's facts are true whether the wallet can follow or not, so they are kept.
		if fault.KindOf(err) != fault.KindConflict {
			return p, ledger.Posting{}, fault.At("payment: adjust clawback", string(p.ID), err)
		}
		p.Parked = ReasonNotClawedBack
		return p, ledger.Posting{Before: wallet, After: wallet}, nil
	}
	p.Parked, p.Clawback = "", clawback
	return p, posting, nil
}

// grant judges a purchase that has granted nothing yet and, where it may, posts its credits. It
// returns the payment with the verdict on it. The posting is empty where nothing is granted now,
// because the purchase is parked, or its money goes back.
func (r Rules) grant(p Payment, wallet ledger.Wallet, cause ledger.Cause, now time.Time) (Payment, ledger.Posting, error) {
	if p.Purchase == nil || p.State == StateGranted || p.withheld() {
		return p, ledger.Posting{}, nil
	}
	// Judged on every new fact: money that comes late, or a resolution of staff, frees a parked
	// one.
	var product Package
	p.State, p.Parked, product = r.classify(*p.Purchase, p.grantedByStaff())
	if p.State != StateGranted {
		return p, ledger.Posting{}, nil
	}
	// The lot's id derives from the payment's, so the ledger refuses a second grant of a lot that
	// lives.
	lot := ledger.Lot{
		ID: p.ID.Lot(), Source: ledger.SourcePurchase,
		Granted: product.Credits, ExpiresAt: product.expiry(p.Purchase.PaidAt, now),
	}
	cause.Reason = reasonPurchase
	posting, lot, err := ledger.Grant(wallet, lot, cause, now)
	switch code := fault.CodeOf(err); {
	case err == nil:
	case code == ledger.CodeTooManyLots || code == ledger.CodeTooManyCredits:
		// A full wallet is no error of the provider's: the payment is kept, and tried again every
		// minute.
		p.State, p.Parked = StateParked, ReasonWalletFull
		return p, ledger.Posting{}, nil
	default:
		return p, ledger.Posting{}, fault.At("payment: grant", string(p.ID), err)
	}
	// Money promised while the payment was parked took no credits, for there were none, and then
	// did not go back. Should it turn up after all, it must take its share of this grant.
	for caseID, promise := range p.Promised {
		if promise.Money && promise.Credits == 0 {
			promise.Credits = ledger.Credits(money.MulDivCeil(int64(product.Credits), min(promise.Minor, p.paid()), max(1, p.paid())))
			p = p.withPromise(caseID, promise)
		}
	}
	p.GrantedAt = posting.At
	p.Clawback = ledger.Clawback{Payment: string(p.ID), Lot: lot, Granted: product.Credits}
	return p, posting, nil
}
