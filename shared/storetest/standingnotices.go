package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// change returns the change of standing, nil when there is none.
func (w *World) change(id standing.ID) *standing.ChangeRecord {
	w.t.Helper()
	// Each change is a row of its own, with a notice of its own.
	return read(w, func() (*standing.ChangeRecord, error) { return w.Store.FindChange(w.ctx(), id) })
}

// notifyStandings marks the change of each waiting message as notified, and returns how many there
// were.
func (w *World) notifyStandings() int {
	batch := take(w, &w.standings)
	for _, request := range batch {
		require.NoError(w.t, again(func() error { return w.Store.MarkChangeNotified(w.ctx(), standing.ID(request.Change)) }))
		w.notified = append(w.notified, request.Change)
	}
	return len(batch)
}

var standingNoticeStories = map[string]func(*testing.T, *World){
	"a change of standing is swept until its customer is told, once, and the wallet stays as it is": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		w.SetsStanding(alice, ledger.StandingRestricted)
		id := standing.NewID(alice.Key(), w.Now)
		change := *w.change(id)
		require.Equal(t, []any{id, alice, ledger.StandingRestricted, ""}, []any{change.ID, change.Customer, change.Standing, change.Note}, "staff's note is theirs")
		require.True(t, change.Untold())
		// The message is lost; it stays due on the change, so a sweep sends it again.
		w.Lose() // its message
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return w.notifyStandings() > 0 })
		require.Equal(t, todo.List(nil), w.change(id).Todo)
		w.Pass(time.Hour)
		w.Sweep()
		require.Zero(t, w.notifyStandings())
		_, changes := w.Standing(alice)
		require.Len(t, changes, 1)
		w.WantAvailable(alice, 8)
		w.WantLaws(alice)
		require.Nil(t, w.change(standing.NewID(alice.Key(), w.Now)))
		require.NoError(t, again(func() error { return w.Store.MarkChangeNotified(w.ctx(), standing.NewID(alice.Key(), w.Now)) }))
	},
	"a standing that stays owes nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.SetsStanding(alice, ledger.StandingRestricted)
		w.notifyStandings()
		w.Pass(time.Minute)
		// The same standing with another note changes nothing that the customer should read.
		_, err := w.Setter().Set(w.ctx(), alice, standing.Change{Standing: ledger.StandingRestricted, Note: "another note", By: "ann", Locale: "de"}, w.Now)
		require.NoError(t, err)
		require.Nil(t, w.change(standing.NewID(alice.Key(), w.Now)))
		require.Zero(t, w.notifyStandings())
		w.Pass(time.Minute)
		_, err = w.Setter().Set(w.ctx(), alice, standing.Change{Standing: ledger.StandingGood, Note: "it was a mistake", By: "ann", Locale: "de"}, w.Now)
		require.NoError(t, err)
		change := w.change(standing.NewID(alice.Key(), w.Now))
		require.Equal(t, []any{true, "de"}, []any{change.Untold(), change.Locale})
	},
	"the mail of a change is claimed by one, until it is given back, and of one that was told by nobody": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.SetsStanding(alice, ledger.StandingTerminated)
		id := standing.NewID(alice.Key(), w.Now)
		// One claimant at a time; the same one may ask again.
		claims := func(by string) (mine bool, err error) {
			err = settled(func() error {
				mine, err = w.Store.ClaimChangeMail(w.ctx(), id, by, w.Now)
				return err
			})
			return mine, err
		}
		mine, err := claims("one")
		require.NoError(t, err)
		require.True(t, mine)
		_, err = claims("two")
		require.Equal(t, fault.KindBusy, fault.KindOf(err))
		require.NoError(t, again(func() error { return w.Store.ReturnChangeMail(w.ctx(), id, "two") }))
		_, err = claims("two")
		require.Equal(t, fault.KindBusy, fault.KindOf(err), "another's claim is left alone")
		require.NoError(t, again(func() error { return w.Store.ReturnChangeMail(w.ctx(), id, "one") }))
		mine, err = claims("two")
		require.NoError(t, err)
		require.True(t, mine)
		// After a minute nobody else may send it: it went out, or its claimant died with it.
		w.Pass(notice.MailClaim)
		mine, err = claims("three")
		require.NoError(t, err)
		require.False(t, mine, "it went out, or died with its claimant")
		// Marked by hand: the message may be lost with the answer to its commit, until a sweep.
		require.NoError(t, again(func() error { return w.Store.MarkChangeNotified(w.ctx(), id) }))
		mine, err = claims("two")
		require.NoError(t, err)
		require.False(t, mine)
	},
	"a change that nobody can tell is listed as stuck": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.SetsStanding(alice, ledger.StandingRestricted)
		id := standing.NewID(alice.Key(), w.Now)
		// Strand it by hand, as twelve failed notices would.
		item := due.Item{Key: due.Key{Kind: todo.KindStanding, Partition: alice.Key(), Sort: string(id), At: w.change(id).Todo.Due()}, Todo: w.change(id).Todo}
		require.NoError(t, settled(func() error { return w.Store.Strand(w.ctx(), item, w.Now, time.Time{}) }))
		w.Nudge()
		var kinds []todo.Kind
		require.NoError(t, again(func() error {
			stuck, _, err := w.Store.Stuck(w.ctx(), nil, 1000)
			kinds = nil
			for _, one := range stuck {
				if one.Sort == string(id) {
					kinds = append(kinds, one.Kind)
				}
			}
			return err
		}))
		require.Equal(t, []todo.Kind{todo.KindStanding}, kinds)
	},
}
