package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsCountedOnTheBuiltFunctions(t *testing.T) {
	s, err := newStack(t.Context(), "../..", io.Discard)
	require.NoError(t, err)
	defer s.stop()
	// First, for the tables are full afterwards.
	t.Run("the figures that others price by are those that are counted", func(t *testing.T) { pricedByWhatIsCounted(t, s) })
	t.Run("no operation takes more where there is more", func(t *testing.T) { takesNoMoreWhereThereIsMore(t, s) })
}

func takesNoMoreWhereThereIsMore(t *testing.T, s *stack) {
	t.Helper()
	rows, err := growth(t.Context(), s, size{60, 55, 20, 5}, size{180, 120, 220, 40})
	require.NoError(t, err)
	require.Len(t, rows, 9)
	for _, row := range rows {
		assert.LessOrEqual(t, row.calls(), growthAim, "calls of %s: %+v", row.name, row)
		assert.LessOrEqual(t, row.units(), row.aim, "units of %s: %+v", row.name, row)
	}
}

func TestWhatGrowsIsMarked(t *testing.T) {
	var w bytes.Buffer
	writeGrowth(&w, []grown{
		{"hold", taken{2, 7}, taken{2, 7.5}, growthAim}, {"sweep", taken{2, 7}, taken{2, 8}, growthAim}, {"list", taken{2, 7}, taken{3, 7}, growthAim},
	}, small, large)
	for _, want := range []string{
		"| hold | 2, 2 | 1.00 | 7.00, 7.50 | 1.07 |", "| sweep | 2, 2 | 1.00 | 7.00, 8.00 | 1.14 **grows** |", "| list | 2, 3 | 1.50 | 7.00, 7.00 | 1.00 **grows** |",
	} {
		assert.Contains(t, w.String(), want)
	}
}
