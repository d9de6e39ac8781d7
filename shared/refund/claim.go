package refund

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/text"
)

// MaxClaims is how many claims a customer may open in a day by their own token: whatever they name,
// each may go to a person, and nobody shall bury the others' on that list. The app's server and
// staff are trusted to know when it is enough.
const MaxClaims = 20

// TooManyClaims returns the KindThrottled error of a customer who has opened MaxClaims that day;
// RetryAfter is what is left of the day, by UTC.
func TooManyClaims(now time.Time) error { return tooMany("claims", now) }

// TooManyAppeals is that of a customer who has made MaxAppeals that day.
func TooManyAppeals(now time.Time) error { return tooMany("appeals", now) }

func tooMany(what string, now time.Time) error {
	refusal := fault.Errorf(fault.KindThrottled, fault.CodeThrottled, "too many %s in one day: try again tomorrow", what)
	day := 24 * time.Hour
	refusal.RetryAfter = now.UTC().Truncate(day).Add(day).Sub(now)
	return refusal
}

// The bounds of a claim, in characters: proofs are transaction ids and attachments, each a short
// text or a link.
const (
	MaxEmail  = 254
	MaxProofs = 20
	MaxProof  = 500
	MaxClaim  = 26_000            // of all its words together, in bytes: a claim lies in one item with its case
	maxAhead  = 300 * time.Second // that a claim's instant may lie in the future: clocks differ
	maxZone   = 14 * time.Hour    // that a claim's day may begin in the future, by UTC: so far ahead of it is the first place where it begins
	firstYear = 2000              // before which nobody bought anything
)

// Claim is what a customer says about a purchase: all of it is their word. WholeDay says that they
// named the day alone: PaidAt is when that begins, by UTC.
type Claim struct {
	Email          string       `json:"email"`
	PaidAt         time.Time    `json:"paid_at"`
	WholeDay       bool         `json:"whole_day,omitempty"`
	Amount         money.Amount `json:"amount"`
	Reason         string       `json:"reason"`
	TransactionIDs []string     `json:"transaction_ids,omitempty"`
	Attachments    []string     `json:"attachments,omitempty"`
}

// Request claims a refund of a purchase. Payment is the provider's id of it, "" when the customer
// does not know; Outage is the one that it was offered for, "" for any. Principal and Key are the
// caller and its idempotency key, Actor is what the caller is.
type Request struct {
	Kind      policy.Kind
	Customer  ledger.CustomerID
	Payment   string
	Outage    outage.ID
	Claim     Claim
	Principal string
	Key       string
	Actor     string
	Locale    string // what the customer reads, "" for what the payment says
}

// Claimer takes claims: one of a kind for each payment, of an outage that is named one for each of
// both.
type Claimer struct {
	Store    Claims
	Requests Requests
}

// File opens the case of a claim and asks for a decision. When it returns nil, the claim is
// durable. A claim that names no payment is a matter of its own for each idempotency key.
//
// Errors: KindInvalid (missing_fields with all of them; a field), KindConflict (already_reported
// with the case; idempotency_key_reused), KindThrottled (a customer's MaxClaims that day),
// KindBusy.
func (c Claimer) File(ctx context.Context, request Request, now time.Time) (Opened, error) {
	if err := request.Validate(now); err != nil {
		return Opened{}, err
	}
	claim := request.Claim
	claim.PaidAt = text.Millisecond(claim.PaidAt)
	subject := request.Payment
	if subject == "" {
		subject = "unnamed/" + ledger.HashID("", 20, request.Principal, request.Key)
	}
	origin := originOf(request.Principal, request.Key, request.Payment, inJSON(claim))
	if request.Outage != "" { // the case that the outage's run would make
		subject += "/" + string(request.Outage)
		origin = originOf(request.Principal, request.Key, request.Payment, inJSON(claim), string(request.Outage))
	}
	create := c.Store.OpenCase
	if request.Actor == ledger.ActorCustomer {
		create = func(ctx context.Context, claimCase Case) (*Case, error) {
			return c.Store.OpenClaim(ctx, claimCase, MaxClaims)
		}
	}
	return open(ctx, create, c.Requests, Case{
		ID: NewCaseID(request.Customer.Key(), request.Kind, subject), Kind: request.Kind, Customer: request.Customer,
		Payment: request.Payment, Outage: string(request.Outage), Asked: &Asked{Claim: &claim}, Origin: origin, Locale: request.Locale,
	}, request.Actor, now)
}

