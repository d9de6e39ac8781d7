package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/infra/makegood/migrate"
	"makegood/shared/aws/dynamo"
	"makegood/shared/fault"
)

// rows is a store in memory: per table the rows in their order, and whether each lacks a shard.
type rows struct {
	tables  map[string][]bool // true: without a shard
	page    int               // rows of a page, whatever the walk asks for
	calls   int
	failAt  int // the call that fails for good; 0: none
	busyAt  int // the call that fails once
	written map[dynamo.RowKey]int
}

var errBroken = errors.New("the line is cut")

func (r *rows) called() error {
	r.calls++
	switch r.calls {
	case r.failAt:
		return errBroken
	case r.busyAt:
		return fault.Busy(errors.New("throttled"))
	}
	return nil
}

func keyOf(table string, n int) dynamo.RowKey {
	return dynamo.RowKey{Table: table, Partition: fmt.Sprintf("%06d", n), Sort: "row"}
}

func (r *rows) ListUnsharded(_ context.Context, table string, after *dynamo.RowKey, limit int) (dynamo.BackfillPage, error) {
	if err := r.called(); err != nil {
		return dynamo.BackfillPage{}, err
	}
	from := 0
	if after != nil {
		_, _ = fmt.Sscanf(after.Partition, "%d", &from)
		from++
	}
	to := min(from+min(limit, r.page), len(r.tables[table]))
	page := dynamo.BackfillPage{Read: to - from}
	for n := from; n < to; n++ {
		if r.tables[table][n] {
			page.Rows = append(page.Rows, keyOf(table, n))
		}
	}
	if to < len(r.tables[table]) {
		page.Next = new(keyOf(table, to-1))
	}
	return page, nil
}

func (r *rows) GiveShard(_ context.Context, row dynamo.RowKey) (bool, float64, error) {
	if err := r.called(); err != nil {
		return false, 0, err
	}
	n := 0
	_, _ = fmt.Sscanf(row.Partition, "%d", &n)
	if !r.tables[row.Table][n] {
		return false, 1, nil
	}
	r.tables[row.Table][n] = false
	r.written[row]++
	return true, 2, nil
}

func (r *rows) lacking() int {
	n := 0
	for _, table := range r.tables {
		for _, lacks := range table {
			if lacks {
				n++
			}
		}
	}
	return n
}

func someRows() *rapid.Generator[*rows] {
	return rapid.Custom(func(t *rapid.T) *rows {
		r := &rows{tables: map[string][]bool{}, page: rapid.IntRange(1, 5).Draw(t, "page"), written: map[dynamo.RowKey]int{}}
		for _, table := range dynamo.ShardedTables() {
			r.tables[table] = rapid.SliceOfN(rapid.Bool(), 0, 20).Draw(t, table)
		}
		return r
	})
}

func TestADryRunCountsWhatTheWalkThenGivesAndWritesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		store := someRows().Draw(rt, "rows")
		want := store.lacking()
		dry, err := migrate.Walk{Store: store, DryRun: true}.Run(t.Context(), migrate.Position{})
		require.NoError(rt, err)
		require.Equal(rt, want, dry.Count.Left)
		require.Equal(rt, want, store.lacking())
		wet, err := migrate.Walk{Store: store}.Run(t.Context(), migrate.Position{})
		require.NoError(rt, err)
		require.Equal(rt, []int{dry.Count.Left, dry.Count.Read, 0}, []int{wet.Count.Given, wet.Count.Read, wet.Count.Left})
		require.Zero(rt, store.lacking())
	})
}

func TestAWalkThatIsInterruptedGoesOnFromItsPositionAndWritesEachRowOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		store := someRows().Draw(rt, "rows")
		total, all := store.lacking(), len(store.tables["Wallets"])+len(store.tables["Cases"])
		store.failAt = rapid.IntRange(1, 30).Draw(rt, "fails at")
		var kept migrate.Position
		walk := migrate.Walk{Store: store, Keep: func(at migrate.Position) error { kept = at; return nil }}
		_, err := walk.Run(t.Context(), kept)
		if err == nil {
			return // it was done before
		}
		require.ErrorIs(rt, err, errBroken)
		end, err := walk.Run(t.Context(), kept)
		require.NoError(rt, err)
		require.Zero(rt, store.lacking())
		require.Len(rt, store.written, total)
		require.Equal(rt, total, end.Count.Given, "what was given before the interruption is counted once")
		for row, times := range store.written {
			require.Equal(rt, 1, times, row)
		}
		require.Equal(rt, all, end.Count.Read, "the pages that were done are not read again")
	})
}

func TestABusyTableIsAskedAgain(t *testing.T) {
	for at := 1; at < 4; at++ {
		store := &rows{tables: map[string][]bool{"Wallets": {true, true}}, page: 5, busyAt: at, written: map[dynamo.RowKey]int{}}
		end, err := migrate.Walk{Store: store}.Run(t.Context(), migrate.Position{})
		require.NoError(t, err)
		require.Equal(t, 2, end.Count.Given)
	}
}

func TestAWalkKeepsToItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &rows{tables: map[string][]bool{"Cases": slices.Repeat([]bool{true}, 100)}, page: 7, written: map[dynamo.RowKey]int{}}
		begin := time.Now()
		end, err := migrate.Walk{Store: store, Rate: 10}.Run(t.Context(), migrate.Position{})
		require.NoError(t, err)
		require.InDelta(t, 200, end.Count.Units, 0)
		require.Equal(t, 20*time.Second, time.Since(begin), "100 rows of 2 units, 10 units a second")
	})
}

func TestAWalkEndsWhenItIsToldTo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	store := &rows{tables: map[string][]bool{"Wallets": slices.Repeat([]bool{true}, 10)}, page: 2, written: map[dynamo.RowKey]int{}}
	var kept migrate.Position
	walk := migrate.Walk{Store: store, Keep: func(at migrate.Position) error {
		kept = at
		cancel()
		return nil
	}}
	_, err := walk.Run(ctx, kept)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 2, kept.Count.Given)
	end, err := walk.Run(t.Context(), kept)
	require.NoError(t, err)
	require.Equal(t, 10, end.Count.Given)
}
