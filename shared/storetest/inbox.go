package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/erasure"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/statement"
)

// readUpTo returns up to when the customer has read.
func (w *World) readUpTo(customer ledger.CustomerID) time.Time {
	w.t.Helper()
	return read(w, func() (time.Time, error) { return w.Store.FindRead(w.ctx(), customer) })
}

// inbox returns the topics of the customer's inbox, page by page, so many a page.
func (w *World) inbox(customer ledger.CustomerID, page int) (topics []notice.Topic) {
	w.t.Helper()
	w.Nudge() // the index of cases may lag by one write
	next, cursor := &notice.Cursor{}, notice.Cursor{}
	// A thousand pages are more than any story fills.
	for range 1000 {
		var taken []notice.Topic
		require.NoError(w.t, again(func() (err error) {
			taken = nil // a repeated read starts its page again
			next, err = notice.ReadInbox(w.ctx(), w.Store, customer, cursor, func(topic notice.Topic) bool {
				if len(taken) == page {
					return false
				}
				taken = append(taken, topic)
				return true
			})
			return err
		}))
		topics = append(topics, taken...)
		if next == nil {
			return topics
		}
		cursor = *next
	}
	require.Fail(w.t, "an inbox never ends")
	return nil
}

// wantInbox demands that the inbox holds each topic once, newest first, among them all of these.
func (w *World) wantInbox(customer ledger.CustomerID, ids ...string) {
	w.t.Helper()
	var got []string
	var positions []statement.Position
	for _, topic := range w.inbox(customer, 2) {
		position := topic.Position()
		got, positions = append(got, position.ID), append(positions, position)
	}
	require.Subset(w.t, got, ids)
	require.True(w.t, slices.IsSortedFunc(positions, func(a, b statement.Position) int { return int(b.At - a.At) }), "newest first: %v", positions)
	slices.Sort(got)
	require.Equal(w.t, slices.Compact(slices.Clone(got)), got, "each once")
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
	"an inbox brings every case, offer and change of its customer once, newest first, page by page": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		w.SetsStanding(bob, ledger.StandingRestricted)
		var ids []string
		sets := func(next ledger.Standing) {
			w.SetsStanding(alice, next)
			ids = append(ids, string(standing.NewID(alice.Key(), w.Now)))
		}
		sets(ledger.StandingRestricted)
		w.Pass(time.Minute)
		sets(ledger.StandingGood)
		for _, name := range []string{"one", "two"} {
			id, _ := offersOne(w, alice, w.Payment(name))
			w.SweepUntil(func() bool { w.Drain(); return w.offer(id) != nil })
			ids = append(ids, string(id))
			w.Pass(time.Hour) // outages that touch are one
		}
		w.Grants(alice, 20)
		for range 3 {
			w.Pass(time.Second)
			id := w.Starts(alice, 1)
			w.Settles(id, w.Failure(generation.CausePlatform))
			w.Deliver()
			ids = append(ids, string(refund.FailureCaseID(id)))
		}
		sets(ledger.StandingTerminated) // in the same instant as a case
		w.wantInbox(alice, ids...)
		// The second outage hit the first purchase, too.
		require.Len(t, w.inbox(alice, 1), len(ids)+1)
		require.Len(t, w.inbox(alice, notice.MaxTopics), len(ids)+1)
		require.Len(t, w.inbox(bob, 1), 1)
	}),
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

// checkInboxes demands that whatever a customer was notified of is in their inbox, once.
func (m *machine) checkInboxes() {
	for _, customer := range m.customers {
		var ids []string
		for _, id := range m.everyCase() {
			ids = append(ids, string(id))
		}
		// Every id has its customer's key in it.
		ids = slices.DeleteFunc(append(ids, m.notified...), func(id string) bool { return !strings.Contains(id, customer.Key()) })
		m.wantInbox(customer, ids...)
	}
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
