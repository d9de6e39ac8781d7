package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// LosingAnswers is a store that may have done what it says that it could not.
type LosingAnswers interface{ LosesAnswers() }

// requestStories are about how many requests of a customer are counted in a minute.
var requestStories = map[string]func(*testing.T, *World){
	"a minute holds as many requests of a customer as it may, and no more": func(t *testing.T, w *World) {
		alice, bob, minute := w.Customer("alice"), w.Customer("bob"), w.Now.Truncate(time.Minute)
		// counts asks until it is refused, and returns how often it was not. Whose answer is lost
		// may be counted all the same: such a customer gets fewer than they may, and never more.
		counts := func(customer ledger.CustomerID, at time.Time, most int) (in int) {
			for range most + 1 {
				if !read(w, func() (bool, error) { return w.Store.CountRequest(w.ctx(), customer, at, most) }) {
					return in
				}
				in++
			}
			return in
		}
		within := func(in, most int) {
			t.Helper()
			require.LessOrEqual(t, in, most)
			if _, loses := w.Store.(LosingAnswers); !loses {
				require.Equal(t, most, in)
			}
		}
		within(counts(alice, minute, 2), 2)
		within(counts(alice, minute, 3), 1)
		within(counts(alice, minute.Add(time.Minute), 5), 5)
		within(counts(bob, minute, 4), 4)
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
