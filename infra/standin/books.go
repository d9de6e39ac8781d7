package standin

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// The providers that the stand-in plays.
const (
	providerStripe   = "stripe"
	providerStandard = "standard"
)

// Payment is what the provider knows of one payment. Minor amounts; Paid is 0 while it is not paid,
// or its purchase was never heard of.
type Payment struct {
	ID       string `json:"id"`                 // the provider's
	Provider string `json:"provider"`           // stripe or standard
	Customer string `json:"customer,omitempty"` // "": nobody was named
	Package  string `json:"package,omitempty"`  // "": none was named
	Currency string `json:"currency,omitempty"` // as its own provider writes it
	Paid     int64  `json:"paid"`               // minor units; 0: not paid, or not known
	Refunded int64  `json:"refunded"`           // refunds that did not fail and were not cancelled

	session map[string]any  // Stripe's checkout session, nil while not heard of
	sold    json.RawMessage // the standard door's payment.paid, nil while not heard of
	created time.Time
	charged time.Time // when the money was taken
}

// Refund is one refund in the books. Case is what the caller noted in its metadata.
type Refund struct {
	ID       string            `json:"id"`                 // the provider's
	Payment  string            `json:"payment"`            // whose money it is
	Minor    int64             `json:"minor"`              // minor units
	Currency string            `json:"currency"`           // the payment's
	Status   string            `json:"status"`             // one of refundRanks
	Case     string            `json:"case,omitempty"`     // from its metadata; "": none
	Key      string            `json:"key,omitempty"`      // its idempotency key; "": by hand, or from an event
	Metadata map[string]string `json:"metadata,omitempty"` // as the caller sent it
	Created  time.Time         `json:"created"`            // whole seconds

	provider string
	reason   string
	counted  bool // known only from a charge's sum; gives way to the refund that is heard of by its id
}

// Dispute is one dispute in the books.
type Dispute struct {
	ID       string    `json:"id"`       // the provider's
	Payment  string    `json:"payment"`  // whose money it is
	Minor    int64     `json:"minor"`    // minor units
	Currency string    `json:"currency"` // the payment's
	Status   string    `json:"status"`   // one of disputeRanks
	Created  time.Time `json:"created"`  // whole seconds

	provider  string
	withdrawn bool // the bank took the money; of a dispute that was won it gave it back
}

// The statuses of refunds and disputes that the stand-in itself gives.
const (
	statusPending        = "pending"
	statusRequiresAction = "requires_action"
	statusSucceeded      = "succeeded"
	statusFailed         = "failed"
	statusCanceled       = "canceled"

	statusNeedsResponse = "needs_response"
	statusUnderReview   = "under_review"
	statusWon           = "won"
	statusLost          = "lost"
)

// refundRanks and disputeRanks order what events say: a late event does not undo a later one. A
// status that is not listed is refused.
var (
	refundRanks  = []string{statusPending, statusRequiresAction, statusSucceeded, statusCanceled, statusFailed}
	disputeRanks = []string{
		"warning_needs_response", "warning_under_review", "warning_closed", "prevented", statusNeedsResponse, statusUnderReview, statusLost, statusWon,
	}
)

// books are guarded by the Provider's lock. Refunds and disputes stand in order of arrival.
type books struct {
	payments map[string]*Payment
	refunds  []*Refund
	disputes []*Dispute
}

func newBooks() books { return books{payments: map[string]*Payment{}} }

// payment opens the page of a payment, blank when nothing was heard of it.
func (b *books) payment(id, provider string, at time.Time) *Payment {
	one := b.payments[id]
	if one == nil {
		one = &Payment{ID: id, Provider: provider, created: at, charged: at}
		b.payments[id] = one
	}
	return one
}

// refund finds a refund, nil when there is none.
func (b *books) refund(id string) *Refund {
	at := slices.IndexFunc(b.refunds, func(r *Refund) bool { return r.ID == id })
	if at < 0 {
		return nil
	}
	return b.refunds[at]
}

func (b *books) dispute(id string) *Dispute {
	at := slices.IndexFunc(b.disputes, func(d *Dispute) bool { return d.ID == id })
	if at < 0 {
		return nil
	}
	return b.disputes[at]
}

