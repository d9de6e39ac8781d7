package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
)

func TestEachLabelIsALineOfJSONAndAListThatBreaksOffSaysHowToGoOn(t *testing.T) {
	r := runs(t)
	for n := range 5 {
		r.labels = append(r.labels, api.Label{Case: fmt.Sprint("cas_", n), Source: "ruling", Outcome: "declined", By: "ann", At: api.MomentOf(march)})
	}
	got := call("", "labels", "--since", "2026-03-01")
	require.Equal(t, exitDone, got.code, got.err)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	require.Len(t, lines, 5)
	for n, line := range lines {
		var label api.Label
		require.NoError(t, json.Unmarshal([]byte(line), &label))
		assert.Equal(t, r.labels[n], label)
	}
	assert.Equal(t, "5 labels\n", got.err)
	assert.Contains(t, r.calls, "GET /v1/labels?since=2026-03-01T00%3A00%3A00Z")

	r.breaks = "4"
	broken := call("", "labels")
	assert.Equal(t, exitUndone, broken.code)
	assert.Equal(t, strings.Join(lines[:4], "\n")+"\n", broken.out)
	assert.Contains(t, broken.err, "4 labels are printed: go on with --after 4")
	r.breaks = ""
	assert.Equal(t, lines[4]+"\n", call("", "labels", "--after", "4").out)
}

func TestHowOftenVerdictsWereWrongIsATableOrLinesOfJSON(t *testing.T) {
	r := runs(t)
	r.accuracy = []api.Accuracy{
		{Week: "2026-W09", Feature: "recolor", Paid: 40, WronglyPaid: 1, WronglyPaidAtMost: 11.32, WronglyDeclinedAtMost: 100, Unsure: 2},
		{Week: "2026-W09", Feature: "recolor", Signal: "blank", Paid: 40, WronglyPaid: 1, WronglyPaidAtMost: 11.32, WronglyDeclinedAtMost: 100},
		{Week: "2026-W08", Feature: "pet", Declined: 3, WronglyPaidAtMost: 100, WronglyDeclinedAtMost: 63.16},
	}
	got := call("", "labels", "--weekly")
	require.Equal(t, exitDone, got.code, got.err)
	assert.Equal(t, `week      feature  signal  wrongly paid  at most  wrongly declined  at most  unsure
2026-W09  recolor  -       1 of 40       11.3 %   0 of 0            100.0 %  2
2026-W09  recolor  blank   1 of 40       11.3 %   0 of 0            100.0 %  0
2026-W08  pet      -       0 of 0        100.0 %  0 of 3            63.2 %   0
`, got.out)
	assert.Equal(t, 3, strings.Count(call("", "labels", "--weekly", "--json").out, "\n"))
	assert.Equal(t, exitUndone, call("", "labels", "--weekly", "--after", "4").code)
	assert.Equal(t, exitUndone, call("", "labels", "--since", "yesterday").code)
}
