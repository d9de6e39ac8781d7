// Package fake keeps the books of a payment provider that is played: one engine under the stand-in
// of infra/standin, the provider of storetest's stories and the service of providertest's suite.
//
// It owns what was paid, refunded and disputed, which of two statuses is the later, what can still
// go back, one refund for each idempotency key, and the list of events. It refuses to know any
// wire, any clock and any fault but a refusal: its users add those.
//
// Invariants: no order gives back more than was paid, or what a bank holds. The rules stand here a
// second time and are not asked of shared/payment, for what plays the provider must not be wrong
// together with what is tested (infra/decisions/0048).
//
// Words: books (all of it, in the provider's own words), page (one payment in them), account (books
// that are told, and tell, in payment's facts).
package fake

import (
	"cmp"
	"slices"
	"time"
)

// Payment is what the provider knows of one payment, in minor units. S is what its user keeps of
// the sale; the books do not read it.
type Payment[S any] struct {
	ID       string `json:"id"`                 // the provider's
	Provider string `json:"provider"`           // the provider's name
	Customer string `json:"customer,omitempty"` // "": nobody was named
	Package  string `json:"package,omitempty"`  // "": none was named
	Currency string `json:"currency,omitempty"` // as its own provider writes it
	Paid     int64  `json:"paid"`               // 0: not paid, or its purchase was never heard of
	Refunded int64  `json:"refunded"`           // refunds that did not fail and were not canceled; set by View

	Created time.Time `json:"-"` // of the first event that named it
	Charged time.Time `json:"-"` // when the money was taken
	Sale    S         `json:"-"` // the user's own
}

// Refund is one refund in the books.
type Refund struct {
	ID       string            `json:"id"`                 // the provider's
	Payment  string            `json:"payment"`            // whose money it is
	Minor    int64             `json:"minor"`              // minor units
	Currency string            `json:"currency"`           // the payment's
	Status   string            `json:"status"`             // one of the statuses below
	Case     string            `json:"case,omitempty"`     // from its metadata; "": none
	Key      string            `json:"key,omitempty"`      // its idempotency key; "": by hand, or from an event
	Metadata map[string]string `json:"metadata,omitempty"` // as the caller sent it
	Created  time.Time         `json:"created"`            // whole seconds
	Provider string            `json:"-"`                  // the payment's
	Reason   string            `json:"-"`                  // as the caller gave it

	counted bool // known only from a charge's sum; gives way to the refund that is heard of by its id
}

// Dispute is one dispute in the books.
type Dispute struct {
	ID        string    `json:"id"`       // the provider's
	Payment   string    `json:"payment"`  // whose money it is
	Minor     int64     `json:"minor"`    // minor units
	Currency  string    `json:"currency"` // the payment's
	Status    string    `json:"status"`   // one of DisputeStatuses
	Created   time.Time `json:"created"`  // whole seconds
	Provider  string    `json:"-"`        // the payment's
	Withdrawn bool      `json:"-"`        // the bank took the money; of a dispute that was won it gave it back
}

// The statuses of refunds and disputes that move money.
const (
	StatusPending        = "pending"
	StatusRequiresAction = "requires_action"
	StatusSucceeded      = "succeeded"
	StatusFailed         = "failed"
	StatusCanceled       = "canceled"

	StatusNeedsResponse = "needs_response"
	StatusUnderReview   = "under_review"
	StatusWon           = "won"
	StatusLost          = "lost"
)

// RefundStatuses and DisputeStatuses are in their order: a late event does not undo a later status.
// What is not listed enters nothing, for it would undo whatever comes after it.
var (
	RefundStatuses  = []string{StatusPending, StatusRequiresAction, StatusSucceeded, StatusCanceled, StatusFailed}
	DisputeStatuses = []string{
		"warning_needs_response", "warning_under_review", "warning_closed", "prevented", StatusNeedsResponse, StatusUnderReview, StatusLost, StatusWon,
	}
)

// Refusal says why no refund is made; "" where one is.
type Refusal string

// The refusals of a refund.
const (
	RefusalUnknown   Refusal = "unknown" // the payment
	RefusalDisputed  Refusal = "disputed"
	RefusalRefunded  Refusal = "already_refunded"
	RefusalTooMuch   Refusal = "too_much"
	RefusalOtherKey  Refusal = "key_of_another_order"
	RefusalSpentKey  Refusal = "key_spent" // a failure was saved under the key
	RefusalForbidden Refusal = "refused"   // as a fault of the user's
)

// Books are what one provider knows. Refunds and Disputes stand in order of arrival. The zero value
// is empty; a user with several goroutines locks.
type Books[S any] struct {
	Payments map[string]*Payment[S] // by id
	Refunds  []*Refund              // of all payments
	Disputes []*Dispute             // of all payments
}

// Page opens the page of a payment, a blank one when nothing was heard of it.
func (b *Books[S]) Page(id, provider string, at time.Time) *Payment[S] {
	if b.Payments == nil {
		b.Payments = map[string]*Payment[S]{}
	}
	if b.Payments[id] == nil {
		b.Payments[id] = &Payment[S]{ID: id, Provider: provider, Created: at, Charged: at}
	}
	return b.Payments[id]
}

// View returns a copy of a payment's page with what went back of it, nil for an unknown one.
func (b *Books[S]) View(id string) *Payment[S] {
	page := b.Payments[id]
	if page == nil {
		return nil
	}
	view := *page
	view.Refunded = b.Refunded(id)
	return &view
}

