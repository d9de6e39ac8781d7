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
	// LoadPayment reads the payment (nil when unknown), with the wallet and recent purchases of
	// customer. Where customer is "", they are those of the payment's own customer. The read is
	// consistent.
	LoadPayment(ctx context.Context, id ID, customer ledger.CustomerID) (Snapshot, error)
	// CommitPayment writes the change in one transaction, if nothing that was read has changed
	// since: the payment, the wallet where it moves, the expired credits of a granted payment's
	// lot, the recent and the ungranted purchases where they change, and the duplicates. It creates
	// the payment where the snapshot has none. KindStale when something has changed. From then on
	// the payment is found by its new aliases, unless its first commit grants it: see FindNamed.
	CommitPayment(ctx context.Context, snapshot Snapshot, change Change) error
	// FindPayments returns those of the payments that exist, each once, in the order of ids. The
	// read is consistent.
	FindPayments(ctx context.Context, ids ...ID) ([]Payment, error)
}

// Snapshot is a payment and its customer's wallet as one read returned them.
type Snapshot struct {
	// Payment is the payment, nil when it is unknown.
	Payment *Payment
	// Wallet is its customer's; empty where nobody is named.
	Wallet ledger.Wallet
	// Expired is how many credits of the payment's own lot (see ID.Lot) have expired: 0 where its
	// grant joined another lot.
	Expired ledger.Credits
	// Recent are the customer's latest granted purchases.
	Recent Recent
	// Ungranted are the customer's payments that granted nothing.
	Ungranted []ID
}

// Change is what one step makes of a payment, and all that is written with it.
type Change struct {
	// After is the payment after the step.
	After Payment
	// Posting is what moves in the wallet; empty where no credits move.
	Posting ledger.Posting
	// Recent replaces the customer's recent purchases; nil leaves them alone.
	Recent Recent
	// Ungranted replaces the customer's ungranted payments; nil leaves them alone.
	Ungranted []ID
	// Duplicates are other payments as they are after the step, each of the version that was read.
	Duplicates []Payment
}

// Receiver brings stored payments, and the wallets behind them, level with what a provider reports:
// it loads, applies Rules, and commits.
type Receiver struct {
	// Store keeps the payments.
	Store Store
	// Rules judge them.
	Rules Rules
}

// Result is what became of the facts.
type Result struct {
	// Payment is the payment as it is now.
	Payment Payment
	// Changed is false for a replay and for facts that do not concern us; then nothing was written.
	Changed bool
	// Entries are what was posted; none when no credits moved.
	Entries []ledger.Entry
	// Duplicates are other payments that proved to be duplicates of this one, or it of them, as
	// they are now.
	Duplicates []Payment
}

// Written returns every payment that the change wrote, as it is now: the one that the facts are
// about, then its duplicates.
func (r Result) Written() []Payment { return append([]Payment{r.Payment}, r.Duplicates...) }

// Receive merges the facts into their payment and brings the wallet level with it, in one commit.
// When it returns nil, the facts are durable. KindInvalid for facts that fail validation, KindBusy
// when the store stays contended.
func (r Receiver) Receive(ctx context.Context, facts Facts, now time.Time) (Result, error) {
	if err := facts.Validate(); err != nil {
		return Result{}, err
	}
	facts = facts.sanitize()
	// An answer of the provider's API bears no instant: it reports how things are at this moment.
	if facts.At.IsZero() {
		facts.At, facts.undated = text.Millisecond(now), true
	}
	// Another machine may be committing facts of the same payment: read again, merge again.
	return fault.RetryFor(ctx, func(ctx context.Context) (Result, error) { return r.receive(ctx, facts, now) })
}

