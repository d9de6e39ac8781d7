package fake

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"makegood/shared/money"
	"makegood/shared/payment"
)

// Event is something that happened at the provider.
type Event struct {
	ID    string        // evt_ and its place in the history; lists page by it
	At    time.Time     // when it happened; zero where nobody noted it
	Facts payment.Facts // what the webhook must say of it; zero where Raw stands for it
	Raw   string        // a body that no facts stand behind, "" for all others
}

// Account is a provider's books that are told, and tell, in payment's facts. The zero value is
// empty. It is safe for use by many goroutines.
type Account struct {
	mu     sync.Mutex
	books  Books[payment.Facts] // the sale is the purchase's facts
	events []Event              // in the order in which they happened
	firsts map[string]attempt   // by idempotency key
}

// attempt is the first order under a key, and what it was answered.
type attempt struct {
	order   payment.RefundOrder
	answer  payment.Facts
	refusal Refusal
}

// Happens enters facts into the books and lists them as an event.
func (a *Account) Happens(facts payment.Facts, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.happens(facts, at)
}

func (a *Account) happens(facts payment.Facts, at time.Time) {
	// The first fact of a payment opens its page, whatever it is about.
	page := a.books.Page(string(facts.Payment), facts.Provider, at)
	if facts.Purchase != nil {
		page.Paid, page.Sale = facts.Purchase.Paid, facts
	}
	if r := facts.Refund; r != nil {
		a.books.EnterRefund(Refund{
			ID: facts.RefundID, Payment: page.ID, Provider: page.Provider, Minor: r.Amount.Minor, Currency: r.Amount.Currency, Status: string(r.Status), Case: r.Case,
		})
	}
	if d := facts.Dispute; d != nil {
		a.books.EnterDispute(Dispute{
			ID: facts.DisputeID, Payment: page.ID, Provider: page.Provider, Minor: d.Amount.Minor, Currency: d.Amount.Currency, Status: string(d.Status),
		})
	}
	a.list(Event{At: at, Facts: facts})
}

func (a *Account) list(event Event) {
	event.ID = "evt_" + strconv.Itoa(len(a.events))
	a.events = append(a.events, event)
}

// Slips lists an event of that body, and changes nothing else: what a provider lists may be broken.
func (a *Account) Slips(raw string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list(Event{At: at, Raw: raw})
}

// Refund makes the refund of an order, lists it and returns it; under the same key it returns the
// first answer again, whatever became of it since. fault, where it is not "", is what an order that
// has no answer yet gets: RefusalSpentKey is saved under the key, any other leaves it free.
func (a *Account) Refund(order payment.RefundOrder, status payment.RefundStatus, fault Refusal, at time.Time) (payment.Facts, Refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// The order of the cases is a real provider's: the key first, then the payment, then the sum.
	if first, used := a.firsts[order.Key]; used {
		if first.order != order {
			return payment.Facts{}, RefusalOtherKey
		}
		return first.answer, first.refusal
	}
	id := string(order.Payment)
	if fault == "" {
		fault = a.books.Refusal(id, order.Amount.Minor)
	}
	result := attempt{order: order, refusal: fault}
	if fault == "" {
		// The number makes the id unique for the payment, also after a refund that failed.
		result.answer = payment.Facts{
			Payment: order.Payment, Provider: a.books.Payments[id].Provider, RefundID: fmt.Sprintf("re_%s_%d", id, len(a.books.RefundsOf(id))),
			Refund: &payment.Refund{Amount: order.Amount, Status: status, Case: order.Case},
		}
		a.happens(result.answer, at)
	}
	if a.firsts == nil {
		a.firsts = map[string]attempt{}
	}
	if fault == "" || fault == RefusalSpentKey {
		a.firsts[order.Key] = result
	}
	return result.answer, fault
}

// Forget drops what was answered under a key, as a provider does after a day.
func (a *Account) Forget(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.firsts, key)
}

// Of returns a payment as it is today: its purchase, then every refund and dispute by its last
// status. It is empty for an unknown payment.
func (a *Account) Of(id payment.ID) (facts []payment.Facts) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if page := a.books.Payments[string(id)]; page != nil && page.Sale.Purchase != nil {
		facts = append(facts, page.Sale)
	}
	for _, r := range a.books.RefundsOf(string(id)) {
		facts = append(facts, payment.Facts{Payment: id, Provider: r.Provider, RefundID: r.ID, Refund: &payment.Refund{
			Amount: money.Amount{Currency: r.Currency, Minor: r.Minor}, Status: payment.RefundStatus(r.Status), Case: r.Case,
		}})
	}
	for _, d := range a.books.DisputesOf(string(id)) {
		facts = append(facts, payment.Facts{Payment: id, Provider: d.Provider, DisputeID: d.ID, Dispute: &payment.Dispute{
			Amount: money.Amount{Currency: d.Currency, Minor: d.Minor}, Status: payment.DisputeStatus(d.Status),
		}})
	}
	return facts
}

// Left is how much of what was paid is neither refunded nor disputed, in minor units.
func (a *Account) Left(id payment.ID) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.books.Left(string(id))
}

// Events returns the history, oldest first.
func (a *Account) Events() []Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.events)
}

// Page returns a page of the events since an instant, newest first, as providers list them. It
// begins after the event of that id ("": with the first), and tells whether there are more. Events
// without an instant are in every listing.
func (a *Account) Page(since time.Time, after string, size int) ([]Event, bool) {
	all := a.Events()
	slices.Reverse(all)
	all = slices.DeleteFunc(all, func(e Event) bool { return !e.At.IsZero() && e.At.Before(since) })
	page, more, _ := Page(all, after, size, func(e Event) string { return e.ID })
	return page, more
}
