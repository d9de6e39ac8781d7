package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// fallingShort is about successes of which fewer outputs came than were ordered.
var fallingShort = map[string]func(*testing.T, *World){
	"outputs that did not come are given back": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		id := w.Starts(alice, 5)
		w.Settles(id, w.Success(3))
		g := w.Generation(id)
		require.Equal(t, generation.StateCaptured, g.State)
		require.Equal(t, []ledger.Credits{12, 8}, []ledger.Credits{g.Captured, g.Released})
		w.WantAvailable(alice, 8)
		w.WantLaws(alice)
	},
	"that not all outputs came is asked for once, swept until it is told, and left alone by a refund": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 100)
		want := func(id generation.ID) []message.GenerationPartial {
			return []message.GenerationPartial{message.NewGenerationPartial(string(id))}
		}
		mark := func(id generation.ID) {
			require.NoError(t, again(func() error { return w.Store.MarkPartialNotified(w.ctx(), id) }))
		}
		id, result := w.Starts(alice, 3), w.Success(2)
		w.Settles(id, result)
		require.Contains(t, w.partials, want(id)[0])
		g := w.Generation(id)
		require.Equal(t, todo.List{todo.StepNotice: g.RecordedAt.Add(todo.Resend)}, g.Todo)
		// The notice is lost. A repeat of the result sends it again, and so does a sweep.
		w.Lose()
		w.Settles(id, result)
		require.Equal(t, want(id), w.partials, "a repeat of the result asks again")
		w.Lose()
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return len(w.partials) > 0 })
		require.Equal(t, want(id), w.partials)
		// A refund writes the same row and must leave the notice's step alone.
		w.Refunds(id, 0)
		require.True(t, w.Generation(id).Todo.Has(todo.StepNotice), "it is still to be told")
		mark(id)
		require.Empty(t, w.Generation(id).Todo)
		require.Zero(t, w.Generation(id).Attempts)
		w.Lose()
		w.Settles(id, result)
		require.Empty(t, w.partials, "it was told")

		openID := w.Starts(alice, 1)
		before := w.Generation(openID)
		mark(openID)
		require.Equal(t, before, w.Generation(openID), "it owes no notice")
		mark(generation.NewID(alice, "app", "nobody's"))
		w.WantLaws(alice)
	},
	"a notice told while a refund was under way is not owed again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 100)
		id := w.Starts(alice, 2)
		w.Settles(id, w.Success(1))
		before := w.Generation(id)
		// The refund was computed while the notice was due. After it went out, the commit must not
		// make it due again.
		posting, _, err := ledger.Refund(w.Wallet(alice), before.OutputDraws(0), w.ExpiredLot(w.Now), ledger.Cause{Generation: string(id)}, before.Next(w.Now))
		require.NoError(t, err)
		require.NoError(t, again(func() error { return w.Store.MarkPartialNotified(w.ctx(), id) }))
		require.NoError(t, settled(func() error { return w.Store.CommitResult(w.ctx(), before, before.Refund(4), posting) }))
		after := w.Generation(id)
		require.Equal(t, generation.StateRefunded, after.State)
		require.Empty(t, after.Todo)
	},
	"a success without any output gives everything back": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		id := w.Starts(alice, 2)
		w.Settles(id, w.Success(0))
		w.WantState(id, generation.StateReleased)
		require.True(t, w.Generation(id).Todo.Has(todo.StepNotice), "the customer is told")
		w.WantAvailable(alice, 20)
		w.WantLaws(alice)
	},
}

// notifyPartials marks the generation of each waiting message as notified.
func (m *machine) notifyPartials() {
	m.mu.Lock()
	batch := m.partials
	m.partials = nil
	m.mu.Unlock()
	for _, request := range batch {
		id := generation.ID(request.Generation)
		// Law 7 compares this with the results: only a success that came short may be here.
		m.partial[id] = true
		require.NoError(m.t, again(func() error { return m.Store.MarkPartialNotified(m.ctx(), id) }))
	}
}
