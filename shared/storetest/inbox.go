package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/erasure"
	"makegood/shared/ledger"
	"makegood/shared/refund"
)

// readUpTo returns up to when the customer has read.
func (w *World) readUpTo(customer ledger.CustomerID) time.Time {
	w.t.Helper()
	return read(w, func() (time.Time, error) { return w.Store.FindRead(w.ctx(), customer) })
}

var inboxStories = map[string]func(*testing.T, *World){
	"what a customer has read stays read": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		require.Zero(t, w.readUpTo(alice))
		marks := func(upTo, want time.Time) {
			current := read(w, func() (time.Time, error) { return w.Store.MarkRead(w.ctx(), alice, upTo) })
			require.Equal(t, want, current)
			require.Equal(t, want, w.readUpTo(alice))
		}
		later := w.Now.Add(time.Millisecond)
		marks(w.Now, w.Now)
		marks(later, later)
		marks(w.Now, later)
		marks(later, later)
		require.Zero(t, w.readUpTo(bob))
	},
	"an erasure takes how far a customer has read, and a count does not": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		for _, customer := range []ledger.CustomerID{alice, bob} {
			require.Equal(t, w.Now, read(w, func() (time.Time, error) { return w.Store.MarkRead(w.ctx(), customer, w.Now) }))
		}
		for _, dry := range []bool{true, false} {
			require.Equal(t, w.Now, w.readUpTo(alice))
			page := read(w, func() (erasure.Page, error) {
				return w.Store.ErasePage(w.ctx(), alice, erasure.PartInbox, "", erasure.MaxRows, dry)
			})
			require.Zero(t, page.Tally)
		}
		require.Zero(t, w.readUpTo(alice))
		require.Equal(t, w.Now, w.readUpTo(bob))
	},
}

// checkNews demands that a case's news are what its customer was notified of: each once, in the
// order of its history, the latest last.
func (m *machine) checkNews() {
	for _, id := range m.everyCase() {
		c := m.CaseOf(id)
		var messages []refund.Message
		for _, news := range c.News() {
			require.NotContains(m.t, messages, news.Message, "%s", id)
			require.Equal(m.t, news.At, news.Case.MessageAt(news.Message), "%s", id)
			messages = append(messages, news.Message)
		}
		for _, due := range c.Owed() {
			require.Contains(m.t, messages, due, "%s", id)
		}
		if latest, decided := c.Latest(); decided {
			require.Equal(m.t, latest, messages[len(messages)-1], "%s", id)
			news := c.News()
			require.Equal(m.t, c.Decision, news[len(news)-1].Case.Decision, "%s", id)
		}
		require.True(m.t, slices.IsSortedFunc(c.News(), func(a, b refund.News) int { return len(a.Case.History) - len(b.Case.History) }))
	}
}
