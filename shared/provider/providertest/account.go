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

// Event is something that happened at the provider. Raw is its body where it has no facts.
type Event struct {
	ID    string
	At    time.Time
	Facts payment.Facts
	Raw   string
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

// Slips adds an event of that body to the list, and changes nothing else.
func (a *Account) Slips(raw string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(Event{Raw: raw})
}

func (a *Account) add(event Event) {
	n := len(a.history)
	event.ID, event.At = "evt_"+strconv.Itoa(n), noon.Add(time.Duration(n)*time.Second)
	if event.Facts.Purchase != nil {
		purchase := *event.Facts.Purchase
		purchase.PaidAt = event.At
		event.Facts.Purchase = &purchase
	}
	a.history = append(a.history, event)
}

// Refund makes the refund of an order and returns it, pending; the first one again under the same
// key. It is an event as any other.
func (a *Account) Refund(order payment.RefundOrder) payment.Facts {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, exists := a.keys[order.Key]
	if !exists {
		id = fmt.Sprintf("re_made_%d", len(a.keys))
		a.keys[order.Key] = id
		facts := payment.Facts{Payment: order.Payment, RefundID: id}
		facts.Refund = &payment.Refund{Amount: order.Amount, Status: payment.RefundPending, Case: order.Case}
		a.add(Event{Facts: facts})
	}
	n := slices.IndexFunc(a.history, func(e Event) bool { return e.Facts.RefundID == id })
	return a.history[n].Facts
}

// Events returns the history, oldest first.
func (a *Account) Events() []Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.history)
}

// Page returns a page of the events since an instant, newest first, after the event of that id ("":
// from the first), and whether there are more.
func (a *Account) Page(since time.Time, after string) ([]Event, bool) {
	all := a.Events()
	slices.Reverse(all)
	all = slices.DeleteFunc(all, func(e Event) bool { return e.At.Before(since) })
	return Paged(all, after, func(e Event) string { return e.ID })
}

// Paged returns a page of any list after the one of that id ("": from the first), and whether there
// are more.
func Paged[T any](all []T, after string, id func(T) string) ([]T, bool) {
	if after != "" {
		all = all[slices.IndexFunc(all, func(one T) bool { return id(one) == after })+1:]
	}
	return all[:min(pageSize, len(all))], len(all) > pageSize
}

// Of returns a payment as it stands: its purchase, and every refund and dispute by its last status;
// none for an unknown one.
func (a *Account) Of(id payment.ID) []payment.Facts {
	var latest []payment.Facts
	for _, event := range a.Events() {
		facts := event.Facts
		if facts.Payment != id {
			continue
		}
		latest = slices.DeleteFunc(latest, func(old payment.Facts) bool {
			return (old.Purchase != nil) == (facts.Purchase != nil) && old.RefundID == facts.RefundID && old.DisputeID == facts.DisputeID
		})
		latest = append(latest, facts)
	}
	return latest
}
