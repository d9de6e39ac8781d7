package statement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
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

func TestAFullLastPageHasNoNext(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	for range statement.PageSize {
		w.Grants("alice", 1)
		w.Pass(time.Second)
	}
	rows, next, err := statement.Read(t.Context(), w.Store, "alice", statement.Cursor{})
	require.NoError(t, err)
	require.Len(t, rows, statement.PageSize)
	require.Nil(t, next)
	w.Grants("alice", 1)
	_, next, err = statement.Read(t.Context(), w.Store, "alice", statement.Cursor{})
	require.NoError(t, err)
	require.NoError(t, next.Validate("alice"))
	rows, next, err = statement.Read(t.Context(), w.Store, "alice", *next)
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
