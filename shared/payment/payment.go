// Package payment owns what a payment provider answers about a payment, and how many credits that
// payment has granted and taken back.
//
// It refuses to know how a provider writes its events, how anything is stored, and which packages
// are sold (a Catalog answers that).
//
// Invariants:
//   - Facts merge by rank: their order and multiplicity do not matter. A replay changes nothing.
//   - Credits are granted at most once per payment, and at most what the package holds.
//   - A provider moves only payments whose purchase it named. An unknown status moves nothing.
//   - After every commit, what was taken back equals Target, or the payment waits for staff.
//
// Words: facts (what one event reports), purchase, refund and dispute (of money; the credits taken
// back for them are a clawback), parked (nothing is granted and staff look at it: the purchase is
// not paid yet, or not understood), target (credits that should be taken back), promise (what an
// approved case gives back of a payment), external (money that went back without a promise),
// duplicate (a second charge for one purchase), gateway (the provider's API).
package payment

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// State says what a payment has led to.
type State string

// The states; the zero value is invalid. Only granted is final: a parked or failed payment is
// judged again on every new fact.
const (
	StatePending State = "pending" // no provider has named its purchase yet
	StateFailed  State = "failed"  // the provider reports that it will not be paid
	StateParked  State = "parked"  // nothing is granted, for the reason in Parked
	StateGranted State = "granted"
)

// Reason says why a payment waits for staff: it is parked, or it is granted and disagrees with what
// the provider reports.
type Reason string

// The reasons; the zero value means not parked.
const (
	// ReasonNoCustomer: the purchase names no customer, or one that cannot have a wallet.
	ReasonNoCustomer Reason = "no_customer"
	// ReasonUnknownPackage: the package was not sold when it was ordered.
	ReasonUnknownPackage Reason = "unknown_package"
	// ReasonWrongCurrency: the package is sold in another currency.
	ReasonWrongCurrency Reason = "wrong_currency"
	// ReasonWrongAmount: the package has another price.
	ReasonWrongAmount Reason = "wrong_amount"
	// ReasonWrongMode: a test payment reached a live stack, or the reverse.
	ReasonWrongMode Reason = "wrong_mode"
	// ReasonUnpaid: the money may still come.
	ReasonUnpaid Reason = "unpaid"
	// ReasonNoPaymentRequired: nothing had to be paid, and the policy grants nothing for that.
	ReasonNoPaymentRequired Reason = "no_payment_required"
	// ReasonPaymentFailed: staff granted it unpaid, and its money will not come.
	ReasonPaymentFailed Reason = "payment_failed"
	// ReasonWalletFull: the wallet has no room for so many credits.
	ReasonWalletFull Reason = "wallet_full"
	// ReasonNotClawedBack: it is granted, but its credits could not be taken back, because the
	// customer has debts for too many payments.
	ReasonNotClawedBack Reason = "not_level"
	// ReasonDuplicate: it may be a double charge.
	ReasonDuplicate Reason = "repeated"
	// ReasonOverRefunded: more went back than was paid. The excess moves nothing.
	ReasonOverRefunded Reason = "over_refunded"
	// ReasonUnknownRefund: the provider counts refunds that it does not list.
	ReasonUnknownRefund Reason = "refund_unheard"
	// ReasonUnknownStatus: the provider uses a status that we do not know.
	ReasonUnknownStatus Reason = "unknown_status"
	// ReasonOtherProvider: another provider than its own reports facts about it.
	ReasonOtherProvider Reason = "other_provider"
	// ReasonNotRefunded: staff refunded the money, and the provider did not carry that out.
	ReasonNotRefunded Reason = "not_refunded"
)

