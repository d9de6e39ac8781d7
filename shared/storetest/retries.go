package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/todo"
)

var retryStories = map[string]func(*testing.T, *World){
	"what is stuck is due again when a person says so, and is done once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		key := due.Key{Kind: todo.KindGeneration, Partition: alice.Key(), Sort: string(id)}
		retry := func() (item due.Item, err error) {
			err = again(func() error {
				item, err = due.Retry(w.ctx(), w.Store, key, "ann")
				return err
			})
			return item, err
		}
		// What is merely due is left as it is.
		deadline := w.Generation(id).Deadline
		item, err := retry()
		require.NoError(t, err)
		require.Equal(t, []any{deadline, 0}, []any{item.At, item.Attempts})
		w.Now = deadline
		for sweeps := 0; stuckOf(w, alice) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Sweep()
			w.Lose()
			w.Pass(2 * time.Hour)
		}
		// One who read it before somebody else put it back comes too late.
		var before *due.Item
		require.NoError(t, again(func() (err error) {
			before, err = w.Store.LoadStuck(w.ctx(), key)
			return err
		}))
		require.Equal(t, due.MaxAttempts, before.Attempts)
		for range 2 {
			item, err = retry()
			require.NoError(t, err)
			require.Equal(t, 0, item.Attempts)
			require.True(t, item.Todo.Has(todo.StepSettle))
			require.False(t, item.At.After(w.Now), "the next sweep takes it")
		}
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.Unstick(w.ctx(), *before) })))
		require.Zero(t, stuckOf(w, alice))
		require.Zero(t, w.Generation(id).Attempts)
		w.SweepUntil(func() bool { return w.Generation(id).Held() == 0 })
		w.WantState(id, generation.StateReleased)
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"what owes nothing cannot be tried again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Success(-1))
		for _, key := range []due.Key{
			{Kind: todo.KindGeneration, Partition: alice.Key(), Sort: string(id)},
			{Kind: todo.KindPayment, Partition: string(w.Payment("none"))},
		} {
			err := again(func() error {
				_, err := due.Retry(w.ctx(), w.Store, key, "ann")
				return err
			})
			require.Equal(t, fault.KindNotFound, fault.KindOf(err))
		}
	},
}
