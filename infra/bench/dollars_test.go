package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

func TestAnOutcomeCostsWhatItsOperationsDo(t *testing.T) {
	rows := []counted{}
	for _, one := range outcomes {
		for _, name := range one.operations {
			rows = append(rows, counted{policy: "photoroom", name: name, cost: cost{base: 4, index: 2, readUnits: 1, reads: 1, writes: 1, invocations: 1, requests: 1, messages: 1}})
		}
	}
	bills, err := priceOutcomes(rows, "photoroom")
	require.NoError(t, err)
	require.Len(t, bills, len(outcomes))
	// A success is three operations, each with six write units and a read unit.
	assert.InDelta(t, 3*6*0.625, bills[0].bill.writes*1e6, 1e-9)
	assert.InDelta(t, 3*0.125, bills[0].bill.reads*1e6, 1e-9)
	assert.InDelta(t, 3*1.0, bills[0].bill.http*1e6, 1e-9)
	assert.InDelta(t, 3*3*0.4, bills[0].bill.sqs*1e6, 1e-9)
	// Each invocation of 20 ms at half a gigabyte.
	assert.InDelta(t, 3*(0.2+0.020*0.5*13.3334), bills[0].bill.lambda*1e6, 1e-9)
	_, err = priceOutcomes(nil, "photoroom")
	require.ErrorContains(t, err, nameHold)
}

func TestAnIdleMonthIsNotFree(t *testing.T) {
	s := &stack{alarms: 17, functions: map[string]template.Function{
		"settle": {Queues: make([]template.QueueEvent, 1)}, "sweep": {Schedules: make([]template.Schedule, 1)},
	}}
	var w bytes.Buffer
	writeIdle(&w, idleLines(s, cost{reads: 10, readUnits: 5, invocations: 1}, 3))
	for _, want := range []string{
		"| polls of 1 queues, 5 at a time, 20 s each | 0.7 M requests | 0.26 |", "| alarms | 17 | 1.70 |", "| metrics of our own | 3 | 0.90 |", "**together**",
	} {
		assert.Contains(t, w.String(), want)
	}
}
