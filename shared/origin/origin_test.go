package origin_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/origin"
)

func TestAReplayHasItsKeyAndItsInputAndAKeyIsForOneInput(t *testing.T) {
	first := origin.Of("app", "key-1", "alice", "4")
	same, err := first.Replays(origin.Of("app", "key-1", "alice", "4"))
	require.NoError(t, err)
	require.True(t, same)
	for _, other := range []origin.Origin{origin.Of("app", "key-2", "alice", "4"), origin.Of("staff", "key-1", "alice", "4"), {}} {
		same, err = first.Replays(other)
		require.NoError(t, err)
		require.False(t, same, "%+v", other)
	}
	_, err = first.Replays(origin.Of("app", "key-1", "alice4"))
	require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), "texts are told apart by where they end")
}
