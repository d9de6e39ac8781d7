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

// Payment is what the provider knows of one payment. Minor amounts; Paid is 0 while it is not paid, or its purchase was never heard of.
type Payment struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
	Customer string `json:"customer,omitempty"`
	Package  string `json:"package,omitempty"`
	Currency string `json:"currency,omitempty"` // as its own provider writes it
	Paid     int64  `json:"paid"`
	Refunded int64  `json:"refunded"` // refunds that did not fail and were not cancelled

	session map[string]any  // Stripe's checkout session, nil while not heard of
	sold    json.RawMessage // the standard door's payment.paid, nil while not heard of
	created time.Time
	charged time.Time // when the money was taken
}

// Refund is one refund in the books. Case is what the caller noted in its metadata.
type Refund struct {
	ID       string            `json:"id"`
	Payment  string            `json:"payment"`
	Minor    int64             `json:"minor"`
	Currency string            `json:"currency"`
	Status   string            `json:"status"`
	Case     string            `json:"case,omitempty"`
	Key      string            `json:"key,omitempty"` // the idempotency key it was asked for under; "": by hand, or heard of
	Metadata map[string]string `json:"metadata,omitempty"`
	Created  time.Time         `json:"created"`

	provider string
	reason   string
	counted  bool // known only from a charge's sum; gives way to the refund that is heard of by its id
}

// Dispute is one dispute in the books.
type Dispute struct {
	ID       string    `json:"id"`
	Payment  string    `json:"payment"`
	Minor    int64     `json:"minor"`
	Currency string    `json:"currency"`
	Status   string    `json:"status"`
	Created  time.Time `json:"created"`

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

// refundRanks and disputeRanks order what events say: a late event does not undo a later one. A status that is not listed is refused.
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

// hearRefund enters what an event says of a refund, which may be older than what the books say.
func (b *books) hearRefund(said Refund) {
	if !slices.Contains(refundRanks, said.Status) {
		return
	}
	known := b.refund(said.ID)
	if known == nil {
		b.giveWay(said.Payment, said.Minor)
		b.refunds = append(b.refunds, &said)
		return
	}
	if slices.Index(refundRanks, said.Status) > slices.Index(refundRanks, known.Status) {
		known.Status = said.Status
	}
}

// giveWay takes a named refund's amount off what was only counted.
func (b *books) giveWay(payment string, minor int64) {
	for _, r := range b.refundsOf(payment) {
		if r.counted {
			part := min(minor, r.Minor)
			r.Minor -= part
			minor -= part
		}
	}
	b.refunds = slices.DeleteFunc(b.refunds, func(r *Refund) bool { return r.counted && r.Minor == 0 })
}

// hearSum enters what a charge says was refunded in all: what no refund accounts for becomes one, since the provider has it.
func (b *books) hearSum(page *Payment, sum int64, at time.Time) {
	var named int64
	for _, r := range b.refundsOf(page.ID) {
		named += r.Minor // a failed one was in the sum when it was told
	}
	if sum > named {
		b.refunds = append(b.refunds, &Refund{
			ID: newID("re_"), Payment: page.ID, Minor: sum - named, Currency: page.Currency, Status: statusSucceeded, Created: at,
			provider: page.Provider, counted: true,
		})
	}
}

// hearDispute enters what an event says of a dispute, which may be older than what the books say.
func (b *books) hearDispute(said Dispute) {
	if !slices.Contains(disputeRanks, said.Status) {
		return
	}
	known := b.dispute(said.ID)
	if known == nil {
		said.withdrawn = slices.Contains([]string{statusNeedsResponse, statusUnderReview, statusLost}, said.Status)
		b.disputes = append(b.disputes, &said)
		return
	}
	if slices.Index(disputeRanks, said.Status) > slices.Index(disputeRanks, known.Status) {
		known.Status = said.Status
		known.withdrawn = known.withdrawn || said.Status == statusNeedsResponse
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
