package payment

import (
	"errors"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Rules judge payments. They are pure: no store, no clock, no provider. Receiver puts a store behind them; a refund, an outage and the
// reconciliation ask them alone.
type Rules struct {
	// Catalog says what was sold at an instant, and for how much.
	Catalog Catalog
	// Livemode is the mode whose payments count: true live, false test, nil either.
	Livemode *bool
}

// Reassess looks at a recorded payment again, without news of it: what becomes of it and of its wallet, which must be of its customer. It writes
// nothing. A purchase that could not be granted, and now can, is; the state tells. Cause says who asks, and for which case.
func (r Rules) Reassess(recorded Snapshot, cause ledger.Cause, now time.Time) (Change, error) {
	if cause.Reason == "" {
		cause.Reason = ReasonRefund
	}
	return r.advance(recorded, *recorded.Payment, cause, now)
}

// FromFacts returns the payment that these facts alone tell of, as nobody has judged it yet; false where they tell of no purchase.
func (r Rules) FromFacts(id ID, facts []Facts) (Payment, bool) {
	var heard *Payment
	for _, one := range facts {
		if one.Payment != id || one.Validate() != nil {
			continue
		}
		one = one.sanitize()
		p := r.apply(heard, one)
		heard = &p
	}
	if heard == nil || heard.Purchase == nil {
		return Payment{}, false
	}
	return *heard, true
}

// advance is the whole rule, and pure: the payment judged, and the posting that brings its wallet level with it.
func (r Rules) advance(snapshot Snapshot, after Payment, cause ledger.Cause, now time.Time) (Change, error) {
	if owner := after.Customer(); owner != "" && owner != snapshot.Wallet.Customer {
		return Change{}, fault.Stale(errors.New("payment: the wallet read is another customer's"))
	}
	now = after.next(now)
	cause.Payment = string(after.ID)
	granted, err := r.grant(&after, snapshot.Wallet, cause, now)
	if err != nil {
		return Change{}, err
	}
	if after.State != StateGranted {
		return Change{After: after.schedule(now), Posting: granted, Ungranted: snapshot.ungranted(after)}, nil
	}
	change := Change{Posting: granted, Ungranted: snapshot.ungranted(after)}
	wallet, expired := snapshot.Wallet, snapshot.Expired
	if !granted.Empty() {
		wallet, expired = granted.After, 0
	}
	if !granted.Empty() || after.reordered(snapshot.Payment) {
		bought := recentOf(after)
		after, change.Recent = after.withDuplicates(r.duplicates(snapshot.Recent, bought), now), snapshot.Recent.with(bought)
	}
	level, taking, err := ledger.AdjustClawback(wallet, after.Clawback, expired, Target(after), r.Catalog.ExpiredLot(after.Purchase.PaidAt), cause, now)
	if err != nil && fault.KindOf(err) != fault.KindConflict {
		return Change{}, err
	}
	after.Parked = ""
	if err != nil { // what was heard is kept all the same; the next fact about this payment tries again
		after.Parked, taking = ReasonNotLevel, after.Clawback
		level = ledger.Posting{Before: wallet, After: wallet}
	}
	after.Clawback = taking
	switch {
	case granted.Empty():
		change.Posting = level
	case !level.Empty():
		change.Posting = granted.Then(level)
	}
	if !change.Posting.Empty() {
		after.MovedAt = change.Posting.At
	}
	change.After = after.schedule(now)
	return change, nil
}

// grant judges a purchase that has granted nothing yet, and whose money nobody gives back, and, where it may, posts the credits. It writes
// the verdict into p. The posting is empty where nothing is granted now.
func (r Rules) grant(p *Payment, wallet ledger.Wallet, cause ledger.Cause, now time.Time) (ledger.Posting, error) {
	if p.Purchase == nil || p.State == StateGranted || p.withheld() {
		return ledger.Posting{}, nil
	}
	var sold Package
	p.State, p.Parked, sold = r.classify(*p.Purchase, p.grantedByStaff())
	if p.State != StateGranted {
		return ledger.Posting{}, nil
	}
	lot := ledger.Lot{
		ID: p.ID.Lot(), Source: ledger.SourcePurchase,
		Granted: sold.Credits, ExpiresAt: sold.expiry(p.Purchase.PaidAt, now),
	}
	cause.Reason = reasonPurchase
	posting, lot, err := ledger.Grant(wallet, lot, cause, now)
	if err != nil {
		if code := fault.CodeOf(err); code == ledger.CodeTooManyLots || code == ledger.CodeTooManyCredits {
			p.State, p.Parked = StateParked, ReasonWalletFull
			return ledger.Posting{}, nil
		}
		return ledger.Posting{}, err
	}
	for caseID, promise := range p.Promised { // its money did not go back: should it turn up after all, it takes its share of the grant
		if promise.Money && promise.Credits == 0 {
			promise.Credits = ledger.Credits(money.MulDivCeil(int64(sold.Credits), min(promise.Minor, p.paid()), max(1, p.paid())))
			*p = p.withPromise(caseID, promise)
		}
	}
	p.GrantedAt = posting.At
	p.Clawback = ledger.Clawback{Payment: string(p.ID), Lot: lot, Granted: sold.Credits}
	return posting, nil
}
