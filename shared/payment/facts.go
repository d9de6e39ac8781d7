package payment

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/text"
)

// ID is the provider's own id of a payment: Stripe's payment intent, or the checkout session where
// none was made.
type ID string

// Lot returns the id of the lot that the payment grants, whether it has granted or not.
func (id ID) Lot() ledger.LotID { return ledger.NewLotID("payment", string(id)) }

// Facts is what one event of a provider says about one payment; the parts it does not speak of are
// nil or zero.
type Facts struct {
	Payment  ID
	Provider string    // "stripe", "standard"
	Event    string    // the provider's event id
	At       time.Time // when the provider made the event; zero where it does not say
	Livemode *bool     // nil where the provider has no test mode
	// Aliases are other ids that the provider gives the payment: its checkout, its charge. A
	// customer may name it by any of them.
	Aliases  []ID
	Purchase *Purchase
	RefundID string // names Refund
	Refund   *Refund
	// DisputeID names Dispute.
	DisputeID string
	Dispute   *Dispute
	// RefundedInAll is the provider's own cumulative count of money refunded, in minor units. It
	// moves nothing by itself.
	RefundedInAll int64

	undated bool // At is when it was heard
}

// Status says how far the money of a purchase has come.
type Status string

// The statuses of a purchase, in rising rank; the zero value is invalid.
const (
	StatusUnpaid      Status = "unpaid"
	StatusFailed      Status = "failed"
	StatusNotRequired Status = "no_payment_required"
	StatusPaid        Status = "paid"
)

var statusRank = map[Status]int{StatusUnpaid: 1, StatusFailed: 2, StatusNotRequired: 3, StatusPaid: 4}

// Purchase is what the provider says was bought. Subtotal is the price before discounts and taxes
// and is held against the package's price; Paid is what the customer paid, in the same currency, in
// minor units.
type Purchase struct {
	Customer ledger.CustomerID `json:"customer,omitempty"` // "" when the event named none
	Named    string            `json:"named,omitempty"`    // what it named, where that can be no customer
	Package  string            `json:"package"`
	Subtotal money.Amount      `json:"subtotal"`
	Paid     int64             `json:"paid"`
	Status   Status            `json:"status"`
	Livemode *bool             `json:"livemode,omitempty"`
	Locale   string            `json:"locale,omitempty"` // the language that the checkout was in, "" where it is not known
	// OrderedAt is when it was ordered, where the provider says so: price and double charges go by
	// it. PaidAt is when the event happened that says how far its money has come: claims, outages
	// and the term of its credits go by that.
	OrderedAt time.Time `json:"ordered_at"`
	PaidAt    time.Time `json:"paid_at"`
}

// Money returns what the customer paid, in the currency of the price.
func (p Purchase) Money() money.Amount {
	return money.Amount{Currency: p.Subtotal.Currency, Minor: p.Paid}
}

// orderedWith returns the purchase as one that was ordered no later than other was: whichever event
// is heard first, the earliest says when. Where it names no locale, other's stands.
func (p Purchase) orderedWith(other *Purchase) *Purchase {
	if other != nil {
		p.Locale = cmp.Or(p.Locale, other.Locale)
	}
	if other != nil && other.OrderedAt.Before(p.OrderedAt) {
		p.OrderedAt = other.OrderedAt
	}
	return &p
}

// outranks reports whether the money has come further in p than in other.
func (p Purchase) outranks(other Purchase) bool {
	return statusRank[p.Status] > statusRank[other.Status]
}

// RefundStatus is the provider's status of a refund of money.
type RefundStatus string

// The statuses of a refund; failed and canceled are of one rank. The zero value is invalid.
const (
	RefundPending        RefundStatus = "pending"
	RefundRequiresAction RefundStatus = "requires_action"
	RefundSucceeded      RefundStatus = "succeeded"
	RefundFailed         RefundStatus = "failed"
	RefundCanceled       RefundStatus = "canceled"
)

var refundRank = map[RefundStatus]int{RefundPending: 1, RefundRequiresAction: 2, RefundSucceeded: 3, RefundFailed: 4, RefundCanceled: 4}

// Valid reports whether s is a status that has a rank.
func (s RefundStatus) Valid() bool { return refundRank[s] > 0 }

// Refund is money that goes back to the customer. Case is ours, from the refund's metadata: "" for
// one that we did not ask for.
type Refund struct {
	Amount money.Amount `json:"amount"`
	Status RefundStatus `json:"status"`
	Case   string       `json:"case,omitempty"`
}

// Counts reports whether the money is gone or on its way: of a status that we do not know, nobody
// can say so.
func (r Refund) Counts() bool {
	return r.Status == RefundPending || r.Status == RefundRequiresAction || r.Status == RefundSucceeded
}

// join returns the later of two facts about one refund, whichever was heard first. Beyond the rank
// the order is arbitrary but total, so that any order of hearing ends the same; a case once named
// stays.
func (r Refund) join(other Refund) Refund {
	late := r
	if cmp.Or(
		cmp.Compare(refundRank[other.Status], refundRank[r.Status]),
		strings.Compare(string(other.Status), string(r.Status)),
		compareAmounts(other.Amount, r.Amount),
	) > 0 {
		late = other
	}
	late.Case = max(r.Case, other.Case)
	return late
}

// DisputeStatus is the provider's status of a dispute.
type DisputeStatus string

