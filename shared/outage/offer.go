package outage

import (
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// OfferID names an offer: "off_", the customer's key, and a hash of the purchase and of when its
// downtime began.
type OfferID string

const offerPrefix = "off_"

// NewOfferID returns the id of the offer about a purchase and the downtime that began then. It is
// the same id however often that downtime is declared.
func NewOfferID(customer ledger.CustomerID, paymentID payment.ID, began time.Time) OfferID {
	// The outage's own id is no part: an outage that was declared again, with its end, would offer
	// the same hours twice.
	return OfferID(ledger.NewOwnedID(offerPrefix, customer.Key(), string(paymentID), strconv.FormatInt(began.UnixMilli(), 10)))
}

// ParseOfferID returns the id, or KindNotFound for what can be no offer's id.
func ParseOfferID(s string) (OfferID, error) {
	if !ledger.IsOwnedID(offerPrefix, s) {
		return "", fault.NotFound("offer")
	}
	return OfferID(s), nil
}

// CustomerKey returns the key of the customer to whom it is made. The id must be one of ours.
func (id OfferID) CustomerKey() string { return ledger.OwnerKey(string(id)) }

// Offer is what the buyer of a payment may claim for an outage. It promises nothing: a claim is
// decided by the facts that are known when it comes.
type Offer struct {
	// ID names the offer, and the customer's key in it.
	ID OfferID
	// Customer is who may claim.
	Customer ledger.CustomerID
	// Payment is the purchase that the outage hit.
	Payment payment.ID
	// Outage is the one whose run made the offer.
	Outage ID
	// PaidAt is when the purchase was paid: a claim names it.
	PaidAt time.Time
	// Met is the downtime that the purchase met.
	Met policy.OutageFacts
	// Remedy is what a claim would give as things were when the offer was made.
	Remedy policy.Remedy
	// ClaimUntil is the last instant at which a claim is in time, zero where the policy names none.
	ClaimUntil time.Time
	// Policy is the revision that the offer was made by.
	Policy policy.Ref
	// Locale is the language that the buyer reads, "" where it is not known.
	Locale string
	// MadeAt is when the run made the offer.
	MadeAt time.Time
	// NotifiedAt is when the customer was notified, zero before.
	NotifiedAt time.Time
	// Todo holds the steps that are due: the notice, until it is sent.
	Todo todo.List
	// Attempts is how often the sweep has sent the due step again.
	Attempts int
}

// Untold reports whether the customer is still to be notified.
func (o Offer) Untold() bool { return o.Todo.Has(todo.StepOffer) }
