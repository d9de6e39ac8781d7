package standard

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/locale"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/text"
)

// event is the body of a payment message. Timestamp is when it happened (RFC 3339), and may be
// absent.
type event struct {
	Type      string  `json:"type"`
	Timestamp instant `json:"timestamp"`
	Data      data    `json:"data"`
}

// data is what an event is about: the payment always, the rest by the event's type.
type data struct {
	Payment  payment.ID        `json:"payment"`
	Customer ledger.CustomerID `json:"customer"`
	Package  string            `json:"package"`
	Locale   word              `json:"locale"`
	Amount   money.Amount      `json:"amount"`
	Refund   *refund           `json:"refund"`
	Dispute  *struct {
		ID     string                `json:"id"`
		Amount *amount               `json:"amount"`
		Status payment.DisputeStatus `json:"status"`
		Reason word                  `json:"reason"`
		DueBy  hint                  `json:"due_by"`
	} `json:"dispute"`
}

// refund is money given back; Case is ours where we ordered it.
type refund struct {
	ID     string               `json:"id"`
	Amount *amount              `json:"amount"`
	Status payment.RefundStatus `json:"status"`
	Case   string               `json:"case"`
}

// word is a text, and "" where the body has something else there. A payment is not refused because
// of a field that moves nothing.
type word string

// UnmarshalJSON reads a JSON string.
func (w *word) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*string)(w)) != nil {
		*w = ""
	}
	return nil
}

// instant is a time by RFC 3339, T and Z in either case; zero where absent.
type instant struct{ time.Time }

// UnmarshalJSON reads a JSON string.
func (i *instant) UnmarshalJSON(raw []byte) error {
	return i.Time.UnmarshalJSON([]byte(text.NormalInstant(string(raw))))
}

// hint is an instant that moves nothing: zero where the body has something else there.
type hint struct{ instant }

// UnmarshalJSON reads a JSON string.
func (h *hint) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &h.instant) != nil {
		h.instant = instant{}
	}
	return nil
}

// amount is money written in full, or as bare minor units of the payment's currency.
type amount money.Amount

// UnmarshalJSON reads {"currency", "minor"} or an integer of minor units.
func (a *amount) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*money.Amount)(a)); err == nil {
		return nil
	}
	return json.Unmarshal(raw, &a.Minor)
}

// in returns the amount with its currency in upper case. An amount that names none is in the
// payment's currency.
func (a amount) in(currency string) money.Amount {
	if a.Currency != "" {
		currency = a.Currency
	}
	return money.Amount{Currency: strings.ToUpper(currency), Minor: a.Minor}
}

// read decodes a body and returns what it says of a payment; see facts. It is KindInvalid for a
// body that is no event.
func read(raw []byte, id string, signedAt time.Time) (payment.Facts, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || e.Type == "" {
		return payment.Facts{}, fault.Invalid("body", "not a payment event")
	}
	return e.facts(id, signedAt)
}

// facts translates the message. signedAt stands in for an event that does not say when it happened.
func (e event) facts(id string, signedAt time.Time) (payment.Facts, error) {
	d := e.Data
	about := payment.Facts{Payment: d.Payment, Provider: Name, Event: id}
	// The sender's instant is bounded by the signature's: an event dated far ahead would be
	// recorded as known later than it was.
	if !e.Timestamp.IsZero() {
		about.At = provider.Happened(e.Timestamp.Time, signedAt)
	}
	// Unknown types are acknowledged: an adapter may send more than we need, and must not be made
	// to repeat it.
	switch e.Type {
	case "payment.paid":
		// Without a package it was none of our credits.
		if d.Package == "" {
			return payment.Facts{}, provider.Irrelevant("the payment names no package")
		}
		about.Purchase = e.purchase(signedAt)
	case "payment.refunded":
		// Without an id two messages about one refund would count as two refunds.
		if d.Refund == nil || d.Refund.ID == "" || d.Refund.Amount == nil {
			return payment.Facts{}, fault.Invalid("data.refund", "a payment.refunded event needs its refund's id and amount")
		}
		about.RefundID = d.Refund.ID
		about.Refund = &payment.Refund{
			Amount: d.Refund.Amount.in(d.Amount.Currency),
			Status: cmp.Or(d.Refund.Status, payment.RefundSucceeded), // the type's own word, where no status is given
			Case:   d.Refund.Case,
		}
	case "payment.disputed":
		// The id tells a dispute's next status from a second dispute.
		if d.Dispute == nil || d.Dispute.ID == "" || d.Dispute.Amount == nil {
			return payment.Facts{}, fault.Invalid("data.dispute", "a payment.disputed event needs its dispute's id and amount")
		}
		about.DisputeID = d.Dispute.ID
		about.Dispute = &payment.Dispute{
			Amount: d.Dispute.Amount.in(d.Amount.Currency),
			Status: cmp.Or(d.Dispute.Status, payment.DisputeOpen),
			Reason: string(d.Dispute.Reason),
			DueBy:  d.Dispute.DueBy.Time,
		}
	default:
		return payment.Facts{}, provider.Irrelevant("type %q", e.Type)
	}
	// Last, so that an irrelevant message without a payment is still acknowledged.
	if d.Payment == "" {
		return payment.Facts{}, fault.Invalid("data.payment", "the event names no payment")
	}
	return about, nil
}

// purchase reads what was sold. The adapter sends one amount: it is the price, and what was paid.
func (e event) purchase(signedAt time.Time) *payment.Purchase {
	price := amount(e.Data.Amount).in("")
	return &payment.Purchase{
		Customer: e.Data.Customer, Package: e.Data.Package, Status: payment.StatusPaid,
		Subtotal: price, Paid: price.Minor, PaidAt: provider.Happened(e.Timestamp.Time, signedAt),
		Locale: locale.Known(string(e.Data.Locale)),
	}
}
