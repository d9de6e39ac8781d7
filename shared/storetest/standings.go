package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

// commitStanding commits a change of standing on the wallet that was read, without a notice.
func commitStanding(w *World, wallet ledger.Wallet, change standing.Change) error {
	return again(func() error { return w.Store.CommitStanding(w.ctx(), wallet, change, nil) })
}

var standings = map[string]func(*testing.T, *World){
	"a standing is set before any wallet exists, stops starts, and outlives a grant": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		wallet, changes := w.Standing(alice)
		require.Equal(t, ledger.Wallet{Customer: alice, Standing: ledger.StandingGood}, wallet)
		require.Empty(t, changes)
		w.SetsStanding(alice, ledger.StandingTerminated)
		wallet, changes = w.Standing(alice)
		require.True(t, wallet.Recorded)
		require.Equal(t, ledger.StandingTerminated, wallet.Standing)
		require.Equal(t, []standing.Change{{At: w.Now, Standing: ledger.StandingTerminated, Note: "seen", By: "ann"}}, changes)
		// A grant writes the wallet and must keep the standing in it.
		w.Grants(alice, 8)
		_, err := w.start(w.order(alice, 1))
		require.Equal(t, fault.CodeAccessRestricted, fault.CodeOf(err))
		w.WantAvailable(alice, 8)
		require.Equal(t, ledger.StandingTerminated, w.Wallet(alice).Standing)
		w.Pass(time.Minute)
		w.SetsStanding(alice, ledger.StandingGood)
		w.Starts(alice, 1)
		require.Equal(t, w.Wallet(alice), first(w.Standing(alice)))
		w.WantLaws(alice)
	},
	"the history is read newest first, as much as is shown": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		w.SetsStanding(bob, ledger.StandingRestricted)
		turns := []ledger.Standing{ledger.StandingRestricted, ledger.StandingGood}
		// Three more changes than a reader is shown.
		for i := range standing.MaxChanges + 3 {
			w.SetsStanding(alice, turns[i%2])
			w.Pass(time.Minute)
		}
		_, changes := w.Standing(alice)
		require.Len(t, changes, standing.MaxChanges)
		for i, change := range changes {
			require.Equal(t, standing.Change{At: w.Now.Add(-time.Duration(i+1) * time.Minute), Standing: turns[i%2], Note: "seen", By: "ann"}, change)
		}
		_, changes = w.Standing(bob)
		require.Len(t, changes, 1)
	},
	"a standing that has changed since it was read, a wallet written first, a taken instant: each is stale and writes nothing": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		// Four stale reads in turn: no wallet yet, another standing, an instant in use, a standing
		// set first.
		unknown, _ := w.Standing(alice)
		restrict := standing.Change{At: w.Now, Standing: ledger.StandingRestricted, Note: "seen", By: "ann"}
		w.Grants(alice, 4)
		require.Equal(t, fault.KindStale, fault.KindOf(commitStanding(w, unknown, restrict)), "the wallet was written first")
		wallet, changes := w.Standing(alice)
		require.Empty(t, changes)
		w.SetsStanding(alice, ledger.StandingRestricted)
		w.Pass(time.Minute)
		restrict.At = w.Now
		require.Equal(t, fault.KindStale, fault.KindOf(commitStanding(w, wallet, restrict)), "the standing is another")
		wallet, changes = w.Standing(alice)
		require.Len(t, changes, 1)
		lift := standing.Change{At: changes[0].At, Standing: ledger.StandingGood, Note: "lifted"}
		require.Equal(t, fault.KindStale, fault.KindOf(commitStanding(w, wallet, lift)), "its instant is taken")
		require.Equal(t, ledger.StandingRestricted, w.Wallet(alice).Standing)
		none, _ := w.Standing(bob)
		w.SetsStanding(bob, ledger.StandingRestricted)
		lift.At = w.Now.Add(time.Minute)
		require.Equal(t, fault.KindStale, fault.KindOf(commitStanding(w, none, lift)), "the standing was set first")
		_, changes = w.Standing(bob)
		require.Len(t, changes, 1)
	},
	"credits that move meanwhile do not stop a change of standing, and stay as they are": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 12)
		wallet, _ := w.Standing(alice)
		// A start moves credits but not the standing, and the change rests on the standing alone.
		w.Starts(alice, 1)
		require.NoError(t, settled(func() error {
			return w.Store.CommitStanding(w.ctx(), wallet, standing.Change{At: w.Now, Standing: ledger.StandingRestricted}, nil)
		}))
		require.Equal(t, ledger.StandingRestricted, w.Wallet(alice).Standing)
		w.WantAvailable(alice, 8)
		w.WantLaws(alice)
	},
	"a hold that was computed in good standing is stale after it": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		// The hold was computed while starts were allowed.
		_, hold, err := ledger.Hold(w.Wallet(alice), 4, w.Now)
		require.NoError(t, err)
		w.SetsStanding(alice, ledger.StandingRestricted)
		err = again(func() error {
			return w.Store.CommitStart(w.ctx(), generation.Generation{
				ID: generation.NewID(alice, "app", "k"), Customer: alice, State: generation.StateHeld, StartedAt: w.Now, Deadline: w.Now,
			}, hold)
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		w.WantAvailable(alice, 8)
	},
	"reports of the restricted are declined, failures are put right, and a change meets no refund half-way": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 12)
		withCase, open := w.Generated(alice, 1), w.Generated(alice, 1)
		failure := w.Starts(alice, 1)
		second := w.Reports(open, 0)
		// One report is in review already, one comes after the restriction. A restricted customer's
		// own report is declined, but a failure of ours is put right all the same.
		w.Deliver()
		w.SetsStanding(alice, ledger.StandingRestricted)
		first := w.Reports(withCase, 0)
		w.Settles(failure, w.Failure(generation.CausePlatform))
		w.Deliver()
		w.WantVerdict(first, refund.StateDeclined, "R10")
		require.Equal(t, ledger.StandingRestricted, w.CaseOf(first).Known.Standing)
		w.WantState(failure, generation.StateReleased)
		w.Rules(second, policy.OutcomeApproved)
		w.Deliver()
		w.WantVerdict(second, refund.StateApproved, "R2")
		w.WantAvailable(alice, 8)
		w.WantLaws(alice)
	},
	"of a change and a start at once, no start is made after the change": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 400)
		// Seven starts and one restriction at once: each start happens before it or is refused.
		starts := atOnceOf(t, 8, func(err error) bool {
			return fault.CodeOf(err) == fault.CodeAccessRestricted
		}, func(i int) error {
			if i == 3 {
				_, err := w.Setter().Set(w.ctx(), alice, standing.Change{Standing: ledger.StandingRestricted, Note: "seen", By: "ann"}, w.Now)
				return err
			}
			_, err := w.Starter().Start(w.ctx(), w.order(alice, 1), w.Now)
			return err
		})
		w.WantAvailable(alice, ledger.Credits(400-4*(starts-1)))
		require.Equal(t, ledger.StandingRestricted, w.Wallet(alice).Standing)
		_, err := w.start(w.order(alice, 1))
		require.Error(t, err)
		w.WantLaws(alice)
	},
}

// first returns the first of two results.
func first[A, B any](a A, _ B) A { return a }
