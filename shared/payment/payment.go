// Package payment owns what a payment provider tells of a payment, and how many credits that
// payment has given and taken back.
//
// It refuses to know how a provider writes its events, how anything is stored, and which packages
// are sold (a Catalog answers that).
//
// Invariants: facts merge by rank, so their order and multiplicity do not matter; credits are
// granted at most once per payment, at most what the package holds; a provider's word moves only
// the payments that it named the purchase of, and a status that we do not know moves nothing; what
// was taken back equals Target after every commit, or the payment waits for staff as not level; a
// repeat changes nothing.
//
// Words: facts (what one event says), purchase, refund and dispute (of money; the credits taken
// back for them are a clawback), parked (bought, but not paid yet, or not understood: nothing is
// granted, staff looks at it), target (credits that should be taken back), promise (what an
// approved case gives back of a payment), foreign (money that went back without one), repeat (a
// payment that may be a double charge), gateway.
package payment

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// State says what a payment has led to.
type State string

// The states; the zero value is invalid. Only granted is final: a parked or failed payment is
// judged again on every new fact.
const (
	StatePending State = "pending" // its purchase is not heard of yet
	StateFailed  State = "failed"  // the provider says that it will not be paid
	StateParked  State = "parked"  // nothing is granted, for the reason in Parked
	StateGranted State = "granted"
)

// Reason says why a payment waits for staff: it is parked, or granted and not level with what the
// provider says.
type Reason string

// The reasons; the zero value means not parked.
const (
	ReasonNoCustomer        Reason = "no_customer"     // none named, or not one that can have a wallet
	ReasonUnknownPackage    Reason = "unknown_package" // not sold when it was ordered
	ReasonWrongCurrency     Reason = "wrong_currency"
	ReasonWrongAmount       Reason = "wrong_amount"
	ReasonWrongMode         Reason = "wrong_mode"          // a test payment told to a live stack, or the reverse
	ReasonUnpaid            Reason = "unpaid"              // the money may still come
	ReasonNoPaymentRequired Reason = "no_payment_required" // and the policy gives nothing for nothing
	ReasonPaymentFailed     Reason = "payment_failed"      // staff granted it unpaid, and its money will not come
	ReasonWalletFull        Reason = "wallet_full"         // no room for so many credits
	ReasonNotLevel          Reason = "not_level"           // granted, but its credits could not be taken back: the customer owes for too many payments
	ReasonDuplicate         Reason = "repeated"            // maybe a double charge
	ReasonOverRefunded      Reason = "over_refunded"       // more went back than was paid: what is above that moves nothing
	ReasonUnknownRefund     Reason = "refund_unheard"      // the provider counts refunds that it does not tell of
	ReasonUnknownStatus     Reason = "unknown_status"      // the provider names a status that we do not know
	ReasonOtherProvider     Reason = "other_provider"      // a provider speaks of it that it is not of
	ReasonNotRefunded       Reason = "not_refunded"        // staff wanted the money back with the customer, and the provider did not
)

