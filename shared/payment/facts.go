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

// Lot returns the id of the lot that the payment grants. It can be asked for before the grant.
func (id ID) Lot() ledger.LotID { return ledger.NewLotID("payment", string(id)) }

// Facts is what one event of a provider reports about one payment. Parts that the event does not
// speak of are nil or zero.
type Facts struct {
	// Payment is the provider's own id of the payment.
	Payment ID
	// Provider is the provider's name: "stripe", "standard".
	Provider string
	// Event is the provider's event id, "" where the facts come from no event.
	Event string
	// At is when the provider made the event; zero where it gives no instant.
	At time.Time
	// Livemode is true for the provider's live mode, false for its test mode, nil where it has
	// none.
	Livemode *bool
	// Aliases are other ids that the provider gives the payment: its checkout, its charge. A
	// customer may name it by any of them.
	Aliases []ID
	// Purchase is what was bought, and how far its money has come.
	Purchase *Purchase
	// RefundID names Refund.
	RefundID string
	// Refund is one refund of the payment's money.
	Refund *Refund
	// DisputeID names Dispute.
	DisputeID string
	// Dispute is one claim of the cardholder at the bank.
	Dispute *Dispute
	// RefundedInAll is the provider's own cumulative count of money refunded, in minor units. It
	// moves nothing by itself.
	RefundedInAll int64

	// undated reports that the provider gave no instant, and that At is when we received the facts.
	undated bool
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

// Purchase is what the provider reports as bought.
type Purchase struct {
	// Customer is who bought it; "" where the event named nobody, or nobody who can have a wallet.
	Customer ledger.CustomerID `json:"customer,omitempty"`
	// Named is what the event named in place of a valid customer id, for staff to read.
	Named string `json:"named,omitempty"`
	// Package is the name of the package.
	Package string `json:"package"`
	// Subtotal is the price before discounts and taxes. It is compared with the package's price.
	Subtotal money.Amount `json:"subtotal"`
	// Paid is what the customer paid, in minor units of Subtotal's currency.
	Paid int64 `json:"paid"`
	// Status is how far the money has come.
	Status Status `json:"status"`
	// Livemode is true for the provider's live mode, false for its test mode, nil where it has
	// none.
	Livemode *bool `json:"livemode,omitempty"`
	// Locale is the language of the checkout, "" where it is not known.
	Locale string `json:"locale,omitempty"`
	// OrderedAt is when it was ordered, PaidAt where the provider does not report that. Price and
	// double charges go by it.
	OrderedAt time.Time `json:"ordered_at"`
	// PaidAt is when the event happened that reports Status. Claims, outages and the term of its
	// credits go by it.
	PaidAt time.Time `json:"paid_at"`
}

// Money returns what the customer paid, in the currency of the price.
func (p Purchase) Money() money.Amount {
	return money.Amount{Currency: p.Subtotal.Currency, Minor: p.Paid}
}

// orderedWith returns the purchase with the earlier of the two order instants, whichever event
// arrives first. Where it names no locale, it takes over other's.
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

// Refund is money that goes back to the customer.
type Refund struct {
	// Amount is how much goes back; its currency is "" for the payment's own.
	Amount money.Amount `json:"amount"`
	// Status is how far it has come.
	Status RefundStatus `json:"status"`
	// Case is the case id in the refund's metadata, "" for a refund that we did not order.
	Case string `json:"case,omitempty"`
}

// Counts reports whether the money is gone or on its way. A status that we do not know does not
// count: it may mean either.
func (r Refund) Counts() bool {
	return r.Status == RefundPending || r.Status == RefundRequiresAction || r.Status == RefundSucceeded
}

// join returns the later of two facts about one refund. Beyond the rank of the status the order is
// arbitrary but total, so that any order of arrival ends the same. A case, once named, stays.
func (r Refund) join(other Refund) Refund {
	late := r
	if cmp.Or(
		cmp.Compare(refundRank[other.Status], refundRank[r.Status]),
		strings.Compare(string(other.Status), string(r.Status)),
		compareAmounts(other.Amount, r.Amount),
	) > 0 {
		late = other
	}
	// An event without our metadata must not detach the refund from its case.
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
	// Amount is how much is claimed; its currency is "" for the payment's own.
	Amount money.Amount `json:"amount"`
	// Status is how far the dispute has come.
	Status DisputeStatus `json:"status"`
	// Reason is the provider's word for what the cardholder claims, "" where it told none.
	Reason string `json:"reason,omitempty"`
	// DueBy is until when the bank takes an answer, zero where the provider told no such instant.
	DueBy time.Time `json:"due_by,omitzero"`
}

// Unanswered reports whether the bank waits for our answer.
func (d Dispute) Unanswered() bool {
	return d.Status == DisputeInquiryOpen || d.Status == DisputeOpen
}

// Contested reports whether our answer lies with the bank.
func (d Dispute) Contested() bool {
	return d.Status == DisputeInquiryReview || d.Status == DisputeReview
}

// Counts reports whether the bank holds the money: the dispute is open or lost, neither an inquiry
// nor won.
func (d Dispute) Counts() bool {
	return d.Status == DisputeOpen || d.Status == DisputeReview || d.Status == DisputeLost
}

// join returns the later of two facts about one dispute. Beyond the rank of the status the order is
// arbitrary but total, so that any order of arrival ends the same. An instant that a bank puts off,
// or an inquiry that becomes a dispute, has the later one; not every event tells it.
func (d Dispute) join(other Dispute) Dispute {
	late := d
	if cmp.Or(
		cmp.Compare(disputeRank[other.Status], disputeRank[d.Status]),
		strings.Compare(string(other.Status), string(d.Status)),
		compareAmounts(other.Amount, d.Amount),
	) > 0 {
		late = other
	}
	late.Reason = max(d.Reason, other.Reason)
	if late.DueBy = d.DueBy; other.DueBy.After(d.DueBy) {
		late.DueBy = other.DueBy
	}
	return late
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
	ReasonRefund  = "payment_refund"
	ReasonDispute = "payment_dispute"
	// ReasonTakeBack is for credits that staff took back, since the money of the purchase never
	// came, and for the same credits when they return, since it came after all.
	ReasonTakeBack = "payment_take_back"
)

// reason is the statement's word for credits that these facts take back or return. A purchase moves
// credits only by what was received before it, so its word is that of the refunds or disputes which
// p already has.
func (f Facts) reason(p Payment) string {
	// What the event itself is about explains the movement best.
	if f.Dispute != nil {
		return ReasonDispute
	}
	if f.Purchase != nil && p.resolvedBy(ActionTakeBack) {
		return ReasonTakeBack
	}
	// No refund is under way, so only a bank can have taken the money.
	if f.Refund == nil && !slices.ContainsFunc(slices.Collect(maps.Values(p.Refunds)), Refund.Counts) {
		return ReasonDispute
	}
	return ReasonRefund
}

// maxNameLength is how much of an invalid customer name is kept, in characters: Stripe takes 200.
const maxNameLength = 200

// legible returns what people can read of a name from outside: unprintable characters are replaced.
// It returns "" where nothing of the name is visible.
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

// sanitize clears the fields that fail validation (customer, currency, case, event id), truncates
// Package and the statuses, and rounds instants to UTC milliseconds. An invalid customer id is kept
// as Named. It shares nothing that it changes with f.
func (f Facts) sanitize() Facts {
	if !isID(f.Event) {
		f.Event = ""
	}
	f.At = text.Millisecond(f.At)
	// An alias becomes a key of the store, so one that cannot be a key is dropped, not refused: the
	// rest of the event is still true.
	f.Aliases = slices.DeleteFunc(slices.Clone(f.Aliases), func(id ID) bool { return id == f.Payment || id.Validate("alias") != nil })
	// Statuses are kept even where we do not know them: staff read them. They are cut, because the
	// provider sets no bound.
	if f.Refund != nil {
		// The parts are copied before they change: the caller still holds them.
		refund := *f.Refund
		refund.Status = RefundStatus(text.Cut(legible(string(refund.Status)), maxStatus))
		// Anybody with access to the provider's dashboard can write metadata.
		if !isID(refund.Case) {
			refund.Case = ""
		}
		f.Refund = &refund
	}
	if f.Dispute != nil {
		dispute := *f.Dispute
		dispute.Status = DisputeStatus(text.Cut(legible(string(dispute.Status)), maxStatus))
		dispute.Reason, dispute.DueBy = text.Cut(legible(dispute.Reason), maxStatus), text.Millisecond(dispute.DueBy)
		f.Dispute = &dispute
	}
	if f.Purchase == nil {
		return f
	}
	purchase := *f.Purchase
	purchase.Status = Status(text.Cut(legible(string(purchase.Status)), maxStatus))
	// Without a customer the purchase is parked, and staff assign it by what the event named.
	if _, err := ledger.ParseCustomer(string(purchase.Customer)); err != nil {
		purchase.Customer, purchase.Named = "", legible(string(purchase.Customer))
	}
	if !isCurrency(purchase.Subtotal.Currency) {
		purchase.Subtotal.Currency = ""
	}
	// By characters, not bytes: half a character would be no text.
	if name := []rune(purchase.Package); len(name) > maxPackage {
		purchase.Package = string(name[:maxPackage])
	}
	purchase.PaidAt = text.Millisecond(purchase.PaidAt)
	purchase.OrderedAt = text.Millisecond(purchase.OrderedAt)
	// Nothing is paid before it is ordered: such an instant is a slip of the provider's, or none.
	if purchase.OrderedAt.Unix() <= 0 || purchase.OrderedAt.After(purchase.PaidAt) {
		purchase.OrderedAt = purchase.PaidAt
	}
	f.Purchase = &purchase
	return f
}
