package providertest

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"makegood/shared/payment"
)

// The pages of a service's lists are short, so that every list of the suite has several.
const pageSize = 2

// Event is something that happened at the provider.
type Event struct {
	ID    string        // evt_ and its place in the history; lists page by it
	At    time.Time     // when it happened; a second after the event before it
	Facts payment.Facts // what the webhook must say of it; zero where Raw stands for it
	Raw   string        // a body that no facts stand behind, "" for all others
}

// Account is what a provider's service knows. It is safe for use by many goroutines.
type Account struct {
	mu      sync.Mutex
	history []Event
	keys    map[string]string // refund ids, by idempotency key
}

// Happens adds events to the account, each a second after the one before. A purchase is paid when
// it happens.
func (a *Account) Happens(all ...payment.Facts) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, facts := range all {
		a.add(Event{Facts: facts})
	}
}

// Slips adds an event of that body to the list, and changes nothing else: what a provider lists may
// be broken.
func (a *Account) Slips(raw string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(Event{Raw: raw})
}

// add gives the event its id and instant and keeps it. The caller holds the lock.
func (a *Account) add(event Event) {
	n := len(a.history)
	event.ID, event.At = "evt_"+strconv.Itoa(n), noon.Add(time.Duration(n)*time.Second)
	if event.Facts.Purchase != nil {
		// A copy: the caller's facts are what tests compare with.
		purchase := *event.Facts.Purchase
		purchase.PaidAt = event.At
		event.Facts.Purchase = &purchase
	}
	a.history = append(a.history, event)
}

// Refund makes the refund of an order and returns it, pending; under the same key it returns the
// first one again. It is an event as any other.
func (a *Account) Refund(order payment.RefundOrder) payment.Facts {
	a.mu.Lock()
	defer a.mu.Unlock()
	// A real provider remembers keys, and the suite counts how many refunds were made.
	id, exists := a.keys[order.Key]
	if !exists {
		id = fmt.Sprintf("re_made_%d", len(a.keys))
		a.keys[order.Key] = id
		facts := payment.Facts{Payment: order.Payment, RefundID: id}
		facts.Refund = &payment.Refund{Amount: order.Amount, Status: payment.RefundPending, Case: order.Case}
		a.add(Event{Facts: facts})
	}
	// The first event of the id: a replay gets the refund as it was made, whatever became of it
	// since.
	n := slices.IndexFunc(a.history, func(e Event) bool { return e.Facts.RefundID == id })
	return a.history[n].Facts
}

// Events returns the history, oldest first.
func (a *Account) Events() []Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.history)
}

// Page returns a page of the events since an instant, newest first, as providers list them. It
// begins after the event of that id ("": with the first), and tells whether there are more.
func (a *Account) Page(since time.Time, after string) ([]Event, bool) {
	all := a.Events()
	slices.Reverse(all)
	all = slices.DeleteFunc(all, func(e Event) bool { return e.At.Before(since) })
	return Paged(all, after, func(e Event) string { return e.ID })
}

// Paged returns the page of any list that follows the element of that id ("": the first page), and
// whether there are more.
func Paged[T any](all []T, after string, id func(T) string) ([]T, bool) {
	if after != "" {
		all = all[slices.IndexFunc(all, func(one T) bool { return id(one) == after })+1:]
	}
	return all[:min(pageSize, len(all))], len(all) > pageSize
}

// Of returns a payment as it is today: its purchase, and every refund and dispute by its last
// status. It is empty for an unknown payment.
func (a *Account) Of(id payment.ID) []payment.Facts {
	var latest []payment.Facts
	for _, event := range a.Events() {
		facts := event.Facts
		if facts.Payment != id {
			continue
		}
		// A later event about the same thing takes the place of the earlier one, at the end of the
		// list.
		latest = slices.DeleteFunc(latest, func(old payment.Facts) bool {
			return (old.Purchase != nil) == (facts.Purchase != nil) && old.RefundID == facts.RefundID && old.DisputeID == facts.DisputeID
		})
		latest = append(latest, facts)
	}
	return latest
}
