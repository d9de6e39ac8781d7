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

// event is the body of a payment message; Timestamp is when it happened (RFC 3339), and may be absent.
type event struct {
	Type      string  `json:"type"`
	Timestamp instant `json:"timestamp"`
	Data      data    `json:"data"`
}

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
	} `json:"dispute"`
}

type refund struct {
	ID     string               `json:"id"`
	Amount *amount              `json:"amount"`
	Status payment.RefundStatus `json:"status"`
	Case   string               `json:"case"`
}

// word is a text, "" for what is none: no payment is refused because of one that moves nothing.
type word string

// UnmarshalJSON reads a JSON string.
func (w *word) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*string)(w)) != nil {
		*w = ""
	}
	return nil
}

// instant is one by RFC 3339, T and Z in either case; zero where absent.
type instant struct{ time.Time }

// UnmarshalJSON reads a JSON string.
func (i *instant) UnmarshalJSON(raw []byte) error {
	return i.Time.UnmarshalJSON([]byte(text.NormalInstant(string(raw))))
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

// in returns the amount with its currency in upper case: the payment's where it names none.
func (a amount) in(currency string) money.Amount {
	if a.Currency != "" {
		currency = a.Currency
	}
	return money.Amount{Currency: strings.ToUpper(currency), Minor: a.Minor}
}

// read returns what a body says of a payment; see facts. It is KindInvalid for one that is no event.
func read(raw []byte, id string, signedAt time.Time) (payment.Facts, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || e.Type == "" {
		return payment.Facts{}, fault.Invalid("body", "not a payment event")
	}
	return e.facts(id, signedAt)
}

// facts translates the message; signedAt stands in for an event that does not say when it happened.
func (e event) facts(id string, signedAt time.Time) (payment.Facts, error) {
	d := e.Data
	about := payment.Facts{Payment: d.Payment, Provider: Name, Event: id}
	if !e.Timestamp.IsZero() {
		about.At = provider.Happened(e.Timestamp.Time, signedAt)
	}
	switch e.Type {
	case "payment.paid":
		if d.Package == "" {
			return payment.Facts{}, provider.Irrelevant("the payment names no package")
		}
		about.Purchase = e.purchase(signedAt)
	case "payment.refunded":
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
		if d.Dispute == nil || d.Dispute.ID == "" || d.Dispute.Amount == nil {
			return payment.Facts{}, fault.Invalid("data.dispute", "a payment.disputed event needs its dispute's id and amount")
		}
		about.DisputeID = d.Dispute.ID
		about.Dispute = &payment.Dispute{
			Amount: d.Dispute.Amount.in(d.Amount.Currency),
			Status: cmp.Or(d.Dispute.Status, payment.DisputeOpen),
		}
	default:
		return payment.Facts{}, provider.Irrelevant("type %q", e.Type)
	}
	if d.Payment == "" {
		return payment.Facts{}, fault.Invalid("data.payment", "the event names no payment")
	}
	return about, nil
}

func (e event) purchase(signedAt time.Time) *payment.Purchase {
	price := amount(e.Data.Amount).in("")
	return &payment.Purchase{
		Customer: e.Data.Customer, Package: e.Data.Package, Status: payment.StatusPaid,
		Subtotal: price, Paid: price.Minor, PaidAt: provider.Happened(e.Timestamp.Time, signedAt),
		Locale: locale.Known(string(e.Data.Locale)),
	}
}
