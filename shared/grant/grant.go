// Package grant owns credits that are given and not sold: allowances, promotions, goodwill.
//
// It refuses to know who a caller's key belongs to (it gets the role), how anything is stored, and
// purchases (payment owns those).
//
// Invariants: one idempotency key gives credits once, and its replay gets the first answer. Only
// staff give goodwill. A grant pays debts before it can be spent.
//
// Words: grant (the record of one such gift), lot (the credits it made), source (why they were
// given).
package grant

import (
	"context"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// MaxCredits bounds one grant: far above any gift, far below what an integer of JSON carries
// exactly.
const MaxCredits ledger.Credits = 1e12

// MaxNote bounds the note, in characters.
const MaxNote = 500

// Grant is the record of one gift. Instants are UTC, whole milliseconds.
type Grant struct {
	// ID is that of the lot that was ordered: it derives from the caller and the key.
	ID ledger.LotID
	// Customer is who got the credits.
	Customer ledger.CustomerID
	// Source says why they were given: never a purchase.
	Source ledger.Source
	// Credits is how many were given, more than 0.
	Credits ledger.Credits
	// ExpiresAt is when they lapse, zero for never.
	ExpiresAt time.Time
	// Note is the giver's reason, "" where none was given.
	Note string
	// By is the name of who of staff gave them, "" where the app did.
	By string
	// GrantedAt is when the credits reached the wallet.
	GrantedAt time.Time
	// InputHash tells a replay of the order from another order under its key.
	InputHash string
	// Answer is the lot as the first caller got it. Its id is another lot's where an equal lot
	// took the credits.
	Answer ledger.Lot
}

// Store reads and writes grants, each with the wallet that it fills.
type Store interface {
	// LoadGrant returns the wallet of customer and the grant of that lot id, nil when there is
	// none, in one consistent read.
	LoadGrant(ctx context.Context, customer ledger.CustomerID, id ledger.LotID) (ledger.Wallet, *Grant, error)
	// CommitGrant creates the grant and commits its posting in one transaction. KindStale when the
	// wallet has changed or the grant exists by now.
	CommitGrant(ctx context.Context, grant Grant, posting ledger.Posting) error
}

// Granter gives credits.
type Granter struct {
	// Store keeps wallets and grants.
	Store Store
}

// Order is an order of a grant.
type Order struct {
	// Customer is who gets the credits.
	Customer ledger.CustomerID
	// Credits is how many, 1 to MaxCredits.
	Credits ledger.Credits
	// Source says why; never a purchase.
	Source ledger.Source
	// ExpiresAt is when they lapse, nil for never.
	ExpiresAt *time.Time
	// Note is the giver's reason, at most MaxNote characters; "" for none.
	Note string
	// Principal is the caller that Key belongs to.
	Principal string
	// Staff says whether the caller may give goodwill, By is their name then.
	Staff bool
	By    string
	// Key is the caller's idempotency key.
	Key string
}

// Answer is the answer to an order.
type Answer struct {
	// Lot is the lot that took the credits, as it was after the grant.
	Lot ledger.Lot
	// Replayed reports that an earlier order under the same key made the grant.
	Replayed bool
}

// Give grants the credits, once for a key. A replay gets the first answer, even when the expiry
// that it orders has passed since.
//
// Errors: KindForbidden (goodwill from another than staff), KindInvalid (a field), KindConflict
// (idempotency_key_reused; no room in the wallet), KindBusy.
func (g Granter) Give(ctx context.Context, order Order, now time.Time) (Answer, error) {
	if err := order.validate(); err != nil {
		return Answer{}, err
	}
	return fault.RetryFor(ctx, func(ctx context.Context) (Answer, error) { return g.attempt(ctx, order, now) })
}

// attempt makes the grant by one read and one commit, or returns the first answer.
func (g Granter) attempt(ctx context.Context, order Order, now time.Time) (Answer, error) {
	id := order.lot()
	wallet, prior, err := g.Store.LoadGrant(ctx, order.Customer, id)
	if err != nil {
		return Answer{}, fault.At("grant.Give: load", string(id), err)
	}
	// The first answer comes before the clock: the replay of a grant that has expired since is one.
	if prior != nil {
		if prior.InputHash != order.hash() {
			return Answer{}, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another grant")
		}
		return Answer{Lot: prior.Answer, Replayed: true}, nil
	}
	expiresAt, err := order.expiry(now)
	if err != nil {
		return Answer{}, err
	}
	lot := ledger.Lot{ID: id, Source: order.Source, Granted: order.Credits, ExpiresAt: expiresAt}
	cause := ledger.Cause{Reason: string(order.Source), Event: string(id), Actor: order.actor(), By: order.By, Note: order.Note}
	posting, receiver, err := ledger.Grant(wallet, lot, cause, now)
	if err != nil {
		return Answer{}, fault.At("grant.Give: post", string(id), err)
	}
	// The record outlives the lot, which leaves the wallet when it is spent: it alone knows that
	// the key has given its credits.
	record := Grant{
		ID: id, Customer: order.Customer, Source: order.Source, Credits: order.Credits, ExpiresAt: expiresAt, Note: order.Note, By: order.By,
		GrantedAt: posting.At, InputHash: order.hash(), Answer: receiver,
	}
	if err := g.Store.CommitGrant(ctx, record, posting); err != nil {
		return Answer{}, fault.At("grant.Give: commit", string(id), err)
	}
	return Answer{Lot: receiver}, nil
}

// expiry returns when the lot expires, in whole milliseconds; the zero time for never.
func (o Order) expiry(now time.Time) (time.Time, error) {
	if o.ExpiresAt == nil {
		return time.Time{}, nil
	}
	expiry := text.Millisecond(*o.ExpiresAt)
	if !expiry.After(now) {
		return time.Time{}, fault.Invalid("expires_at", "must be in the future")
	}
	return expiry, nil
}

// validate judges what does not depend on the clock, so that a replay is not refused because time
// has passed.
func (o Order) validate() error {
	switch o.Source {
	case ledger.SourceAllowance, ledger.SourcePromotion:
	case ledger.SourceGoodwill:
		if !o.Staff {
			return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "only staff gives goodwill")
		}
	default:
		return fault.Invalid("source", "must be allowance, promotion or goodwill")
	}
	if _, err := ledger.ParseCustomer(string(o.Customer)); err != nil {
		return err
	}
	if o.Credits < 1 || o.Credits > MaxCredits {
		return fault.Invalid("credits", "must be 1 to %d", int64(MaxCredits))
	}
	return text.CheckLength("note", o.Note, MaxNote)
}

func (o Order) actor() string {
	if o.Staff {
		return ledger.ActorStaff
	}
	return ledger.ActorApp
}

// lot derives the id of the lot, so that a replay finds the first.
func (o Order) lot() ledger.LotID {
	return ledger.NewLotID("POST /v1/grants", o.Principal, string(o.Customer), o.Key)
}

// hash tells one input from another under the same key.
func (o Order) hash() string {
	expiry := ""
	if o.ExpiresAt != nil {
		expiry = strconv.FormatInt(o.ExpiresAt.UnixMilli(), 10)
	}
	return ledger.HashID("", 32, string(o.Customer), strconv.FormatInt(int64(o.Credits), 10), string(o.Source), expiry, o.Note)
}
