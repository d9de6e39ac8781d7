package payment

import (
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Catalog answers what the policy sells. It judges by the revision in force at an instant: for a
// purchase, when it was ordered.
type Catalog interface {
	// Package returns the package of that name, and false when it was not sold then.
	Package(name string, at time.Time) (Package, bool)
	// GrantsUnpaid reports whether an order that needs no payment (a full discount) gets its
	// credits.
	GrantsUnpaid(at time.Time) bool
	// DuplicateRule returns within which spans a second purchase for the same may be a double
	// charge.
	DuplicateRule(at time.Time) DuplicateRule
	// ExpiredLot returns what becomes of credits that come back to a lot that has expired. Its
	// revision is the one in force when the lot was paid.
	ExpiredLot(at time.Time) ledger.ExpiredLot
}

// DuplicateRule are the spans after a purchase in which another for the same may be a double
// charge. Beyond Look it is another purchase.
type DuplicateRule struct {
	// Same is the span in which the second is taken for a double charge, and paid back on a claim.
	Same time.Duration
	// Look is the span in which a person decides on a claim; no shorter than Same.
	Look time.Duration
	// Repay reports that a second purchase within Same is paid back without a claim.
	Repay bool
}

// maxPackage is how much of an unknown package's name is kept for staff, in characters.
const maxPackage = 128

// maxID bounds the ids of providers, in bytes; theirs are far shorter.
const maxID = 255

// maxAliases bounds how many other ids of a payment are kept: a checkout and a charge are usual,
// and each may be tried again.
const maxAliases = 8

// noPath are the characters that do not survive as part of a path: the API gateway decodes a path
// before it routes it, and a function decodes it again.
const noPath = "/?#%"

// Validate returns a KindInvalid error naming the field where id cannot be a provider's id of a
// payment. Staff reach a payment by a path that ends with its id, so an id that no path can hold is
// refused where it first appears.
func (id ID) Validate(field string) error {
	if !isID(string(id)) || strings.ContainsAny(string(id), noPath) || strings.Trim(string(id), ".") == "" {
		return fault.Invalid(field, "must be 1 to %d printable characters without spaces, / ? # and %%, and not dots alone", maxID)
	}
	return nil
}

// isID reports whether a provider's id can be a key: 1 to maxID printable ASCII characters. By
// hand: every function links this package, and a regular expression with such a count takes half a
// millisecond of each cold start.
func isID(id string) bool {
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return 1 <= len(id) && len(id) <= maxID
}

// Validate returns a KindInvalid error for facts that cannot be keyed, ranked or added up: an id
// that is not 1–255 printable characters, no status, money that is negative or in no currency.
func (f Facts) Validate() error {
	if err := f.Payment.Validate("payment"); err != nil {
		return err
	}
	// A status that we do not know is kept for staff. None at all is a fault of the adapter.
	if f.Purchase != nil && f.Purchase.Status == "" {
		return fault.Missing("payment_status")
	}
	if f.Refund != nil {
		if err := validateAmount("refund", f.RefundID, string(f.Refund.Status), f.Refund.Amount); err != nil {
			return err
		}
	}
	if f.Dispute != nil {
		return validateAmount("dispute", f.DisputeID, string(f.Dispute.Status), f.Dispute.Amount)
	}
	return nil
}

// validateAmount checks money that goes back: its id, status, amount and currency. The currency may
// be left out, for the payment's own.
func validateAmount(field, id, status string, amount money.Amount) error {
	switch {
	case !isID(id):
		return fault.Invalid(field+".id", "must be 1 to %d printable characters", maxID)
	case status == "":
		return fault.Missing(field + ".status")
	case amount.Minor < 0:
		return fault.Invalid(field+".amount", "must not be negative")
	case amount.Currency != "" && !isCurrency(amount.Currency):
		return fault.Invalid(field+".currency", "must be three letters")
	}
	return nil
}

// isCurrency reports whether code is three capital letters, as ISO 4217 has them.
func isCurrency(code string) bool { return money.Amount{Currency: code}.Validate("") == nil }

// otherMode reports whether the facts come from the provider's other mode (test or live) than ours.
func (r Rules) otherMode(livemode *bool) bool {
	return r.Livemode != nil && livemode != nil && *livemode != *r.Livemode
}

// madeIn reports whether the payment itself was made in that mode: staff may have granted it
// although it is not ours. A nil payment was made in none.
func (p *Payment) madeIn(livemode bool) bool {
	return p != nil && p.Purchase != nil && p.Purchase.Livemode != nil && *p.Purchase.Livemode == livemode
}

// classify returns what a purchase leads to, by the revision in force when it was ordered: the
// state, and the reason where it is parked. Where staff vouch for it, its mode, its price and the
// progress of its money are not checked.
func (r Rules) classify(purchase Purchase, byStaff bool) (State, Reason, Package) {
	// Money that will not come ends it, whoever vouches for it.
	if purchase.Status == StatusFailed {
		return StateFailed, "", Package{}
	}
	if reason := r.moneyReason(purchase); reason != "" && !byStaff {
		return StateParked, reason, Package{}
	}

	// Staff too must say whose the credits are, and how many: nothing can be granted without.
	if purchase.Customer == "" {
		return StateParked, ReasonNoCustomer, Package{}
	}
	product, ok := r.Catalog.Package(purchase.Package, purchase.OrderedAt)
	if !ok {
		return StateParked, ReasonUnknownPackage, Package{}
	}

	// Whoever can alter a checkout could otherwise buy a package at a price of their own.
	if reason := priceReason(purchase, product); reason != "" && !byStaff {
		return StateParked, reason, Package{}
	}
	return StateGranted, "", product
}

// moneyReason returns why the money of a purchase is not enough to grant it, "" where it is.
func (r Rules) moneyReason(purchase Purchase) Reason {
	switch {
	case statusRank[purchase.Status] == 0:
		return ReasonUnknownStatus
	case purchase.Status == StatusUnpaid:
		return ReasonUnpaid
	case r.otherMode(purchase.Livemode):
		return ReasonWrongMode
	case purchase.Status == StatusNotRequired && !r.Catalog.GrantsUnpaid(purchase.OrderedAt):
		return ReasonNoPaymentRequired
	}
	return ""
}

// priceReason returns how the price of a purchase differs from the package's, "" where it is equal.
func priceReason(purchase Purchase, product Package) Reason {
	switch {
	case purchase.Subtotal.Currency != product.Price.Currency:
		return ReasonWrongCurrency
	case purchase.Subtotal.Minor != product.Price.Minor || purchase.Paid < 0:
		return ReasonWrongAmount
	}
	return ""
}

// Grantable reports whether a payment that has granted nothing could be granted, if the wallet has
// room.
func (r Rules) Grantable(p Payment) bool {
	if p.Purchase == nil {
		return false
	}
	state, _, _ := r.classify(*p.Purchase, false)
	return state == StateGranted
}

// withPurchase returns p with a purchase merged in. Where p has granted nothing yet, it keeps the
// purchase whose money came furthest, and prefers one that can be granted.
func (r Rules) withPurchase(p Payment, purchase *Purchase) Payment {
	if purchase == nil {
		return p
	}
	// Price and double charges go by the order instant, so it must not depend on which event comes
	// first.
	if purchase = purchase.orderedWith(p.Purchase); p.Purchase != nil {
		p.Purchase = p.Purchase.orderedWith(purchase)
	}
	// What was granted is not sold again as another thing. Only the status still moves, for a
	// purchase that staff granted before its money came.
	if p.State == StateGranted {
		if status := p.Purchase.Status; status != StatusNotRequired && status != StatusPaid && purchase.outranks(*p.Purchase) {
			own := *p.Purchase
			own.Status, p.Purchase = purchase.Status, &own
		}
		return p
	}
	if p.Purchase == nil || purchase.outranks(*p.Purchase) {
		p.Purchase = purchase
		return p
	}
	// Of two events of equal rank, one may lack the customer or the package.
	if state, _, _ := r.classify(*purchase, false); state == StateGranted {
		p.Purchase = purchase
	}
	return p
}
