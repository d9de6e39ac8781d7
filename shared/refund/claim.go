package refund

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/origin"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// MaxClaims is how many claims a customer may open in a day by their own token. Each may go to a
// person, whatever it names, and nobody shall bury the claims of others on that list. The app's
// server and staff are trusted to know when it is enough.
const MaxClaims = 20

// TooManyClaims returns the KindThrottled error of a customer who has opened MaxClaims that day.
// RetryAfter is what is left of the day, by UTC.
func TooManyClaims(now time.Time) error { return fault.TooMany("claims", now) }

// TooManyAppeals returns the KindThrottled error of a customer who has made MaxAppeals that day.
// RetryAfter is what is left of the day, by UTC.
func TooManyAppeals(now time.Time) error { return fault.TooMany("appeals", now) }

// The bounds of a claim, in characters: proofs are transaction ids and attachments, each a short
// text or a link.
const (
	MaxEmail  = 254
	MaxProofs = 20
	MaxProof  = 500
	// MaxClaim bounds all words of a claim together, in bytes: a claim lies in one item with its
	// case.
	MaxClaim = 26_000
	// maxAhead is how far a claim's instant may lie in the future: clocks differ.
	maxAhead = 300 * time.Second
	// maxZone is how far a claim's whole day may begin in the future, by UTC: the first place where
	// a day begins is 14 hours ahead.
	maxZone = 14 * time.Hour
	// firstYear is before the first purchase.
	firstYear = 2000
)

const fieldProofs = "claim.attachments"

// Claim is what a customer says about a purchase: all of it is their word.
type Claim struct {
	// Email is where they bought it with.
	Email string `json:"email"`
	// PaidAt is when they paid.
	PaidAt time.Time `json:"paid_at"`
	// WholeDay says that they named the day alone: PaidAt is when that begins, by UTC.
	WholeDay bool `json:"whole_day,omitempty"`
	// Amount is what they paid, in the currency's minor unit.
	Amount money.Amount `json:"amount"`
	// Reason is why they want it back.
	Reason string `json:"reason"`
	// TransactionIDs are ids from their receipts: of the provider, a bank, or nobody we know.
	TransactionIDs []string `json:"transaction_ids,omitempty"`
	// Attachments are their proofs: links, and ids of attachments, which the case takes.
	Attachments []string `json:"attachments,omitempty"`
}

// Request claims a refund of a purchase.
type Request struct {
	// Kind is one of the kinds about a purchase.
	Kind policy.Kind
	// Customer is who claims.
	Customer ledger.CustomerID
	// Payment is the provider's id of the purchase, "" when the customer does not know it.
	Payment string
	// Outage is the outage that the claim was offered for, "" for any.
	Outage outage.ID
	// Claim is what the customer says.
	Claim Claim
	// Needs are the fields that the policy in force demands, beside those that every claim names.
	Needs []policy.ClaimField
	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key.
	Key string
	// Actor is what the caller is: one of the ledger's actors.
	Actor string
	// Locale is the language that the customer reads, "" for the payment's.
	Locale string
}

// Claimer takes claims: one of a kind for each payment. A claim that names an outage is one for
// each payment and outage.
type Claimer struct {
	// Store opens the case.
	Store Claims
	// Requests is the queue of the decider.
	Requests Requests
	// Addresses marks a claim by its e-mail address, so that staff find it.
	Addresses Addresses
	// Attachments says what a case may take.
	Attachments attachment.Taker
}

