package stripe

import (
	"encoding/json"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/locale"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// event is the part of Stripe's envelope that we read. The objects below are parts, too.
type event struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Created  int64  `json:"created"`
	Livemode bool   `json:"livemode"`
	Account  string `json:"account"` // the connected account that it is of; "" for the endpoint's own
	Data     struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
	// Query is the payment that we asked about, for an object that names none itself; no event has
	// it.
	Query payment.ID `json:"-"`
}

// session is a checkout session: what was sold, to whom, and whether it is paid.
type session struct {
	ID                string            `json:"id"`
	Created           int64             `json:"created"`
	Mode              string            `json:"mode"`
	AmountSubtotal    *int64            `json:"amount_subtotal"`
	AmountTotal       *int64            `json:"amount_total"`
	Currency          string            `json:"currency"`
	ClientReferenceID string            `json:"client_reference_id"`
	Metadata          map[string]string `json:"metadata"`
	PaymentIntent     reference         `json:"payment_intent"`
	PaymentStatus     payment.Status    `json:"payment_status"`
	Locale            string            `json:"locale"` // "auto" leaves it to the browser, and says nothing
}

// refund is a refund of a charge. Its metadata names our case where we made it.
type refund struct {
	ID            string               `json:"id"`
	Amount        int64                `json:"amount"`
	Currency      string               `json:"currency"`
	Status        payment.RefundStatus `json:"status"`
	PaymentIntent reference            `json:"payment_intent"`
	Charge        reference            `json:"charge"`
	Metadata      map[string]string    `json:"metadata"`
}

// dispute is a claim that the cardholder made at the bank.
type dispute struct {
	ID            string                `json:"id"`
	Amount        int64                 `json:"amount"`
	Currency      string                `json:"currency"`
	Status        payment.DisputeStatus `json:"status"`
	Reason        string                `json:"reason"`
	PaymentIntent reference             `json:"payment_intent"`
	Charge        reference             `json:"charge"`
	Evidence      struct {
		DueBy int64 `json:"due_by"` // 0, or null, where the bank takes no answer
	} `json:"evidence_details"`
}

// charge is one taking of money, with the sum of all its refunds.
type charge struct {
	ID             string    `json:"id"`
	AmountRefunded int64     `json:"amount_refunded"`
	Currency       string    `json:"currency"`
	PaymentIntent  reference `json:"payment_intent"`
}

// reference is an id that some endpoints show as the whole object.
type reference string

// UnmarshalJSON reads an id, an object with an id, or null (the empty reference).
func (r *reference) UnmarshalJSON(raw []byte) error {
	var whole struct {
		ID string `json:"id"`
	}
	// null unmarshals into a struct without an error, and leaves the id empty: that is what we
	// want.
	if json.Unmarshal(raw, &whole) == nil {
		*r = reference(whole.ID)
		return nil
	}
	return json.Unmarshal(raw, (*string)(r))
}

// eventTypes are the types of events that concern a payment. Stripe filters its list by them, and
// takes at most 20.
var eventTypes = []string{
	"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	"refund.created", "refund.updated", "refund.failed", "charge.refunded",
	"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
	"charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
}

// facts translates the event; signedAt stands in for an event that does not say when it was
// created.
func (e event) facts(signedAt time.Time) (payment.Facts, error) {
	about := payment.Facts{Payment: e.Query, Provider: Name, Event: e.ID, Livemode: &e.Livemode}
	// The sender's instant is bounded by the signature's: an event dated far ahead would be
	// recorded as known later than it was.
	if e.Created > 0 {
		about.At = provider.Happened(time.Unix(e.Created, 0), signedAt)
	}
	switch e.Type {
	case "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed":
		return e.purchase(about, signedAt)
	case "refund.created", "refund.updated", "refund.failed":
		return e.refund(about)
	case "charge.refunded":
		return e.refunded(about)
	}
	// By prefix: new dispute events keep the dispute's shape.
	if strings.HasPrefix(e.Type, "charge.dispute.") {
		return e.dispute(about)
	}
	return payment.Facts{}, provider.Irrelevant("type %q", e.Type)
}

