package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"makegood/shared/payment"
)

// Kind says what differs.
type Kind string

// The kinds of difference; the zero value is invalid.
const (
	Missing        Kind = "missing"         // the provider has a purchase that the ledger has not
	Unknown        Kind = "unknown"         // the ledger has a purchase that the provider has not
	Unpaid         Kind = "unpaid"          // granted here, and the provider has not got the money
	Status         Kind = "status"          // the purchase has come further on one side
	Amount         Kind = "amount"          // of the price or of what was paid
	Currency       Kind = "currency"        // both sides name one, and another one
	Customer       Kind = "customer"        // the credits are another customer's than the provider names
	Package        Kind = "package"         // another package was granted than the provider names
	RefundUnheard  Kind = "refund_unheard"  // the provider has a refund that the ledger has not
	RefundUnknown  Kind = "refund_unknown"  // the ledger has a refund that the provider has not
	RefundStatus   Kind = "refund_status"   // a refund has come further on one side
	RefundAmount   Kind = "refund_amount"   // of a refund
	RefundDue      Kind = "refund_due"      // promised more than Patience ago, and not asked of the provider
	DisputeUnheard Kind = "dispute_unheard" // the provider has a dispute that the ledger has not
	DisputeUnknown Kind = "dispute_unknown" // the ledger has a dispute that the provider has not
	DisputeStatus  Kind = "dispute_status"  // a dispute has come further on one side
	DisputeAmount  Kind = "dispute_amount"  // of a dispute
	Credits        Kind = "credits"         // what was taken back is not what should be
	Waits          Kind = "waits"           // for staff
)

// Difference is one thing about a payment that does not agree.
type Difference struct {
	Payment payment.ID `json:"payment"`         // the payment by its provider's id
	Kind    Kind       `json:"difference"`      // what differs
	About   string     `json:"about,omitempty"` // a refund, dispute or case; "": the payment itself
	// Provider is what the provider has, in words. Of the kinds about the ledger alone it is what
	// the ledger should have.
	Provider string `json:"provider"`
	Ledger   string `json:"ledger"` // what the ledger has, in words
}

// compare orders differences by payment, kind and subject.
func compare(a, b Difference) int {
	return cmp.Or(strings.Compare(string(a.Payment), string(b.Payment)), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.About, b.About))
}

// sorted sorts differences in place, so that every report of the same data is the same.
func sorted(all []Difference) []Difference {
	slices.SortFunc(all, compare)
	return all
}
