package storetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/fault"
)

// spends returns what an opinion of this world's month may cost. A month is a name like any other
// to a store, so each world has its own.
func (w *World) spends(id string, micros int64) adjudication.Spend {
	return adjudication.Spend{Month: "2026-03-" + w.suffix, ID: id, Micros: micros, At: w.Now}
}

func (w *World) begins(spend adjudication.Spend, limit int64) bool {
	w.t.Helper()
	return read(w, func() (bool, error) { return w.Store.BeginSpend(w.ctx(), spend, limit) })
}

func (w *World) ends(spend adjudication.Spend, used int64) {
	w.t.Helper()
	require.NoError(w.t, again(func() error { return w.Store.EndSpend(w.ctx(), spend, used) }))
}

func (w *World) wantSpent(micros, opinions int64) {
	w.t.Helper()
	sum := read(w, func() (adjudication.MonthSpend, error) {
		return w.Store.FindMonth(w.ctx(), w.spends("", 0).Month)
	})
	require.Equal(w.t, adjudication.MonthSpend{Micros: micros, Opinions: opinions}, sum)
}

// budgetStories are about what a month of opinions may cost.
var budgetStories = map[string]func(*testing.T, *World){
	"an opinion takes the most that it can cost, and gives back what it did not": func(t *testing.T, w *World) {
		w.wantSpent(0, 0)
		first, second := w.spends("first", 60), w.spends("second", 40)
		require.True(t, w.begins(first, 100))
		require.True(t, w.begins(second, 100), "the limit itself is held")
		require.False(t, w.begins(w.spends("third", 1), 100))
		w.wantSpent(100, 2)
		w.ends(first, 20)
		w.wantSpent(60, 2)
		require.True(t, w.begins(w.spends("third", 40), 100))
		w.ends(second, 45) // the service counted more than was thought possible
		w.wantSpent(105, 3)
		require.False(t, w.begins(w.spends("fourth", 1), 105))
	},
	"one that can cost more than a whole month never begins": func(t *testing.T, w *World) {
		require.False(t, w.begins(w.spends("first", 101), 100))
		require.False(t, w.begins(w.spends("first", 1), 0))
		w.wantSpent(0, 0)
	},
	"the same begin or end again changes nothing": func(t *testing.T, w *World) {
		spend := w.spends("first", 60)
		require.True(t, w.begins(spend, 100))
		require.True(t, w.begins(spend, 100))
		w.wantSpent(60, 1)
		w.ends(spend, 10)
		w.ends(spend, 10)
		w.ends(spend, 60) // the first end stands
		w.wantSpent(10, 1)
		require.True(t, w.begins(spend, 100))
		w.wantSpent(10, 1)
	},
	"an end without a begin takes nothing off": func(_ *testing.T, w *World) {
		w.ends(w.spends("never", 60), 10)
		w.wantSpent(0, 0)
	},
	"what crashed between the two stays spent": func(t *testing.T, w *World) {
		require.True(t, w.begins(w.spends("crashed", 60), 100))
		require.False(t, w.begins(w.spends("next", 60), 100))
		w.wantSpent(60, 1)
	},
	"many at once never overspend, whatever they end by": func(t *testing.T, w *World) {
		const limit, rivals = 1000, 12
		broke := fault.Errorf(fault.KindInsufficient, "budget_spent", "no budget")
		most := make([]int64, rivals)
		for i := range most {
			most[i] = rand.Int64N(300) + 1
		}
		// Each begins, and two thirds of them end by less; nobody sees the sum above the limit.
		used := make([]int64, rivals)
		atOnce(t, rivals, fault.KindInsufficient, func(i int) error {
			spend := w.spends(fmt.Sprint("opinion-", i), most[i])
			there, err := w.Store.BeginSpend(w.ctx(), spend, limit)
			if err != nil {
				return err
			}
			sum, err := w.Store.FindMonth(w.ctx(), spend.Month)
			if err != nil {
				return err
			}
			require.LessOrEqual(t, sum.Micros, int64(limit))
			if !there {
				return broke
			}
			if used[i] = most[i]; i%3 == 0 {
				return nil
			}
			used[i] = most[i] / 2
			return w.Store.EndSpend(w.ctx(), spend, used[i])
		})
		var sum int64
		for _, one := range used {
			sum += one
		}
		require.LessOrEqual(t, sum, int64(limit))
		require.Equal(t, sum, read(w, func() (adjudication.MonthSpend, error) {
			return w.Store.FindMonth(w.ctx(), w.spends("", 0).Month)
		}).Micros)
	},
}