// purchase reads a checkout session as what was sold.
func (e event) purchase(about payment.Facts, signedAt time.Time) (payment.Facts, error) {
	var s session
	if err := json.Unmarshal(e.Data.Object, &s); err != nil || s.ID == "" {
		return payment.Facts{}, fault.Invalid("data.object", "not a checkout session")
	}
	// Subscriptions and set-ups of cards sell none of our packages.
	if s.Mode != "payment" {
		return payment.Facts{}, provider.Irrelevant("mode %q", s.Mode)
	}
	// The same account may sell other things; without a package it was none of our credits.
	if s.Metadata["package"] == "" {
		return payment.Facts{}, provider.Irrelevant("the session names no package")
	}
	// When a delayed payment fails, the session still reads unpaid: only the event's type tells
	// that no money will come.
	status := s.PaymentStatus
	if e.Type == "checkout.session.async_payment_failed" {
		status = payment.StatusFailed
	}
	// Refunds and disputes name the intent, so it is the payment's id. A free checkout has no
	// intent: the session is the id then. The session's id stays an alias, since the app knows only
	// that one.
	about.Payment = payment.ID(s.PaymentIntent)
	if about.Payment == "" {
		about.Payment = payment.ID(s.ID)
	} else {
		about.Aliases = []payment.ID{payment.ID(s.ID)}
	}
	// The catalog decides later what the package is worth: nothing here looks at a price.
	purchase := payment.Purchase{
		Customer: ledger.CustomerID(s.ClientReferenceID), Package: s.Metadata["package"], Status: status,
		Livemode: about.Livemode, Locale: locale.Known(s.Locale), PaidAt: provider.Happened(time.Unix(e.Created, 0), signedAt),
	}
	if s.Created > 0 {
		purchase.OrderedAt = provider.Happened(time.Unix(s.Created, 0), signedAt)
	}
	// Either amount may be absent. The subtotal is the price before discounts and tax; the total
	// is what the customer paid, and what can go back.
	if s.AmountSubtotal != nil {
		purchase.Subtotal = amount(*s.AmountSubtotal, s.Currency)
		purchase.Paid = purchase.Subtotal.Minor
	}
	if s.AmountTotal != nil { // a paid session always has it
		purchase.Paid = amount(*s.AmountTotal, s.Currency).Minor
	}
	about.Purchase = &purchase
	return about, nil
}

// refund reads one refund.
func (e event) refund(about payment.Facts) (payment.Facts, error) {
	var r refund
	if err := json.Unmarshal(e.Data.Object, &r); err != nil || r.ID == "" {
		return payment.Facts{}, fault.Invalid("data.object", "not a refund")
	}
	about.RefundID = r.ID
	about.Refund = &payment.Refund{Amount: amount(r.Amount, r.Currency), Status: r.Status, Case: r.Metadata["case"]}
	return keyed(about, r.PaymentIntent, r.Charge)
}

// chargeRefundedStatus is a status of older API versions: the dispute ended because the charge had
// been refunded. The bank holds nothing then, and the refund's own events count the money.
const chargeRefundedStatus payment.DisputeStatus = "charge_refunded"

// dispute reads one dispute.
func (e event) dispute(about payment.Facts) (payment.Facts, error) {
	var d dispute
	if err := json.Unmarshal(e.Data.Object, &d); err != nil || d.ID == "" {
		return payment.Facts{}, fault.Invalid("data.object", "not a dispute")
	}
	if d.Status == chargeRefundedStatus {
		// Won means that the bank took nothing. As a lost dispute the same money would count as
		// gone back twice.
		d.Status = payment.DisputeWon
	}
	about.DisputeID = d.ID
	about.Dispute = &payment.Dispute{Amount: amount(d.Amount, d.Currency), Status: d.Status, Reason: d.Reason}
	if d.Evidence.DueBy > 0 {
		about.Dispute.DueBy = time.Unix(d.Evidence.DueBy, 0)
	}
	return keyed(about, d.PaymentIntent, d.Charge)
}

// refunded reads a charge's sum of refunds. The event names no single refund, but the sum shows
// when one of them was missed.
func (e event) refunded(about payment.Facts) (payment.Facts, error) {
	var c charge
	if err := json.Unmarshal(e.Data.Object, &c); err != nil {
		return payment.Facts{}, fault.Invalid("data.object", "not a charge")
	}
	about.RefundedInAll = amount(c.AmountRefunded, c.Currency).Minor
	return keyed(about, c.PaymentIntent, reference(c.ID))
}

// keyed names the payment, and its charge as another id of it. A refund or dispute of a charge
// without a payment intent is acknowledged and only logged. Every payment that Checkout takes has
// an intent, so such a charge was not sold by us, and there is no payment to key the fact by.
func keyed(about payment.Facts, intent, charge reference) (payment.Facts, error) {
	if intent != "" {
		about.Payment = payment.ID(intent)
	}
	if about.Payment == "" {
		return payment.Facts{}, provider.Irrelevant("event %s names no payment intent", about.Event)
	}
	// The app's staff may know the payment by its charge, as Stripe's dashboard shows it.
	if charge != "" {
		about.Aliases = []payment.ID{payment.ID(charge)}
	}
	return about, nil
}
