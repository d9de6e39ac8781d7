package payment

import (
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Catalog answers what the policy sells. It judges by the revision in force at an instant: a
// purchase's is when it was ordered.
type Catalog interface {
	// Package returns the package of that name, and false when it was not sold then.
	Package(name string, at time.Time) (Package, bool)
	// GrantsUnpaid reports whether an order that needs no payment (a full discount) gets its
	// credits.
	GrantsUnpaid(at time.Time) bool
	// DuplicateRule returns within which spans a second purchase for the same may be a double
	// charge.
	DuplicateRule(at time.Time) DuplicateRule
	// ExpiredLot returns what becomes of credits that come back to a lot that has expired; its
	// revision is that of when it was paid.
	ExpiredLot(at time.Time) ledger.ExpiredLot
}

// DuplicateRule are the spans after a purchase in which another for the same may be a double
// charge. Within Same it is taken for one, and paid back on a claim, or unasked where Repay says
// so. Within Look, which is no shorter, a person decides on a claim. Beyond it is another purchase.
type DuplicateRule struct {
	Same, Look time.Duration
	Repay      bool
}

// maxPackage is how much of an unknown package's name is kept for staff, in characters.
const maxPackage = 128

// maxID bounds the ids of providers, in bytes; theirs are far shorter.
const maxID = 255

// maxAliases bounds how many other ids of a payment are kept: a checkout and a charge are usual,
// and each may be tried again.
const maxAliases = 8

// noPath are the characters that a part of a path does not survive: the gateway decodes a path
// before it routes it, and a function decodes it again.
const noPath = "/?#%"

// Validate returns a KindInvalid error naming the field for what can be no provider's id of a
// payment: staff reach a payment by a path that ends with its id, so what no path can hold is
// refused where it is first named.
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
// that is not 1–255 printable characters, no status, money going back that is negative or in no
// currency.
func (f Facts) Validate() error {
	if err := f.Payment.Validate("payment"); err != nil {
		return err
	}
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

// validateAmount judges money that goes back; its currency may be left out, for the payment's own.
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

func isCurrency(code string) bool { return money.Amount{Currency: code}.Validate("") == nil }

// otherMode reports whether the facts come from the provider's other mode (test or live) than ours.
func (r Rules) otherMode(livemode *bool) bool {
	return r.Livemode != nil && livemode != nil && *livemode != *r.Livemode
}

// madeIn reports whether the payment, nil where there is none, was itself made in that mode: staff
// may have granted it all the same.
func (p *Payment) madeIn(livemode bool) bool {
	return p != nil && p.Purchase != nil && p.Purchase.Livemode != nil && *p.Purchase.Livemode == livemode
}

// classify says what a purchase leads to, by the revision in force when it was ordered: the state,
// and why where it is parked. One that staff vouch for is granted whatever its mode, its price, and
// how far its money has come.
func (r Rules) classify(purchase Purchase, byStaff bool) (State, Reason, Package) {
	product, ok := r.Catalog.Package(purchase.Package, purchase.OrderedAt)
	switch {
	case purchase.Status == StatusFailed:
		return StateFailed, "", Package{}
	case statusRank[purchase.Status] == 0 && !byStaff:
		return StateParked, ReasonUnknownStatus, Package{}
	case purchase.Status == StatusUnpaid && !byStaff:
		return StateParked, ReasonUnpaid, Package{}
	case r.otherMode(purchase.Livemode) && !byStaff:
		return StateParked, ReasonWrongMode, Package{}
	case purchase.Status == StatusNotRequired && !r.Catalog.GrantsUnpaid(purchase.OrderedAt) && !byStaff:
		return StateParked, ReasonNoPaymentRequired, Package{}
	case purchase.Customer == "":
		return StateParked, ReasonNoCustomer, Package{}
	case !ok:
		return StateParked, ReasonUnknownPackage, Package{}
	case purchase.Subtotal.Currency != product.Price.Currency && !byStaff:
		return StateParked, ReasonWrongCurrency, Package{}
	case (purchase.Subtotal.Minor != product.Price.Minor || purchase.Paid < 0) && !byStaff:
		return StateParked, ReasonWrongAmount, Package{}
	}
	return StateGranted, "", product
}

// Grantable reports whether the purchase of a payment that has granted nothing could be granted,
// were there room in the wallet.
func (r Rules) Grantable(p Payment) bool {
	if p.Purchase == nil {
		return false
	}
	state, _, _ := r.classify(*p.Purchase, false)
	return state == StateGranted
}

// withPurchase returns p with a purchase brought in: where it has granted nothing yet, the one
// whose money came furthest stands, and one that can be granted stands before one that cannot.
func (r Rules) withPurchase(p Payment, purchase *Purchase) Payment {
	if purchase == nil {
		return p
	}
	if purchase = purchase.orderedWith(p.Purchase); p.Purchase != nil {
		p.Purchase = p.Purchase.orderedWith(purchase)
	}
	if p.State == StateGranted { // what was sold stands; how far the money of a purchase that staff vouched for has come, does not
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
	if state, _, _ := r.classify(*purchase, false); state == StateGranted {
		p.Purchase = purchase
	}
	return p
}
