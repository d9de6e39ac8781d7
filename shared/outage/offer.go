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

// NewOfferID returns the id of the offer about a purchase and the downtime that began then: one,
// however often that is declared.
func NewOfferID(customer ledger.CustomerID, paymentID payment.ID, began time.Time) OfferID {
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
// decided by what stands when it comes.
type Offer struct {
	ID         OfferID            `json:"id"`
	Customer   ledger.CustomerID  `json:"customer"`
	Payment    payment.ID         `json:"payment"`
	Outage     ID                 `json:"outage"`
	PaidAt     time.Time          `json:"paid_at"`
	Met        policy.OutageFacts `json:"met"`
	Remedy     policy.Remedy      `json:"remedy"`
	ClaimUntil time.Time          `json:"claim_until,omitzero"` // the last instant at which a claim is in time, zero where the policy names none
	Policy     policy.Ref         `json:"policy"`
	Locale     string             `json:"locale,omitempty"` // the language that its buyer reads, "" where it is not known
	MadeAt     time.Time          `json:"made_at"`
	ToldAt     time.Time          `json:"told_at,omitzero"`
	Todo       todo.List          `json:"-"`
	Attempts   int                `json:"-"`
}

// Untold reports whether the customer is still to be told.
func (o Offer) Untold() bool { return o.Todo.Has(todo.StepOffer) }