// Payment is everything received about one payment and what came of it. It is plain data: it
// survives a round trip through JSON. Maps may be nil; instants are UTC, whole milliseconds.
type Payment struct {
	// ID is the provider's own id of the payment.
	ID ID `json:"id"`
	// Provider is the name of the provider whose payment it is: the first that named a purchase.
	Provider string `json:"provider"`
	// State is what the payment has led to.
	State State `json:"state"`
	// Parked is why nothing is granted, or ReasonNotClawedBack of a granted payment; "" otherwise.
	Parked Reason `json:"parked,omitempty"`
	// Aliases are other ids that its provider gave it, sorted, at most maxAliases.
	Aliases []ID `json:"aliases,omitempty"`
	// Purchase is what was bought; nil until a provider named it.
	Purchase *Purchase `json:"purchase,omitempty"`
	// Refunds are the refunds of money, by the provider's refund id.
	Refunds map[string]Refund `json:"refunds,omitempty"`
	// Disputes are the cardholder's claims at the bank, by the provider's dispute id.
	Disputes map[string]Dispute `json:"disputes,omitempty"`
	// Unclear holds the latest status that we do not know, by its key: of the purchase, a refund or
	// a dispute.
	Unclear map[string]Unclear `json:"unclear,omitempty"`
	// KnownAt is when the provider last gave a status that we know, by the same keys.
	KnownAt map[string]time.Time `json:"known_at,omitempty"`
	// Others is what other providers reported of the payment, by their names. It moves nothing.
	Others map[string]Others `json:"others,omitempty"`
	// More reports that some of the provider's facts were dropped, because nobody had named a
	// purchase yet. The provider is asked for them once somebody has.
	More bool `json:"more,omitempty"`
	// RefundedInAll is the provider's highest cumulative count of refunded money, in minor units.
	// Where it exceeds the sum of Refunds, a refund is missing: it is looked up, never counted.
	RefundedInAll int64 `json:"refunded_in_all,omitempty"`
	// GrantedAt is when the credits were granted; zero before that.
	GrantedAt time.Time `json:"granted_at,omitzero"`
	// MovedAt is when the payment last moved credits; zero before it ever did.
	MovedAt time.Time `json:"moved_at,omitzero"`
	// LookedUp is the RefundedInAll up to which the provider's own list of refunds was read.
	LookedUp int64 `json:"looked_up,omitempty"`
	// Promised is what approved cases give back of the payment, by case id. It is written with the
	// verdict, so that no second case gives the same money back.
	Promised map[string]Promise `json:"promised,omitempty"`
	// DuplicateOf names the customer's payments for the same purchase that were ordered before this
	// one, or in the same second, within the policy's longer span.
	DuplicateOf []ID `json:"repeats,omitempty"`
	// DuplicatedBy names those that were ordered after it, within the same span.
	DuplicatedBy []ID `json:"repeated_by,omitempty"`
	// Duplicate reports that one of DuplicateOf lies within the shorter span: this payment is taken
	// for a double charge.
	Duplicate bool `json:"twice,omitempty"`
	// Repay reports that it is to be paid back without a claim, and that its case is not opened
	// yet.
	Repay bool `json:"repay,omitempty"`
	// Resolutions are what staff decided whenever the payment waited for them, oldest first, at
	// most MaxResolutions.
	Resolutions []Resolution `json:"resolutions,omitempty"`
	// WaitsSince is since when the payment waits for staff; zero when it does not.
	WaitsSince time.Time `json:"waits_since,omitzero"`
	// Claims are the cases in review about the payment since it waits for staff.
	Claims []OpenClaim `json:"claims,omitempty"`
	// Clawback is what the payment granted, and from where each credit taken back came; zero until
	// something is granted.
	Clawback ledger.Clawback `json:"taking,omitzero"`
	// Todo lists the steps that are still due, each with the instant from which a sweep repeats it.
	Todo todo.List `json:"todo,omitempty"`
	// Attempts is how often a sweep put those steps off.
	Attempts int `json:"attempts,omitempty"`
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

// Locale returns the language of the checkout, "" where the provider did not name it.
func (p Payment) Locale() string {
	if p.Purchase == nil {
		return ""
	}
	return p.Purchase.Locale
}

// Granted returns how many credits the payment gave: 0 unless its state is granted.
func (p Payment) Granted() ledger.Credits { return p.Clawback.Granted }

// Equal reports whether p and other say the same, whatever their versions.
func (p Payment) Equal(other Payment) bool { return same(reflect.ValueOf(p), reflect.ValueOf(other)) }

// same compares two values of one type field by field, so that no field can be forgotten. A map or
// slice that is nil and an empty one are alike, for a store knows no difference.
func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case reflect.Slice:
		return a.Len() == b.Len() && every(a.Len(), func(i int) bool { return same(a.Index(i), b.Index(i)) })
	case reflect.Map:
		return a.Len() == b.Len() && !slices.ContainsFunc(a.MapKeys(), func(key reflect.Value) bool {
			return !b.MapIndex(key).IsValid() || !same(a.MapIndex(key), b.MapIndex(key))
		})
	case reflect.Struct:
		switch a.Type() {
		case reflect.TypeFor[time.Time]():
			return a.Interface().(time.Time).Equal(b.Interface().(time.Time)) //nolint:forcetypeassert // of that type
		case reflect.TypeFor[Payment]():
			// The last field is the version, which is the store's.
			return every(a.NumField()-1, func(i int) bool { return same(a.Field(i), b.Field(i)) })
		}
		return every(a.NumField(), func(i int) bool { return same(a.Field(i), b.Field(i)) })
	}
	return a.Equal(b)
}

func every(n int, holds func(i int) bool) bool {
	for i := range n {
		if !holds(i) {
			return false
		}
	}
	return true
}

// next returns the instant of the payment's next movement: now, or just after its last movement.
// Several machines with several clocks handle events of one payment. A statement that shows credits
// taken back before they were granted explains nothing.
func (p Payment) next(now time.Time) time.Time {
	if p.MovedAt.IsZero() || now.After(p.MovedAt) {
		return now
	}
	return p.MovedAt.Add(time.Millisecond)
}

// apply returns the payment with the facts merged in; prior may be nil. It shares nothing that it
// changes with prior. A payment belongs to the provider that first named its purchase: what another
// provider reports is kept aside.
func (r Rules) apply(prior *Payment, facts Facts) Payment {
	after := Payment{ID: facts.Payment, Provider: facts.Provider, State: StatePending}
	if prior != nil {
		after = *prior
	}
	// Whoever may sign for one provider must not move a payment that another one sold.
	if after.Provider != facts.Provider {
		// Until a purchase is named, the payment may be anybody's. The first to name one gets it.
		if after.Purchase != nil || facts.Purchase == nil {
			return after.keepAside(facts)
		}
		after = after.transferTo(facts.Provider)
	}
	after.Aliases = mergeIDs(after.Aliases, facts.Aliases)
	// Sorted before they are cut, so the order of arrival does not choose which ones stay.
	after.Aliases = after.Aliases[:min(len(after.Aliases), maxAliases)]
	own := after.own().with(facts)
	// Facts without a purchase may be about no sale of ours. They must not grow without bound.
	if after.Purchase == nil && facts.Purchase == nil {
		own = own.bounded()
	}
	return r.withPurchase(after.withOwn(own), facts.Purchase)
}

// mergeInto returns a copy of the map with the value under id, joined with the one that is there.
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