// File opens the case of a claim and requests a decision. When it returns nil, the claim is
// durable.
//
// Errors:
//   - KindInvalid: missing_fields with all of them, or the first field that is wrong. What Needs
//     demands is missing only where no such case is there: a replay answers as before.
//   - KindConflict: already_reported with the case; idempotency_key_reused.
//   - KindThrottled: a customer's MaxClaims that day.
//   - KindBusy, also where the secrets of Addresses cannot be read now.
//   - Those of attachment.Taker.Look, with the field claim.attachments[n].
func (c Claimer) File(ctx context.Context, request Request, now time.Time) (Opened, error) {
	if err := request.Validate(now); err != nil {
		return Opened{}, err
	}
	claim := request.Claim
	claim.PaidAt = text.Millisecond(claim.PaidAt)
	mark, err := c.Addresses.Mark(ctx, claim.Email)
	if err != nil {
		return Opened{}, err
	}
	// Nobody can tell whether two claims without a payment are about the same purchase. So each
	// idempotency key makes a case of its own.
	subject := request.Payment
	if subject == "" {
		subject = "unnamed/" + ledger.HashID("", 20, request.Principal, request.Key)
	}
	by := origin.Of(request.Principal, request.Key, request.Payment, inJSON(claim))
	// The id of the case that the outage's run would make: the customer gets the gift once. The
	// origin of other claims stays without an outage, or replays of stored ones would not match.
	if request.Outage != "" {
		subject += "/" + string(request.Outage)
		by = origin.Of(request.Principal, request.Key, request.Payment, inJSON(claim), string(request.Outage))
	}
	// Only the customer's own token is bounded.
	put := c.Store.OpenCase
	if request.Actor == ledger.ActorCustomer {
		put = func(ctx context.Context, claimCase Case) (*Case, error) {
			return c.Store.OpenClaim(ctx, claimCase, MaxClaims)
		}
	}
	draft := submission{
		put: put, step: todo.StepRefund, actor: request.Actor, store: c.Store, taker: c.Attachments,
		wanted: wanted(fieldProofs, claim.Attachments), lacks: request.lacks(),
	}
	draft.request = func(ctx context.Context, claimCase Case) error {
		return c.Requests.Request(ctx, message.NewCaseRequested(string(claimCase.ID), "", claimCase.Payment))
	}
	draft.c = Case{
		ID: NewCaseID(request.Customer.Key(), request.Kind, subject), Kind: request.Kind, Customer: request.Customer,
		Payment: request.Payment, Outage: string(request.Outage), Statement: &Statement{Claim: &claim}, Origin: by, Locale: request.Locale,
		AddressMark: mark,
	}
	return draft.open(ctx, now)
}

// Validate returns a KindInvalid error that names the fields at fault: missing_fields with all that
// are missing, else the first that is wrong.
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
	// All that is missing comes in one answer, so that the customer fills the form in once.
	if absent := r.Claim.missing(); len(absent) > 0 {
		return fault.Missing(append(absent, r.lacks()...)...)
	}
	return r.Claim.validate(now)
}

// lacks returns the fields that Needs demands beside those of every claim, and this one does not
// have.
func (r Request) lacks() []string {
	return absent(
		field{"payment", r.Payment != "" || !slices.Contains(r.Needs, policy.ClaimFieldPayment)},
		field{"claim.transaction_ids", len(r.Claim.TransactionIDs) > 0 || !slices.Contains(r.Needs, policy.ClaimFieldTransactionIDs)},
		field{fieldProofs, len(r.Claim.Attachments) > 0 || !slices.Contains(r.Needs, policy.ClaimFieldAttachments)},
	)
}

// missing returns every field that a claim needs and this one lacks, whatever the policy demands.
func (c Claim) missing() []string {
	return absent(
		field{"claim.email", !text.Blank(c.Email)},
		field{"claim.paid_at", !c.PaidAt.IsZero()},
		field{"claim.amount", c.Amount != money.Amount{}},
		field{"claim.reason", !text.Blank(c.Reason)},
	)
}

// field is a field of a request, and whether it is there.
type field struct {
	name  string
	there bool
}

// absent returns the names of the fields that are not there.
func absent(fields ...field) (names []string) {
	for _, f := range fields {
		if !f.there {
			names = append(names, f.name)
		}
	}
	return names
}

// validate returns a KindInvalid error for the first field that is wrong.
func (c Claim) validate(now time.Time) error {
	// The parser also takes "Name <address>", which is more than an address.
	if address, err := mail.ParseAddress(c.Email); err != nil || address.Address != c.Email || text.Length(c.Email) > MaxEmail {
		return fault.Invalid("claim.email", "must be an e-mail address of at most %d characters", MaxEmail)
	}
	// A day that has begun in the east of the world lies ahead by UTC.
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
	if err := checkProofs(fieldProofs, c.Attachments); err != nil {
		return err
	}
	// Staff open these links: nothing but the web may be behind them.
	for i, proof := range c.Attachments {
		if !text.IsLink(proof) && !attachment.IsID(proof) {
			return fault.Invalid(fmt.Sprintf("%s[%d]", fieldProofs, i), "must be an http or https address, or the id of an attachment")
		}
	}
	if err := checkWanted(fieldProofs, wanted(fieldProofs, c.Attachments)); err != nil {
		return err
	}
	// Each field is within its bound, but all together must fit the item.
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

// inJSON returns the input as a text to be hashed: it tells one input from another.
func inJSON(input any) string {
	text, err := json.Marshal(input)
	if err != nil {
		panic("refund: what was checked is always encodable: " + err.Error())
	}
	return string(text)
}

// checkProofs returns a KindInvalid error where there are too many proofs, or one is empty or long.
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
