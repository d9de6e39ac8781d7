package main

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/cost"
)

var update = flag.Bool("update", false, "write what is counted to infra/cost/figures.json")

// logShare is how much more or less the functions may print: ids and times differ in length.
const logShare = 0.1

// pricedByWhatIsCounted holds infra/cost/figures.json, which makegood cost goes by, equal to a
// count on empty tables. -update writes it.
func pricedByWhatIsCounted(t *testing.T, s *stack) {
	t.Helper()
	fresh, err := s.withTables(t.Context())
	require.NoError(t, err)
	sweep, idle, err := countSweep(t.Context(), fresh)
	require.NoError(t, err)
	rows, all, err := count(t.Context(), fresh, s.revision.Name)
	require.NoError(t, err)
	counts := figuresOf(rows, s.revision.Name)
	counts.Sweep, counts.IdleCounts, counts.AllCounts = sweep.usage(), idle, all
	// Only what is priced is kept.
	operations := map[string]cost.Usage{cost.Purchase: counts.Operations[cost.Purchase]}
	for _, outcome := range cost.Outcomes {
		for _, name := range outcome.Operations {
			require.Contains(t, counts.Operations, name)
			operations[name] = counts.Operations[name]
		}
	}
	counts.Operations = operations
	if *update {
		text, err := json.MarshalIndent(counts, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("../cost/figures.json", append(text, '\n'), 0o600))
		return
	}
	kept, err := cost.Counted()
	require.NoError(t, err)
	const again = "go test ./infra/bench -run Counted -update writes what is counted"
	same := func(name string, want, got cost.Usage) {
		assert.InEpsilon(t, max(1, want.LogBytes), max(1, got.LogBytes), logShare, "%s: %s", name, again)
		want.LogBytes, got.LogBytes = 0, 0
		assert.Equal(t, want, got, "%s: %s", name, again)
	}
	same("a sweep", kept.Sweep, counts.Sweep)
	for name, usage := range counts.Operations {
		same(name, kept.Operations[name], usage)
	}
	assert.Len(t, kept.Operations, len(counts.Operations), again)
	assert.Equal(t, []any{kept.Policy, kept.IdleCounts, kept.AllCounts}, []any{counts.Policy, counts.IdleCounts, counts.AllCounts}, again)
}