// refundsOf gives the refunds of a payment, oldest first.
func (b *books) refundsOf(payment string) []*Refund {
	var of []*Refund
	for _, r := range b.refunds {
		if r.Payment == payment {
			of = append(of, r)
		}
	}
	return of
}

// refunded is what went back of the payment, or is on its way.
func (b *books) refunded(payment string) int64 {
	var sum int64
	for _, r := range b.refundsOf(payment) {
		if r.counts() {
			sum += r.Minor
		}
	}
	return sum
}

func (r *Refund) counts() bool { return r.Status != statusFailed && r.Status != statusCanceled }

// lastDispute is the newest dispute of the payment, nil when there is none.
func (b *books) lastDispute(payment string) *Dispute {
	for _, d := range slices.Backward(b.disputes) {
		if d.Payment == payment {
			return d
		}
	}
	return nil
}

// disputed tells whether a bank holds or has taken the payment's money.
func (b *books) disputed(payment string) bool {
	return slices.ContainsFunc(b.disputes, func(d *Dispute) bool {
		return d.Payment == payment && slices.Contains([]string{statusNeedsResponse, statusUnderReview, statusLost}, d.Status)
	})
}

// applyRefund enters what an event says of a refund, which may be older than what the books say.
func (b *books) applyRefund(fact Refund) {
	// A status that no rank knows would undo whatever comes after it.
	if !slices.Contains(refundRanks, fact.Status) {
		return
	}
	// A refund that is heard of by its id takes the place of what only a sum told of.
	current := b.refund(fact.ID)
	if current == nil {
		b.giveWay(fact.Payment, fact.Minor)
		b.refunds = append(b.refunds, &fact)
		return
	}
	// Events may come in any order: a lower rank is old news.
	if slices.Index(refundRanks, fact.Status) > slices.Index(refundRanks, current.Status) {
		current.Status = fact.Status
	}
}

// giveWay takes a named refund's amount off what was only counted.
func (b *books) giveWay(payment string, minor int64) {
	// Counted refunds give up as much as the named one explains, oldest first.
	for _, r := range b.refundsOf(payment) {
		if r.counted {
			part := min(minor, r.Minor)
			r.Minor -= part
			minor -= part
		}
	}
	b.refunds = slices.DeleteFunc(b.refunds, func(r *Refund) bool { return r.counted && r.Minor == 0 })
}

// applySum enters what a charge says was refunded in all: what no refund accounts for becomes one,
// since the provider has it.
func (b *books) applySum(page *Payment, sum int64, at time.Time) {
	var total int64
	for _, r := range b.refundsOf(page.ID) {
		// Failed refunds count here, since the charge's sum held them when it was sent.
		total += r.Minor // a failed one was in the sum when it was told
	}
	// What no refund explains is one that the provider made and that nobody told of.
	if sum > total {
		b.refunds = append(b.refunds, &Refund{
			ID: newID("re_"), Payment: page.ID, Minor: sum - total, Currency: page.Currency, Status: statusSucceeded, Created: at,
			provider: page.Provider, counted: true,
		})
	}
}

// applyDispute enters what an event says of a dispute, which may be older than what the books say.
func (b *books) applyDispute(fact Dispute) {
	// As for refunds: only known statuses can be ordered.
	if !slices.Contains(disputeRanks, fact.Status) {
		return
	}
	current := b.dispute(fact.ID)
	if current == nil {
		// The bank takes the money with the dispute, not with an inquiry.
		fact.withdrawn = slices.Contains([]string{statusNeedsResponse, statusUnderReview, statusLost}, fact.Status)
		b.disputes = append(b.disputes, &fact)
		return
	}
	if slices.Index(disputeRanks, fact.Status) > slices.Index(disputeRanks, current.Status) {
		current.Status = fact.Status
		// Once taken it stays noted, also when the dispute is won: then it came back.
		current.withdrawn = current.withdrawn || fact.Status == statusNeedsResponse
	}
}

// newID makes an id that looks like one of Stripe's.
func newID(prefix string) string {
	random := make([]byte, 12)
	_, _ = rand.Read(random) // never fails
	return prefix + hex.EncodeToString(random)
}

// chargeOf names the charge of a payment.
func chargeOf(payment string) string { return "ch_of_" + payment }