// receive is one try of Receive: load, apply, commit.
func (r Receiver) receive(ctx context.Context, facts Facts, now time.Time) (Result, error) {
	snapshot, err := r.load(ctx, facts)
	if err != nil {
		return Result{}, err
	}
	// A test event about a payment of another stack must leave no row here. A purchase of the wrong
	// mode is parked instead, for staff to see.
	if facts.Purchase == nil && r.Rules.otherMode(facts.Livemode) && !snapshot.Payment.madeIn(*facts.Livemode) {
		return Result{}, nil
	}
	after := r.Rules.apply(snapshot.Payment, facts)
	cause := ledger.Cause{Reason: facts.reason(after), Event: facts.Event, Actor: ledger.ActorProvider}
	return r.commit(ctx, snapshot, after, cause, now)
}

// load reads the payment with the wallet of the customer that the facts name. Where the payment
// proves to be another customer's, it reads again, with that wallet.
func (r Receiver) load(ctx context.Context, facts Facts) (Snapshot, error) {
	var customer ledger.CustomerID
	if facts.Purchase != nil {
		customer = facts.Purchase.Customer
	}
	snapshot, err := r.Store.LoadPayment(ctx, facts.Payment, customer)
	if err != nil {
		return Snapshot{}, fault.At("payment.Receiver: load", string(facts.Payment), err)
	}
	// Only the merged payment shows whose it is: its stored purchase may outrank the new one.
	owner := r.Rules.apply(snapshot.Payment, facts).Customer()
	if owner == "" || owner == snapshot.Wallet.Customer {
		return snapshot, nil
	}
	snapshot, err = r.Store.LoadPayment(ctx, facts.Payment, owner)
	return snapshot, fault.At("payment.Receiver: load with the owner's wallet", string(facts.Payment), err)
}

// change edits a stored payment and brings the wallet level with it, in one commit. Where the
// payment names nobody, customer says whose wallet is read. KindNotFound where there is no such
// payment. edit may run several times.
func (r Receiver) change(
	ctx context.Context, id ID, customer ledger.CustomerID, cause ledger.Cause, now time.Time, edit func(Payment) (Payment, error),
) (Result, error) {
	// What cannot be an id cannot be in the store, and must not become a key.
	if id.Validate("payment") != nil {
		return Result{}, fault.NotFound("payment")
	}
	var result Result
	err := fault.Retry(ctx, func(ctx context.Context) error {
		snapshot, err := r.Store.LoadPayment(ctx, id, "")
		// Staff may grant a payment that names nobody to a customer: the wallet is theirs then.
		if err == nil && snapshot.Payment != nil && snapshot.Payment.Customer() == "" && customer != "" {
			snapshot, err = r.Store.LoadPayment(ctx, id, customer)
		}
		if err != nil {
			return fault.At("payment.Receiver: load", string(id), err)
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

// commit brings the wallet level with the payment and writes both, with the duplicates of a
// purchase that is granted by it.
func (r Receiver) commit(ctx context.Context, snapshot Snapshot, after Payment, cause ledger.Cause, now time.Time) (Result, error) {
	change, err := r.Rules.advance(snapshot, after, cause, now)
	if err != nil {
		return Result{}, err
	}
	// The first answer to a resolution is kept with it, so that a replay gets the same one.
	change.After = change.After.withAnswer()
	// Staff are to learn at once that the wallet refused, while they can still decide otherwise.
	if after.grantedByStaff() && change.After.State != StateGranted {
		return Result{}, fault.Errorf(fault.KindConflict, string(change.After.Parked), "the credits cannot be granted now")
	}
	// A replay writes nothing: providers deliver events several times.
	if snapshot.Payment != nil && change.Posting.Empty() && change.After.Equal(*snapshot.Payment) {
		return Result{Payment: change.After}, nil
	}
	// Both payments of a double charge are marked in one commit, so neither is seen without the
	// other.
	if change.Duplicates, err = FindDuplicates(ctx, r.Store, r.Rules, change, now); err != nil {
		return Result{}, err
	}
	if err := r.Store.CommitPayment(ctx, snapshot, change); err != nil {
		return Result{}, fault.At("payment.Receiver: commit", string(after.ID), err)
	}
	return Result{Payment: change.After, Changed: true, Entries: change.Posting.Entries, Duplicates: change.Duplicates}, nil
}