// Payment is everything heard of one payment and what came of it. It is plain data: it survives a
// round trip through JSON. Maps may be nil; instants are UTC, whole milliseconds.
type Payment struct {
	ID       ID                 `json:"id"`
	Provider string             `json:"provider"`
	State    State              `json:"state"`
	Parked   Reason             `json:"parked,omitempty"`  // why nothing is granted, or ReasonNotLevel of one that was
	Aliases  []ID               `json:"aliases,omitempty"` // other ids of it that its provider told, sorted, at most maxAliases
	Purchase *Purchase          `json:"purchase,omitempty"`
	Refunds  map[string]Refund  `json:"refunds,omitempty"`  // by the provider's refund id
	Disputes map[string]Dispute `json:"disputes,omitempty"` // by the provider's dispute id
	// Unclear are the statuses that we do not know, and KnownAt is when one that we know was last
	// said, both by what they are of: the purchase, a refund, a dispute. Others is what providers
	// said that the payment is not of, by their names.
	Unclear map[string]Unclear   `json:"unclear,omitempty"`
	KnownAt map[string]time.Time `json:"known_at,omitempty"`
	Others  map[string]Others    `json:"others,omitempty"`
	// More says that not all of what the provider said was kept, since nobody had named a purchase
	// yet: it is looked up once somebody has.
	More bool `json:"more,omitempty"`
	// RefundedInAll is the highest cumulative count of refunded money heard, in minor units. Where
	// it is above what Refunds add up to, a refund has not been heard of: it is looked up, never
	// counted.
	RefundedInAll int64 `json:"refunded_in_all,omitempty"`
	// GrantedAt is when the credits were granted, MovedAt when the payment last moved credits at
	// all; zero before that.
	GrantedAt time.Time `json:"granted_at,omitzero"`
	MovedAt   time.Time `json:"moved_at,omitzero"`
	// LookedUp is the RefundedInAll up to which the provider's own list of refunds was read.
	LookedUp int64 `json:"looked_up,omitempty"`
	// Promised is what approved cases give back of the payment, by case. It is written with the
	// verdict, so that no second case gives the same back.
	Promised map[string]Promise `json:"promised,omitempty"`
	// DuplicateOf names payments for the same by the same customer that were ordered before this
	// one, or with it, and DuplicatedBy those that were after it, within the policy's longer span.
	// Duplicate says that one of DuplicateOf lies within the shorter one: this is taken for a
	// double charge. Repay says that it is to be paid back unasked, and its case not made yet.
	DuplicateOf  []ID `json:"repeats,omitempty"`
	DuplicatedBy []ID `json:"repeated_by,omitempty"`
	Duplicate    bool `json:"twice,omitempty"`
	Repay        bool `json:"repay,omitempty"`
	// Resolutions are what staff decided whenever the payment waited for them, oldest first, at
	// most MaxResolutions; WaitsSince is since when it does, zero when it does not.
	Resolutions []Resolution `json:"resolutions,omitempty"`
	WaitsSince  time.Time    `json:"waits_since,omitzero"`
	// Claims are the cases in review about the payment since it waits for staff.
	Claims []OpenClaim `json:"claims,omitempty"`
	// Clawback is what the payment granted, and how what was taken back of it was found; zero until
	// something is granted.
	Clawback ledger.Clawback `json:"taking,omitzero"`
	// Todo is what the payment still owes the world, and Attempts how often a sweep put that back.
	Todo     todo.List `json:"todo,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	// Version counts the commits of this payment. It is the store's: a commit is refused when it is
	// not the stored one.
	Version int64 `json:"-"`
}

// Customer returns whose payment it is, or "" while nobody knows.
func (p Payment) Customer() ledger.CustomerID {
	if p.Purchase == nil {
		return ""
	}
	return p.Purchase.Customer
}

// Locale returns the language that the checkout was in, "" where nobody said it.
func (p Payment) Locale() string {
	if p.Purchase == nil {
		return ""
	}
	return p.Purchase.Locale
}

// Granted returns how many credits the payment gave: 0 unless its state is granted.
func (p Payment) Granted() ledger.Credits { return p.Clawback.Granted }

// Equal reports whether p and other say the same, whatever their versions.
func (p Payment) Equal(other Payment) bool {
	p.Version, other.Version = 0, 0
	if reflect.DeepEqual(p, other) { // most are: a repeat changes nothing
		return true
	}
	left, err := json.Marshal(p)
	if err != nil {
		return false
	}
	theirs, err := json.Marshal(other)
	return err == nil && bytes.Equal(left, theirs)
}

// next returns the instant of the payment's next movement: now, but after its last one. Events of
// one payment are handled by several machines, and a statement that shows credits taken back before
// they were granted explains nothing.
func (p Payment) next(now time.Time) time.Time {
	if p.MovedAt.IsZero() || now.After(p.MovedAt) {
		return now
	}
	return p.MovedAt.Add(time.Millisecond)
}

// apply returns the payment with the facts joined in; before may be nil. It shares nothing that it
// changes with before. A payment is of the provider that first named what was bought: what another
// one says of it is kept aside.
func (r Rules) apply(prior *Payment, facts Facts) Payment {
	after := Payment{ID: facts.Payment, Provider: facts.Provider, State: StatePending}
	if prior != nil {
		after = *prior
	}
	if after.Provider != facts.Provider {
		if after.Purchase != nil || facts.Purchase == nil {
			return after.keepAside(facts)
		}
		after = after.transferTo(facts.Provider)
	}
	after.Aliases = mergeIDs(after.Aliases, facts.Aliases)
	after.Aliases = after.Aliases[:min(len(after.Aliases), maxAliases)]
	own := after.own().with(facts)
	if after.Purchase == nil && facts.Purchase == nil {
		own = own.bounded()
	}
	return r.withPurchase(after.withOwn(own), facts.Purchase)
}

func mergeInto[F any](all map[string]F, id string, value F, join func(F, F) F) map[string]F {
	all = maps.Clone(all)
	if all == nil {
		all = map[string]F{}
	}
	if prior, ok := all[id]; ok {
		value = join(prior, value)
	}
	all[id] = value
	return all
}
