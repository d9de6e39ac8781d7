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

// fallingShort is about successes of which fewer outputs came than were asked for.
var fallingShort = map[string]func(*testing.T, *World){
	"outputs that did not come are given back": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		id := w.Starts(alice, 5)
		w.Settles(id, w.Success(3))
		settled := w.Generation(id)
		require.Equal(t, generation.StateCaptured, settled.State)
		require.Equal(t, []ledger.Credits{12, 8}, []ledger.Credits{settled.Captured, settled.Released})
		w.WantAvailable(alice, 8)
		w.WantLaws(alice)
	},
	"that not all outputs came is asked for once, swept until it is told, and left alone by a refund": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 100)
		want := func(id generation.ID) []message.GenerationPartial {
			return []message.GenerationPartial{message.NewGenerationPartial(string(id))}
		}
		tells := func(id generation.ID) {
			require.NoError(t, again(func() error { return w.Store.MarkPartTold(w.ctx(), id) }))
		}
		id, result := w.Starts(alice, 3), w.Success(2)
		w.Settles(id, result)
		require.Contains(t, w.partials, want(id)[0])
		owed := w.Generation(id)
		require.Equal(t, todo.List{todo.StepNotice: owed.RecordedAt.Add(todo.Resend)}, owed.Todo)
		w.Lose()
		w.Settles(id, result)
		require.Equal(t, want(id), w.partials, "a repeat of the result asks again")
		w.Lose()
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return len(w.partials) > 0 })
		require.Equal(t, want(id), w.partials)
		w.Refunds(id, 0)
		require.True(t, w.Generation(id).Todo.Has(todo.StepNotice), "it is still to be told")
		tells(id)
		require.Empty(t, w.Generation(id).Todo)
		require.Zero(t, w.Generation(id).Attempts)
		w.Lose()
		w.Settles(id, result)
		require.Empty(t, w.partials, "it was told")

		held := w.Starts(alice, 1)
		before := w.Generation(held)
		tells(held)
		require.Equal(t, before, w.Generation(held), "it owes no notice")
		tells(generation.NewID(alice, "app", "nobody's"))
		w.WantLaws(alice)
	},
	"a notice told while a refund was under way is not owed again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 100)
		id := w.Starts(alice, 2)
		w.Settles(id, w.Success(1))
		before := w.Generation(id)
		posting, _, err := ledger.Refund(w.Wallet(alice), before.OutputDraws(0), w.ExpiredLot(w.Now), ledger.Cause{Generation: string(id)}, before.Next(w.Now))
		require.NoError(t, err)
		require.NoError(t, again(func() error { return w.Store.MarkPartTold(w.ctx(), id) }))
		require.NoError(t, settled(func() error { return w.Store.CommitSettled(w.ctx(), before, before.Refund(4), posting) }))
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

// tellPartials tells of each generation whose telling was asked for.
func (m *machine) tellPartials() {
	m.mu.Lock()
	waiting := m.partials
	m.partials = nil
	m.mu.Unlock()
	for _, request := range waiting {
		id := generation.ID(request.Generation)
		m.partial[id] = true
		require.NoError(m.t, again(func() error { return m.Store.MarkPartTold(m.ctx(), id) }))
	}
}
