package assessment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/evidence"
)

// Whoever feeds a good output in again, and has it back as it was, is refunded for that one. The
// good one has the same bytes.
func TestAnOutputThatDiffersFromItsOwnInputIsNotUnusableByAnotherOnes(t *testing.T) {
	others := []Imprint{{Case: "cas_other", Feature: "flat-lay", SHA256: "0f", Unusable: true}}
	record := evidence.Record{Case: "cas_one", Feature: "flat-lay", Output: evidence.Picture{SHA256: "0f"}}
	require.True(t, matches(record, others)[0].Unusable, "nobody knows its input")
	record.Signals = []evidence.Signal{{Name: evidence.Unchanged, Value: 90}}
	require.Equal(t, []evidence.Match{{Case: "cas_other", Equal: true}}, matches(record, others))
	record.Signals[0].Present = true
	require.True(t, matches(record, others)[0].Unusable)
}
