package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
)

func TestOneOperationOverItsLimitFailsTheRun(t *testing.T) {
	within := counted{"photoroom", "hold", limit{1, 1, 0, 6}, expense{reads: 1, writes: 1, base: 4, index: 2}}
	require.NoError(t, writeCounted(&bytes.Buffer{}, []counted{within, {"photoroom", "telling", limit{}, expense{reads: 9, base: 99}}}))
	for name, over := range map[string]expense{
		"reads": {reads: 2, writes: 1}, "writes": {writes: 2}, "sends": {sends: 1}, "units": {base: 4, index: 3},
	} {
		var printed bytes.Buffer
		err := writeCounted(&printed, []counted{within, {"photoroom", "hold", limit{1, 1, 0, 6}, over}})
		require.ErrorIs(t, err, errOverBudget, name)
		assert.Equal(t, 1, bytes.Count(printed.Bytes(), []byte("**over**")), name)
	}
}

func TestARowAboutACaseHasTheLimitOfWhereTheCaseEnds(t *testing.T) {
	asked := map[string]operation{}
	for _, one := range (&journey{story: story{revision: published(t)}}).claimPath() {
		asked[one.name] = one
	}
	for state, want := range map[string]limit{"declined": {3, 2, 2, 8}, "approved": {5, 3, 2, 22}, "in_review": {5, 3, 2, 16}, "paying": {}} {
		name, got := asked["report"].endsAs(state)
		assert.Equal(t, want, got, name)
	}
	name, _ := asked["report"].endsAs("in_review")
	assert.Equal(t, "report → in review", name)
}

func TestStaffRuleOnNothingThatThePolicyDecided(t *testing.T) {
	require.ErrorIs(t, (&journey{state: "approved"}).rules(t.Context(), nil), errNothingToRule)
}

func published(t *testing.T) policy.Revision {
	t.Helper()
	opened, err := policy.Open("photoroom")
	require.NoError(t, err)
	return opened.Current(time.Now())
}

func TestCallsAddUp(t *testing.T) {
	tables := map[string]table{"w": wallets}
	due := itemOf(t, `{"pk":{"S":"a"},"sk":{"S":"w"},"dueAt":{"N":"5"}}`)
	spent := sum([]call{
		{operation: "BatchGetItem"},
		{operation: "TransactWriteItems", changes: []change{{table: "w", transactional: true, after: due}, {table: "w", transactional: true}}},
		{operation: "UpdateItem", changes: []change{{table: "w", before: due, after: due}}},
	}, tables)
	assert.Equal(t, expense{reads: 1, writes: 2, base: 5, index: 1, largest: due.size()}, spent)
	assert.Equal(t, 6, spent.units())
}

func TestTheTablesPrint(t *testing.T) {
	var w bytes.Buffer
	writeStarts(&w, []starting{
		{name: hello, bytes: 6_000_000, took: []time.Duration{2e6, 2e6, 3e6}}, {name: "decide-refund", bytes: 9_000_000, took: []time.Duration{4e6, 4e6, 5e6}},
	})
	writeHandlers(&w, []handling{
		{step: nothingStep, function: hello, events: 100, cpu: 25 * time.Millisecond, allocated: allocation{1000, 2_000_000}, took: time.Second},
		{step: "hold", function: startGeneration, events: 100, cpu: 50 * time.Millisecond, allocated: allocation{123_456, 10_000_000}, took: time.Second},
	})
	writeThroughput(&w, throughput{ours: []float64{30, 9, 60}, replay: []float64{40, 10, 100}, bare: []float64{900, 800, 1}, calls: 10})
	for _, want := range []string{
		"| decide-refund | 9.0 | 4.00 | 4.00 | 2.00 (over) |", "| hold | start-generation | 0.50 | 2.00 | 1234 | 100 | 10.00 |",
		"the very 10 DynamoDB calls", "| bare two-item transactions | 1.0 | 800.0 | 900.0 |", "the median of the rounds' ratios: **0.75** (0.60 to 0.90;",
	} {
		assert.Contains(t, w.String(), want)
	}
	assert.Equal(t, []string{"999", "1,234"}, []string{thousands(999), thousands(1234)})
}
