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
	Currency       Kind = "currency"        //
	Customer       Kind = "customer"        //
	Package        Kind = "package"         //
	RefundUnheard  Kind = "refund_unheard"  // the provider has a refund that the ledger has not
	RefundUnknown  Kind = "refund_unknown"  // the ledger has a refund that the provider has not
	RefundStatus   Kind = "refund_status"   //
	RefundAmount   Kind = "refund_amount"   //
	RefundDue      Kind = "refund_due"      // promised more than Patience ago, and not asked of the provider
	DisputeUnheard Kind = "dispute_unheard" //
	DisputeUnknown Kind = "dispute_unknown" //
	DisputeStatus  Kind = "dispute_status"  //
	DisputeAmount  Kind = "dispute_amount"  //
	Credits        Kind = "credits"         // what was taken back is not what should be
	Waits          Kind = "waits"           // for staff
)

// Difference is one thing about a payment that does not agree. About names the refund, dispute or
// case, "" where it is the payment itself.
type Difference struct {
	Payment  payment.ID `json:"payment"`
	Kind     Kind       `json:"difference"`
	About    string     `json:"about,omitempty"`
	Provider string     `json:"provider"` // as the provider has it, in words; of the kinds about the ledger alone: as it should be
	Ledger   string     `json:"ledger"`   // as the ledger has it
}

func compare(a, b Difference) int {
	return cmp.Or(strings.Compare(string(a.Payment), string(b.Payment)), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.About, b.About))
}

func sorted(all []Difference) []Difference {
	slices.SortFunc(all, compare)
	return all
}
