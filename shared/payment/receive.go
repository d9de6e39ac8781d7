package payment

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// Store reads and writes payments, each with the wallet that it moves.
type Store interface {
	// LoadPayment reads the payment (nil when unknown), and the wallet and recent purchases of
	// customer, or of the payment's own customer when customer is ""; consistent.
	LoadPayment(ctx context.Context, id ID, customer ledger.CustomerID) (Snapshot, error)
	// CommitPayment writes the change (create when read knew no payment) in one transaction, if all
	// that was read still stands: the payment, the wallet where it moves, what stands expired of a
	// granted payment's lot, the recent and the ungranted purchases where they change, the twins.
	// KindStale when not. The payment is found by its new aliases from then on, unless it is
	// granted by its first commit: see FindNamed.
	CommitPayment(ctx context.Context, snapshot Snapshot, change Change) error
	// FindPayments returns those of the payments that exist, each once, in the order asked;
	// consistent.
	FindPayments(ctx context.Context, ids ...ID) ([]Payment, error)
}

// Snapshot is a payment and its customer's wallet as one read saw them. Expired is what stands
// expired of the payment's own lot (see ID.Lot): 0 where its grant joined another. Recent are the
// customer's latest purchases, Ungranted those payments of theirs that granted nothing.
type Snapshot struct {
	Payment   *Payment
	Wallet    ledger.Wallet
	Expired   ledger.Credits
	Recent    Recent
	Ungranted []ID
}

// Change is what one step makes of a payment: the payment after it, what it moves, and what else it
// writes. A nil Recent leaves the recent purchases alone, a nil Ungranted those; Duplicates are
// other payments as they stand after it, each of the version that was read.
type Change struct {
	After      Payment
	Posting    ledger.Posting
	Recent     Recent
	Ungranted  []ID
	Duplicates []Payment
}

// Receiver brings stored payments, and the wallets behind them, level with what a provider says: it
// loads, asks Rules, and commits.
type Receiver struct {
	Store Store
	Rules Rules
}

// Result is what became of the facts. Changed is false for a repeat and for what does not concern
// us; then nothing was written.
type Result struct {
	Payment    Payment
	Changed    bool
	Entries    []ledger.Entry // posted, none when no credits moved
	Duplicates []Payment      // others that proved to be repeats of this one, as they stand now
}

// Written returns the payments as they stand after what became of some facts: the one that they are
// about, and its repeats.
func (r Result) Written() []Payment { return append([]Payment{r.Payment}, r.Duplicates...) }

// Receive merges the facts into their payment and brings the wallet level with it, in one commit;
// when it returns nil, what was heard is durable. It returns a KindInvalid error for facts that
// mean nothing, and KindBusy when the store stays contended.
func (r Receiver) Receive(ctx context.Context, facts Facts, now time.Time) (Result, error) {
	if err := facts.Validate(); err != nil {
		return Result{}, err
	}
	facts = facts.sanitize()
	if facts.At.IsZero() { // it says how things stand today
		facts.At, facts.undated = text.Millisecond(now), true
	}
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
	if facts.Purchase == nil && r.Rules.otherMode(facts.Livemode) && !snapshot.Payment.madeIn(*facts.Livemode) {
		return Result{}, nil // of a payment that this stack never heard of
	}
	after := r.Rules.apply(snapshot.Payment, facts)
	cause := ledger.Cause{Reason: facts.reason(after), Event: facts.Event, Actor: ledger.ActorProvider}
	return r.commit(ctx, snapshot, after, cause, now)
}

// load reads the payment with the wallet of the customer that the facts name; should the payment
// prove to be another's, it reads again.
func (r Receiver) load(ctx context.Context, facts Facts) (Snapshot, error) {
	var customer ledger.CustomerID
	if facts.Purchase != nil {
		customer = facts.Purchase.Customer
	}
	snapshot, err := r.Store.LoadPayment(ctx, facts.Payment, customer)
	if err != nil {
		return Snapshot{}, err
	}
	owner := r.Rules.apply(snapshot.Payment, facts).Customer()
	if owner == "" || owner == snapshot.Wallet.Customer {
		return snapshot, nil
	}
	return r.Store.LoadPayment(ctx, facts.Payment, owner)
}

// change does something to a recorded payment and brings the wallet level with it, in one commit.
// Customer is whose wallet is read where the payment names nobody. KindNotFound where there is no
// such payment.
func (r Receiver) change(
	ctx context.Context, id ID, customer ledger.CustomerID, cause ledger.Cause, now time.Time, edit func(Payment) (Payment, error),
) (Result, error) {
	if id.Validate("payment") != nil {
		return Result{}, fault.NotFound("payment")
	}
	var result Result
	err := fault.Retry(ctx, func(ctx context.Context) error {
		snapshot, err := r.Store.LoadPayment(ctx, id, "")
		if err == nil && snapshot.Payment != nil && snapshot.Payment.Customer() == "" && customer != "" {
			snapshot, err = r.Store.LoadPayment(ctx, id, customer)
		}
		if err != nil {
			return err
		}
		if snapshot.Payment == nil {
			return fault.NotFound("payment")
		}
		after, err := edit(*snapshot.Payment)
		if err != nil {
			return err
		}
		result, err = r.commit(ctx, snapshot, after, cause, now)
		return err
	})
	return result, err
}

// commit brings the wallet level with the payment and writes both, with the twins of a purchase
// that is granted by it.
func (r Receiver) commit(ctx context.Context, snapshot Snapshot, after Payment, cause ledger.Cause, now time.Time) (Result, error) {
	change, err := r.Rules.advance(snapshot, after, cause, now)
	if err != nil {
		return Result{}, err
	}
	change.After = change.After.withAnswer()
	if after.grantedByStaff() && change.After.State != StateGranted {
		return Result{}, fault.Errorf(fault.KindConflict, string(change.After.Parked), "the credits cannot be granted now")
	}
	if snapshot.Payment != nil && change.Posting.Empty() && change.After.Equal(*snapshot.Payment) {
		return Result{Payment: change.After}, nil
	}
	if change.Duplicates, err = FindDuplicates(ctx, r.Store, r.Rules, change, now); err != nil {
		return Result{}, err
	}
	if err := r.Store.CommitPayment(ctx, snapshot, change); err != nil {
		return Result{}, err
	}
	return Result{Payment: change.After, Changed: true, Entries: change.Posting.Entries, Duplicates: change.Duplicates}, nil
}
