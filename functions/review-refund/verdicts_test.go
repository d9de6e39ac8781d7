package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/policy"
)

func TestEveryVerdictIsListedWithWhatItRestsOnAndNothingThatPeopleWrote(t *testing.T) {
	d := open(t)
	d.Grants("alice", 400)
	picture := d.Starts("alice", 8)
	d.Settles(picture, d.Success(-1))
	for output := range 8 {
		d.reports(picture, output, "nothing like it")
	}
	for range casePage {
		again := d.Starts("alice", 1)
		d.Settles(again, d.Success(-1))
		d.reports(again, 0, "nothing like it")
	}
	d.Rules(d.reported, policy.OutcomeApproved)
	d.Deliver()
	listed, pages := d.pages("verdicts", "cases")
	assert.Equal(t, 2, pages)
	assert.Len(t, listed, 2+8+casePage, "with the report and the failure that stand there")
	for _, row := range listed {
		kept := row["verdicts"].([]any)
		assert.Len(t, kept, map[bool]int{true: 2, false: 1}[row["case"] == string(d.reported)])
		var earlier *policy.Decision
		for _, one := range kept {
			verdict := read[policy.Decision](t, one.(map[string]any)["decision"])
			basis := read[policy.Basis](t, one.(map[string]any)["basis"])
			verdict.Basis = &basis
			again, err := d.Replay(verdict, earlier)
			require.NoError(t, err)
			assert.True(t, policy.SameDecision(verdict, again))
			if !verdict.Receipt() {
				earlier = &verdict
			}
		}
		text, err := json.Marshal(row)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "nothing like it")
		assert.NotContains(t, string(text), "alice")
	}
}

// read returns a part of an answer as its own type.
func read[T any](t *testing.T, part any) (value T) {
	t.Helper()
	text, err := json.Marshal(part)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &value))
	return value
}

func TestVerdictsAreForStaffAlone(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"verdicts-by-app":     {403, "forbidden", nil},
		"verdicts-bad-cursor": {400, "invalid_request", "cursor"},
	} {
		assert.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
	assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask("verdicts", d.As("alice")).Refusal())
}
