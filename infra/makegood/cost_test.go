package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ownTemplate = "../../template.yaml"

func TestAMonthIsPricedByOperationAndByWhatStandsInTheTemplate(t *testing.T) {
	got := call("", "cost", "--per-month", "1000000", "--template", ownTemplate)
	require.Equal(t, exitDone, got.code, got.err)
	for _, want := range []string{" 1000000  hold\n", " 50000  purchase webhook\n", "together, 1000000 generations\n", "metrics in alarms\n", "together, though nobody calls\n", "the month\n"} {
		assert.Contains(t, got.out, want)
	}
	var bill monthBill
	require.NoError(t, json.Unmarshal([]byte(call("", "cost", "--json", "--per-month=1000000", "--template", ownTemplate).out), &bill))
	assert.InDelta(t, bill.USD.Total, bill.USD.Operations+bill.USD.Idle, 1e-9)
	sum := 0.0
	for _, row := range bill.Operations {
		assert.InDelta(t, row.Bill.Total(), row.USD, 1e-9)
		sum += row.USD
	}
	assert.InDelta(t, sum, bill.USD.Operations, 1e-9)
	var twice monthBill
	require.NoError(t, json.Unmarshal([]byte(call("", "cost", "--json", "--per-month=2000000", "--template", ownTemplate).out), &twice))
	assert.InDelta(t, 2*bill.Operations[0].USD, twice.Operations[0].USD, 1e-6)
	assert.InDelta(t, bill.USD.Idle, twice.USD.Idle, 1e-9)
}

func TestAnIdleMonthHasNoOperations(t *testing.T) {
	got := call("", "cost", "--template", ownTemplate)
	assert.Equal(t, exitDone, got.code)
	assert.NotContains(t, got.out, "hold")
	assert.NotContains(t, got.out, "generations\n")
	var bill monthBill
	require.NoError(t, json.Unmarshal([]byte(call("", "cost", "--json", "--template", ownTemplate).out), &bill))
	assert.Equal(t, []any{0, true}, []any{len(bill.Operations), bill.Operations != nil})
	assert.Positive(t, bill.USD.Idle)
}

func TestAMonthThatCannotBeIsRefused(t *testing.T) {
	for _, args := range [][]string{
		{"--per-month", "-1"}, {"--per-month", "many"}, {"--failed", "101"}, {"--failed", "60", "--reported", "41"}, {"--purchases", "-1"}, {"--failed", "NaN"}, {"1000"},
	} {
		got := call("", append([]string{"cost", "--template", ownTemplate}, args...)...)
		assert.Equal(t, exitUndone, got.code, args)
		assert.Contains(t, got.err, "usage: makegood cost", args)
	}
	got := call("", "cost", "--template", "nowhere.yaml")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "name it with --template")
}
