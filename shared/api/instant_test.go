package api_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/api"
)

func TestMomentsSortAsTextAsTheyDoInTime(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var texts []string
	for _, after := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond, 999 * time.Millisecond, time.Second} {
		text, err := json.Marshal(api.MomentOf(noon.Add(after + 999*time.Microsecond).In(time.FixedZone("CET", 3600))))
		require.NoError(t, err)
		texts = append(texts, string(text))
		var read api.Moment
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, noon.Add(after), read.UTC())
	}
	require.Equal(t, `"2026-03-01T12:00:00.000Z"`, texts[0])
	require.True(t, slices.IsSorted(texts), "%v", texts)
	require.Nil(t, api.OptionalMoment(time.Time{}))
	require.Equal(t, "2026-03-01T12:00:00.100Z", api.OptionalMoment(noon.Add(100*time.Millisecond)).String())
}