// Validate returns a KindInvalid error naming the fields at fault: missing_fields with all that are
// missing, else the first that is wrong.
func (r Request) Validate(now time.Time) error {
	if !r.Kind.AboutPurchase() {
		return fault.Invalid("kind", "must be duplicate_charge, not_credited, outage, abnormal_charge or change_of_mind")
	}
	if r.Outage != "" && r.Kind != policy.KindOutage {
		return fault.Invalid("outage", "belongs to the kind outage alone")
	}
	if r.Payment != "" {
		if err := payment.ID(r.Payment).Validate("payment"); err != nil {
			return err
		}
	}
	if absent := r.Claim.missing(); len(absent) > 0 {
		return fault.Missing(absent...)
	}
	return r.Claim.validate(now)
}

// missing returns every field that a claim needs and this one lacks.
func (c Claim) missing() []string {
	var fields []string
	need := func(field string, there bool) {
		if !there {
			fields = append(fields, "claim."+field)
		}
	}
	need("email", !text.Blank(c.Email))
	need("paid_at", !c.PaidAt.IsZero())
	need("amount", c.Amount != money.Amount{})
	need("reason", !text.Blank(c.Reason))
	return fields
}

func (c Claim) validate(now time.Time) error {
	if address, err := mail.ParseAddress(c.Email); err != nil || address.Address != c.Email || text.Length(c.Email) > MaxEmail {
		return fault.Invalid("claim.email", "must be an e-mail address of at most %d characters", MaxEmail)
	}
	ahead := maxAhead
	if c.WholeDay {
		ahead = maxZone
	}
	if c.PaidAt.Sub(now) > ahead || c.PaidAt.UTC().Year() < firstYear {
		return fault.Invalid("claim.paid_at", "must not lie in the future, nor before the year %d", firstYear)
	}
	if err := c.Amount.Validate("claim.amount"); err != nil {
		return err
	}
	if c.Amount.Minor == 0 {
		return fault.Invalid("claim.amount.minor", "must be at least 1")
	}
	if err := text.Check("claim.reason", c.Reason, MaxWords); err != nil {
		return err
	}
	if err := checkProofs("claim.transaction_ids", c.TransactionIDs); err != nil {
		return err
	}
	if err := checkProofs("claim.attachments", c.Attachments); err != nil {
		return err
	}
	for i, link := range c.Attachments {
		if !text.IsLink(link) {
			return fault.Invalid(fmt.Sprintf("claim.attachments[%d]", i), "must be an http or https address")
		}
	}
	if c.size() > MaxClaim {
		return fault.Invalid("claim", "must have at most %d bytes in all", MaxClaim)
	}
	return nil
}

// size returns how many bytes the words of the claim have together.
func (c Claim) size() int {
	total := len(c.Email) + len(c.Reason)
	for _, proof := range slices.Concat(c.TransactionIDs, c.Attachments) {
		total += len(proof)
	}
	return total
}

// inJSON tells one input from another.
func inJSON(input any) string {
	text, err := json.Marshal(input)
	if err != nil {
		panic("refund: what was checked is always encodable: " + err.Error())
	}
	return string(text)
}

func checkProofs(field string, proofs []string) error {
	if len(proofs) > MaxProofs {
		return fault.Invalid(field, "at most %d", MaxProofs)
	}
	for i, proof := range proofs {
		if proof == "" || text.Length(proof) > MaxProof {
			return fault.Invalid(fmt.Sprintf("%s[%d]", field, i), "must have 1 to %d characters", MaxProof)
		}
	}
	return nil
}