// Refund returns the refund of that id, nil when there is none.
func (b *Books[S]) Refund(id string) *Refund {
	return first(b.Refunds, func(r *Refund) bool { return r.ID == id })
}

// RefundsOf returns the refunds of a payment, oldest first.
func (b *Books[S]) RefundsOf(payment string) []*Refund {
	return where(b.Refunds, func(r *Refund) bool { return r.Payment == payment })
}

// DisputesOf returns the disputes of a payment, oldest first.
func (b *Books[S]) DisputesOf(payment string) []*Dispute {
	return where(b.Disputes, func(d *Dispute) bool { return d.Payment == payment })
}

func first[T any](all []*T, is func(*T) bool) *T {
	return append(where(all, is), nil)[0]
}

func where[T any](all []*T, is func(*T) bool) []*T {
	return slices.DeleteFunc(slices.Clone(all), func(one *T) bool { return !is(one) })
}

// Refunded is what went back of the payment, or is on its way.
func (b *Books[S]) Refunded(payment string) (sum int64) {
	for _, r := range b.RefundsOf(payment) {
		if r.Counts() {
			sum += r.Minor
		}
	}
	return sum
}

// Counts reports whether the refund's money is gone or on its way.
func (r *Refund) Counts() bool { return r.Status != StatusFailed && r.Status != StatusCanceled }

// Counts reports whether the bank holds the dispute's money, or has taken it.
func (d *Dispute) Counts() bool {
	return slices.Contains([]string{StatusNeedsResponse, StatusUnderReview, StatusLost}, d.Status)
}

// Disputed reports whether a bank holds or has taken money of the payment.
func (b *Books[S]) Disputed(payment string) bool {
	return slices.ContainsFunc(b.DisputesOf(payment), (*Dispute).Counts)
}

// Left is how much of what was paid is neither refunded nor disputed.
func (b *Books[S]) Left(payment string) int64 {
	page := b.Payments[payment]
	if page == nil {
		return 0
	}
	rest := page.Paid - b.Refunded(payment)
	for _, d := range b.DisputesOf(payment) {
		if d.Counts() {
			rest -= d.Minor
		}
	}
	return rest
}

// Refusal tells whether that much of a payment can go back by an order. A disputed payment is not
// refunded, however much of it is left.
func (b *Books[S]) Refusal(payment string, minor int64) Refusal {
	switch rest := b.Left(payment); {
	case b.Payments[payment] == nil:
		return RefusalUnknown
	case b.Disputed(payment):
		return RefusalDisputed
	case rest <= 0:
		return RefusalRefunded
	case minor > rest:
		return RefusalTooMuch
	}
	return ""
}

// EnterRefund enters what is heard of a refund, which may be older than what the books say.
func (b *Books[S]) EnterRefund(fact Refund) {
	current := b.Refund(fact.ID)
	switch {
	case !slices.Contains(RefundStatuses, fact.Status):
	case current == nil:
		// A refund that is heard of by its id takes the place of what only a sum told of.
		b.giveWay(fact.Payment, fact.Minor)
		b.Refunds = append(b.Refunds, &fact)
	default:
		current.Status = later(RefundStatuses, current.Status, fact.Status)
	}
}

// later returns the one of two statuses that comes later in their order.
func later(order []string, a, b string) string {
	return slices.MaxFunc([]string{a, b}, func(a, b string) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
}

// giveWay takes a named refund's amount off what was only counted.
func (b *Books[S]) giveWay(payment string, minor int64) {
	// Counted refunds give up as much as the named one explains, oldest first.
	for _, r := range b.RefundsOf(payment) {
		if r.counted {
			part := min(minor, r.Minor)
			r.Minor -= part
			minor -= part
		}
	}
	b.Refunds = slices.DeleteFunc(b.Refunds, func(r *Refund) bool { return r.counted && r.Minor == 0 })
}

// EnterSum enters what a charge says was refunded in all: what no refund accounts for becomes one,
// under the id of fact, since the provider has it.
func (b *Books[S]) EnterSum(fact Refund, sum int64) {
	for _, r := range b.RefundsOf(fact.Payment) {
		// Failed refunds count here, since the charge's sum held them when it was sent.
		sum -= r.Minor
	}
	if sum > 0 {
		fact.Minor, fact.Status, fact.counted = sum, StatusSucceeded, true
		b.Refunds = append(b.Refunds, &fact)
	}
}

// EnterDispute enters what is heard of a dispute, which may be older than what the books say.
func (b *Books[S]) EnterDispute(fact Dispute) {
	current := first(b.Disputes, func(d *Dispute) bool { return d.ID == fact.ID })
	switch {
	case !slices.Contains(DisputeStatuses, fact.Status):
	case current == nil:
		// The bank takes the money with the dispute, not with an inquiry.
		fact.Withdrawn = fact.Counts()
		b.Disputes = append(b.Disputes, &fact)
	default:
		// Once taken it stays noted, also when the dispute is won: then it came back.
		status := later(DisputeStatuses, current.Status, fact.Status)
		current.Withdrawn = current.Withdrawn || status != current.Status && status == StatusNeedsResponse
		current.Status = status
	}
}

// Page returns the elements of a list that follow the one of that id ("": from the first), at most
// size of them, and whether there are more. ok is false where there is no such element.
func Page[T any](all []T, after string, size int, id func(T) string) (page []T, more, ok bool) {
	if after != "" {
		at := slices.IndexFunc(all, func(one T) bool { return id(one) == after })
		if at < 0 {
			return nil, false, false
		}
		all = all[at+1:]
	}
	return all[:min(size, len(all))], len(all) > size, true
}