// The statuses of a dispute, in rising rank; the first four are one rank, inquiry: no money has
// moved. The zero value is invalid.
const (
	DisputeInquiryOpen   DisputeStatus = "warning_needs_response"
	DisputeInquiryReview DisputeStatus = "warning_under_review"
	DisputeInquiryClosed DisputeStatus = "warning_closed"
	DisputePrevented     DisputeStatus = "prevented"
	DisputeOpen          DisputeStatus = "needs_response"
	DisputeReview        DisputeStatus = "under_review"
	DisputeLost          DisputeStatus = "lost"
	DisputeWon           DisputeStatus = "won"
)

var disputeRank = map[DisputeStatus]int{
	DisputeInquiryOpen: 1, DisputeInquiryReview: 1, DisputeInquiryClosed: 1, DisputePrevented: 1,
	DisputeOpen: 2, DisputeReview: 3, DisputeLost: 4, DisputeWon: 5,
}

// Valid reports whether s is a status that has a rank.
func (s DisputeStatus) Valid() bool { return disputeRank[s] > 0 }

// Dispute is the cardholder's claim at the bank.
type Dispute struct {
	Amount money.Amount  `json:"amount"`
	Status DisputeStatus `json:"status"`
}

// Counts reports whether the bank holds the money: the dispute is open or lost, neither an inquiry
// nor won.
func (d Dispute) Counts() bool {
	return d.Status == DisputeOpen || d.Status == DisputeReview || d.Status == DisputeLost
}

// join returns the later of two facts about one dispute, whichever was heard first; see
// Refund.join.
func (d Dispute) join(other Dispute) Dispute {
	if cmp.Or(
		cmp.Compare(disputeRank[other.Status], disputeRank[d.Status]),
		strings.Compare(string(other.Status), string(d.Status)),
		compareAmounts(other.Amount, d.Amount),
	) > 0 {
		return other
	}
	return d
}

func compareAmounts(a, b money.Amount) int {
	return cmp.Or(cmp.Compare(a.Minor, b.Minor), strings.Compare(a.Currency, b.Currency))
}

// reasonPurchase is the statement's word for the credits that a payment grants.
const reasonPurchase = "purchase"

// GrantedBy returns the payment whose own credits the line of the ledger grants, "" for any other
// line.
func GrantedBy(entry ledger.Entry) ID {
	if entry.Movement != ledger.MovementGrant || entry.Cause.Reason != reasonPurchase {
		return ""
	}
	return ID(entry.Cause.Payment)
}

// The statement's words for credits that a payment takes back or returns, see Facts.reason.
const (
	ReasonRefund   = "payment_refund"
	ReasonDispute  = "payment_dispute"
	ReasonTakeBack = "payment_take_back" // by staff, of a purchase whose money never came; and back, should it come after all
)

// reason is the statement's word for credits that these facts take back or return. Where the
// purchase was heard last, it is what was heard of p before.
func (f Facts) reason(p Payment) string {
	if f.Dispute != nil {
		return ReasonDispute
	}
	if f.Purchase != nil && p.resolvedBy(ActionTakeBack) {
		return ReasonTakeBack
	}
	if f.Refund == nil && !slices.ContainsFunc(slices.Collect(maps.Values(p.Refunds)), Refund.Counts) {
		return ReasonDispute
	}
	return ReasonRefund
}

// maxNamed is how much is kept of a customer who can be none, in characters: Stripe takes 200.
const maxNameLength = 200

// legible returns what people can read of a name that came from outside: its unprintable characters
// replaced, "" where nothing can be seen.
func legible(name string) string {
	if text.Blank(name) {
		return ""
	}
	return text.Cut(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, name), maxNameLength)
}

// sanitize returns the facts with what cannot be kept left out (a customer who can have no wallet
// is kept as named; a currency, case or event id that is none), the package's name cut to what is
// kept, and instants in whole milliseconds UTC. It shares nothing that it changes with f.
func (f Facts) sanitize() Facts {
	if !isID(f.Event) {
		f.Event = ""
	}
	f.At = text.Millisecond(f.At)
	f.Aliases = slices.DeleteFunc(slices.Clone(f.Aliases), func(id ID) bool { return id == f.Payment || id.Validate("alias") != nil })
	if f.Refund != nil {
		refund := *f.Refund
		refund.Status = RefundStatus(text.Cut(legible(string(refund.Status)), maxStatus))
		if !isID(refund.Case) {
			refund.Case = ""
		}
		f.Refund = &refund
	}
	if f.Dispute != nil {
		dispute := *f.Dispute
		dispute.Status = DisputeStatus(text.Cut(legible(string(dispute.Status)), maxStatus))
		f.Dispute = &dispute
	}
	if f.Purchase == nil {
		return f
	}
	purchase := *f.Purchase
	purchase.Status = Status(text.Cut(legible(string(purchase.Status)), maxStatus))
	if _, err := ledger.ParseCustomer(string(purchase.Customer)); err != nil {
		purchase.Customer, purchase.Named = "", legible(string(purchase.Customer))
	}
	if !isCurrency(purchase.Subtotal.Currency) {
		purchase.Subtotal.Currency = ""
	}
	if name := []rune(purchase.Package); len(name) > maxPackage {
		purchase.Package = string(name[:maxPackage])
	}
	purchase.PaidAt = text.Millisecond(purchase.PaidAt)
	purchase.OrderedAt = text.Millisecond(purchase.OrderedAt)
	if purchase.OrderedAt.Unix() <= 0 || purchase.OrderedAt.After(purchase.PaidAt) { // nothing is paid before it is ordered
		purchase.OrderedAt = purchase.PaidAt
	}
	f.Purchase = &purchase
	return f
}
