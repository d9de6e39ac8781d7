package payment

import (
	"context"
	"errors"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// Store reads and writes payments, each with the wallet that it moves.
type Store interface {
	// LoadPayment reads the payment (nil when unknown) and the wallet of customer, or of the payment's own customer when customer is "";
	// consistent.
	LoadPayment(ctx context.Context, id ID, customer ledger.CustomerID) (Snapshot, error)
	// CommitPayment writes the payment after (create when read knew none) and the posting (if it moves) in one transaction, if all that
	// was read still stands: the payment, the wallet, and what stands expired of a granted payment's lot. KindStale when not.
	CommitPayment(ctx context.Context, read Snapshot, after Payment, posting ledger.Posting) error
}

// Snapshot is a payment and its customer's wallet as one read saw them. Expired is what stands expired of the
// payment's own lot (see ID.Lot): 0 where its grant joined another.
type Snapshot struct {
	Payment *Payment
	Wallet  ledger.Wallet
	Expired ledger.Credits
}

// Receiver brings payments, and the wallets behind them, level with what a provider says. Livemode is the mode whose payments count
// (true: live, false: test); nil where either does.
type Receiver struct {
	Store    Store
	Catalog  Catalog
	Livemode *bool
}

// Result is what became of the facts. Changed is false for a repeat and for what does not concern us; then nothing was written.
type Result struct {
	Payment Payment
	Changed bool
	Entries []ledger.Entry // posted, none when no credits moved
}

// Receive merges the facts into their payment and brings the wallet level with it, in one commit; when it returns nil, what was
// heard is durable. It returns a KindInvalid error for facts that mean nothing, and KindBusy when the store stays contended.
func (r Receiver) Receive(ctx context.Context, facts Facts, now time.Time) (Result, error) {
	if err := facts.Validate(); err != nil {
		return Result{}, err
	}
	if facts.Purchase == nil && r.otherMode(facts.Livemode) {
		return Result{}, nil // of a payment that this stack never granted
	}
	facts = facts.tidy()
	var result Result
	err := fault.Retry(ctx, func(ctx context.Context) error {
		var err error
		result, err = r.receive(ctx, facts, now)
		return err
	})
	return result, err
}

func (r Receiver) receive(ctx context.Context, facts Facts, now time.Time) (Result, error) {
	snapshot, err := r.load(ctx, facts)
	if err != nil {
		return Result{}, err
	}
	after, posting, err := r.advance(snapshot, facts, ledger.Cause{Event: facts.Event, Actor: "provider"}, now)
	if err != nil {
		return Result{}, err
	}
	if snapshot.Payment != nil && after.Equal(*snapshot.Payment) && posting.Empty() {
		return Result{Payment: after}, nil
	}
	if err := r.Store.CommitPayment(ctx, snapshot, after, posting); err != nil {
		return Result{}, err
	}
	return Result{Payment: after, Changed: true, Entries: posting.Entries}, nil
}

// Judge looks at a recorded payment again, without news of it: the payment as it stands then, and the posting that brings its wallet level.
// It writes nothing. A purchase that could not be granted, and now can, is; the state tells. Cause says who asks, and for which case.
func (r Receiver) Judge(recorded Snapshot, cause ledger.Cause, now time.Time) (Payment, ledger.Posting, error) {
	return r.advance(recorded, Facts{Payment: recorded.Payment.ID, Provider: recorded.Payment.Provider}, cause, now)
}

// load reads the payment with the wallet of the customer that the facts name; should the payment prove to be another's, it reads again.
func (r Receiver) load(ctx context.Context, facts Facts) (Snapshot, error) {
	var customer ledger.CustomerID
	if facts.Purchase != nil {
		customer = facts.Purchase.Customer
	}
	snapshot, err := r.Store.LoadPayment(ctx, facts.Payment, customer)
	if err != nil {
		return Snapshot{}, err
	}
	owner := r.hear(merge(snapshot.Payment, facts), facts.Purchase).Customer()
	if owner == "" || owner == snapshot.Wallet.Customer {
		return snapshot, nil
	}
	return r.Store.LoadPayment(ctx, facts.Payment, owner)
}

// advance is the whole rule, and pure: the payment with the facts merged in, and the posting that brings its wallet level with it.
func (r Receiver) advance(snapshot Snapshot, facts Facts, cause ledger.Cause, now time.Time) (Payment, ledger.Posting, error) {
	after := r.hear(merge(snapshot.Payment, facts), facts.Purchase)
	if owner := after.Customer(); owner != "" && owner != snapshot.Wallet.Customer {
		return Payment{}, ledger.Posting{}, fault.Stale(errors.New("payment: the wallet read is another customer's"))
	}
	now = after.next(now)
	cause.Reason, cause.Payment = facts.reason(after), string(after.ID)
	granted, err := r.grant(&after, snapshot.Wallet, cause, now)
	if err != nil || after.State != StateGranted {
		return after, granted, err
	}
	wallet, expired := snapshot.Wallet, snapshot.Expired
	if !granted.Empty() {
		wallet, expired = granted.After, 0
	}
	level, taking, err := ledger.Level(wallet, after.Taking, expired, Target(after), r.Catalog.ExpiredLot(after.Purchase.PaidAt), cause, now)
	if err != nil && fault.KindOf(err) != fault.KindConflict {
		return Payment{}, ledger.Posting{}, err
	}
	after.Parked = ""
	if err != nil { // what was heard is kept all the same; the next fact about this payment tries again
		after.Parked, taking = ReasonNotLevel, after.Taking
		level = ledger.Posting{Guard: ledger.GuardUnchanged, Before: wallet, After: wallet}
	}
	after.Taking = taking
	posting := level
	switch {
	case granted.Empty():
	case level.Empty():
		posting = granted
	default:
		posting = granted.Then(level)
	}
	if !posting.Empty() {
		after.MovedAt = posting.At
	}
	return after, posting, nil
}

// grant judges a purchase that has granted nothing yet, and whose money no case gives back, and, where it may, posts the credits. It writes the verdict into p. The posting
// is empty where nothing is granted now.
func (r Receiver) grant(p *Payment, wallet ledger.Wallet, cause ledger.Cause, now time.Time) (ledger.Posting, error) {
	if p.Purchase == nil || p.State == StateGranted || len(p.Promised) > 0 {
		return ledger.Posting{}, nil
	}
	var sold Package
	p.State, p.Parked, sold = r.judge(*p.Purchase)
	if p.State != StateGranted {
		return ledger.Posting{}, nil
	}
	lot := ledger.Lot{
		ID: p.ID.Lot(), Source: ledger.SourcePurchase,
		Granted: sold.Credits, ExpiresAt: sold.expiry(p.Purchase.PaidAt, now),
	}
	cause.Reason = "purchase"
	posting, lot, err := ledger.Grant(wallet, lot, cause, now)
	if err != nil {
		if code := fault.CodeOf(err); code == ledger.CodeTooManyLots || code == ledger.CodeTooManyCredits {
			p.State, p.Parked = StateParked, ReasonWalletFull
			return ledger.Posting{}, nil
		}
		return ledger.Posting{}, err
	}
	p.GrantedAt = posting.At
	p.Taking = ledger.Taking{Payment: string(p.ID), Lot: lot, Granted: sold.Credits}
	return posting, nil
}
