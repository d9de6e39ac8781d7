package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
)

// requestStories are about how many requests of a customer are counted in a minute.
var requestStories = map[string]func(*testing.T, *World){
	"a minute holds as many requests of a customer as it may, and no more": func(t *testing.T, w *World) {
		alice, bob, minute := w.Customer("alice"), w.Customer("bob"), w.Now.Truncate(time.Minute)
		counts := func(at time.Time, most int) bool {
			return read(w, func() (bool, error) { return w.Store.CountRequest(w.ctx(), alice, at, most) })
		}
		require.True(t, counts(minute, 2))
		require.True(t, counts(minute, 2))
		require.False(t, counts(minute, 2))
		require.True(t, counts(minute, 3), "a refused one was not counted")
		require.True(t, counts(minute.Add(time.Minute), 1), "the next minute is another")
		require.True(t, read(w, func() (bool, error) { return w.Store.CountRequest(w.ctx(), bob, minute, 1) }), "and so is another customer")
	},
	"rivals in one minute are let in as often as it may be": func(t *testing.T, w *World) {
		const rivals, most = 20, 7
		minute, in := w.Now.Truncate(time.Minute), atomic.Int64{}
		var all sync.WaitGroup
		for range rivals {
			all.Go(func() {
				// What meets a passing fault goes on uncounted: that is the gate's.
				counted, err := w.Store.CountRequest(w.ctx(), w.Customer("alice"), minute, most)
				if err != nil && fault.KindOf(err) != fault.KindBusy {
					t.Error(err)
				}
				if counted {
					in.Add(1)
				}
			})
		}
		all.Wait()
		require.LessOrEqual(t, in.Load(), int64(most))
	},
}
