package statement_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/statement"
	"makegood/shared/storetest"
)

func TestAGenerationsRowsStandTogetherWhateverHappenedMeanwhile(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 8)
	w.Pass(time.Second)
	id := w.Starts("alice", 1)
	w.Pass(time.Second)
	w.Grants("alice", 5)
	w.Pass(time.Second)
	w.Settles(id, w.Success(-1))
	var causes []ledger.Movement
	for _, row := range w.Rows("alice") {
		causes = append(causes, row.Cause)
	}
	require.Equal(t, []ledger.Movement{ledger.MovementGrant, ledger.MovementCapture, ledger.MovementHold, ledger.MovementGrant}, causes)
}

func TestAPartOfWhatWasAskedForSaysSoInItsLines(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 20)
	for came, want := range [][]string{
		{"outputs_missing", "generation_started"},
		{"outputs_missing", "generation_partial", "generation_started"},
		{"generation_succeeded", "generation_started"},
	} {
		id := w.Starts("alice", 2)
		w.Pass(time.Second)
		w.Settles(id, w.Success(came))
		var reasons []string
		for _, row := range w.Rows("alice") {
			if row.Generation == string(id) {
				reasons = append(reasons, row.Reason)
			}
		}
		require.Equal(t, want, reasons, "%d of 2 came", came)
	}
}

func TestWhatWasNotedOnAGrantStandsOnItsLine(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	_, err := grant.Granter{Store: w.Store}.Give(t.Context(), grant.Order{
		Customer: "alice", Credits: 5, Source: ledger.SourcePromotion, Note: "spring", Principal: "app", Key: w.Key(),
	}, w.Now)
	require.NoError(t, err)
	require.Equal(t, "spring", w.Rows("alice")[0].Note)
}

// read returns the page at cursor, with room for so many rows.
func read(t *testing.T, w *storetest.World, cursor statement.Cursor, room int) (rows []statement.Row, next *statement.Cursor, err error) {
	t.Helper()
	next, err = statement.Read(t.Context(), w.Store, "alice", cursor, func(more []statement.Row) bool {
		if len(rows)+len(more) > room {
			return false
		}
		rows = append(rows, more...)
		return true
	})
	return rows, next, err
}

func TestAPageWithoutRoomForMoreGoesOnWhereItStopped(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	for range 3 {
		w.Grants("alice", 4)
		w.Pass(time.Second)
		w.Settles(w.Starts("alice", 1), w.Success(-1))
		w.Pass(time.Second)
	}
	var got []statement.Row
	var cursor statement.Cursor
	for pages := 1; ; pages++ {
		rows, next, err := read(t, w, cursor, 2) // a generation's two rows together, or a grant's, and no generation behind it
		require.NoError(t, err)
		require.NotEmpty(t, rows)
		if got = append(got, rows...); next == nil {
			require.Equal(t, 6, pages)
			break
		}
		cursor = *next
	}
	require.Equal(t, w.Rows("alice"), got)
}

func TestAFullLastPageHasNoNext(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	for range statement.PageSize {
		w.Grants("alice", 1)
		w.Pass(time.Second)
	}
	rows, next, err := read(t, w, statement.Cursor{}, math.MaxInt)
	require.NoError(t, err)
	require.Len(t, rows, statement.PageSize)
	require.Nil(t, next)
	w.Grants("alice", 1)
	_, next, err = read(t, w, statement.Cursor{}, math.MaxInt)
	require.NoError(t, err)
	require.NoError(t, next.Validate("alice"))
	rows, next, err = read(t, w, *next, math.MaxInt)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Nil(t, next)
}

func TestACursorOfNobodysIsRefused(t *testing.T) {
	hers := string(generation.NewID("alice", "app", "key"))
	require.NoError(t, statement.Cursor{Generation: &statement.Position{ID: hers, At: 1}}.Validate("alice"))
	for name, cursor := range map[string]statement.Cursor{
		"another customer's": {Generation: &statement.Position{ID: string(generation.NewID("bob", "app", "key")), At: 1}},
		"no id":              {Generation: &statement.Position{At: 1}},
		"no instant":         {Generation: &statement.Position{ID: hers}},
		"a far instant":      {Generation: &statement.Position{ID: hers, At: 1e14}},
		"a long entry":       {Entry: string(make([]byte, 101))},
	} {
		require.Equal(t, fault.KindInvalid, fault.KindOf(cursor.Validate("alice")), name)
	}
}
