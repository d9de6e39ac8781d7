package generation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/message"
)

func TestACostThatCannotBeIsLeftOutOfAResultOnTheQueue(t *testing.T) {
	for micros, want := range map[int64]*generation.Cost{
		generation.MaxMicros:     {Provider: strings.Repeat("p", generation.MaxProvider-1) + "…", Currency: "USD", Micros: generation.MaxMicros},
		generation.MaxMicros + 1: nil,
		-1:                       nil,
	} {
		cost := message.Cost{Provider: strings.Repeat("p", generation.MaxProvider+1), Currency: "USD", Micros: micros}
		result := generation.ResultOf(message.GenerationFinished{Status: "succeeded", Cost: &cost})
		require.Equal(t, want, result.Cost)
		if want != nil {
			require.Equal(t, result.Cost, generation.ResultOf(result.Message("gen_1")).Cost)
		}
	}
}
