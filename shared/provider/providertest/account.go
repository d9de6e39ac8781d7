package providertest

import (
	"time"

	"makegood/shared/payment"
	"makegood/shared/provider/fake"
)

// The pages of a service's lists are short, so that every list of the suite has several.
const pageSize = 2

// Event is something that happened at the provider, a second after the event before it.
type Event = fake.Event

// Account is what a provider's service knows. It is safe for use by many goroutines.
type Account struct{ fake.Account }

// now is the instant of the next event.
func (a *Account) now() time.Time { return noon.Add(time.Duration(len(a.Events())) * time.Second) }

// Happens adds events to the account, each a second after the one before. A purchase is paid when
// it happens.
func (a *Account) Happens(all ...payment.Facts) {
	for _, facts := range all {
		if facts.Purchase != nil {
			// A copy: the caller's facts are what tests compare with.
			purchase := *facts.Purchase
			purchase.PaidAt = a.now()
			facts.Purchase = &purchase
		}
		a.Account.Happens(facts, a.now())
	}
}

// Refund makes the refund of an order and returns it, pending; under the same key it returns the
// first one again, whatever became of it since. It is an event as any other.
func (a *Account) Refund(order payment.RefundOrder) payment.Facts {
	facts, _ := a.Account.Refund(order, payment.RefundPending, "", a.now())
	return facts
}

// Page returns a page of the events since an instant, newest first. It begins after the event of
// that id ("": with the first), and tells whether there are more.
func (a *Account) Page(since time.Time, after string) ([]Event, bool) {
	return a.Account.Page(since, after, pageSize)
}

// Paged returns the page of any list that follows the element of that id ("": the first page), and
// whether there are more.
func Paged[T any](all []T, after string, id func(T) string) ([]T, bool) {
	page, more, _ := fake.Page(all, after, pageSize, id)
	return page, more
}
