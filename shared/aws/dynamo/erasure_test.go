package dynamo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/erasure"
	"makegood/shared/fault"
)

func TestAnErasureGoesOnOnlyFromARowOfItsPart(t *testing.T) {
	store := New(nil, Tables{}) // it is not called
	for part := range store.forgettings() {
		_, err := store.ErasePage(t.Context(), "alice", part, "elsewhere", erasure.MaxRows, true)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), part)
	}
}
