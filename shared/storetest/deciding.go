package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// decisionStories are about the verdicts on failures.
var decisionStories = map[string]func(*testing.T, *World){
	"a failure asked about four times gives back once, and its case names the clause": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		id := w.Starts(alice, 2)
		failure := w.Failure(generation.CausePlatform)
		// Four results send four messages. The first decides; the others find the verdict and do
		// nothing.
		for range 4 {
			w.Settles(id, failure)
		}
		require.Equal(t, 4, w.Deliver())
		w.WantState(id, generation.StateReleased)
		w.WantAvailable(alice, 10)
		c := w.Case(id)
		// Two outputs of four credits each: the remedy is all that was held.
		require.Equal(t, refund.StateApproved, c.State)
		require.Equal(t, "R1", c.Decision.Clause)
		require.Equal(t, ledger.Credits(8), c.Decision.Remedy.Credits())
		w.WantLaws(alice)
	},
	"a failure of the customer's own making is spent, and keeps its cause": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Failure(generation.CauseInput))
		w.WantState(id, generation.StateFailed)
		w.Deliver()
		// The credits are spent, but a later appeal must still find whose fault it was.
		g := w.Generation(id)
		require.Equal(t, generation.StateCaptured, g.State)
		require.Equal(t, generation.CauseInput, g.Failure().Cause)
		require.Equal(t, refund.StateDeclined, w.Case(id).State)
		w.WantAvailable(alice, 6)
		w.WantLaws(alice)
	},
	"credits come back to the lot they were drawn from": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Grants(alice, 4, 48*time.Hour)
		w.Grants(alice, 10)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Failure(generation.CausePlatform))
		w.Deliver()
		// The soonest to expire was drawn first. It is whole again, as if nothing had been held.
		back, there := w.Wallet(alice).Lot(first.ID)
		require.True(t, there)
		require.Equal(t, first, back)
		w.WantLaws(alice)
	},
	"credits of a lot that expired meanwhile come back with a new term": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		lot := w.Grants(alice, 10, time.Hour)
		id := w.Starts(alice, 1)
		w.Pass(2 * time.Hour)
		w.Settles(id, w.Failure(generation.CausePlatform))
		w.Deliver()
		// The old lot is gone. The four that were held get a lot and a term of their own; the six
		// that were not held expire.
		w.WantAvailable(alice, 4)
		wallet := w.Wallet(alice)
		require.Len(t, wallet.Lots, 1)
		require.NotEqual(t, lot.ID, wallet.Lots[0].ID)
		require.True(t, wallet.Lots[0].ExpiresAt.After(w.Now))
		w.WantLaws(alice)
	},
	"overdue is a question: a hold before its deadline is left alone": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		// Somebody asks too early. The answer is no verdict at all, since the worker may still
		// succeed.
		require.NoError(t, w.Request(w.ctx(), overdue(id)))
		w.Deliver()
		w.WantState(id, generation.StateHeld)
		require.Nil(t, w.Case(id))
	},
	"a verdict is told until somebody was told": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		failure := w.Failure(generation.CausePlatform)
		w.Settles(id, failure)
		w.Deliver()
		// The notice is lost. It stays due on the case, so a sweep sends it again.
		require.Len(t, w.notices, 1)
		before := w.Case(id)
		require.True(t, before.Todo.Has(todo.StepNotice))
		w.Lose()
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return len(w.notices) > 0 })
		// Only once the store knows that the customer was notified is the step done.
		require.NoError(t, again(func() error { return w.Store.MarkNotified(w.ctx(), before.ID, before.Owed()[0], w.Now) }))
		after := w.Case(id)
		require.Empty(t, after.Todo)
		require.Equal(t, w.Now, after.NotifiedAt)
	},
}
