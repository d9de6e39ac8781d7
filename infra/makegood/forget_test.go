package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
)

// remembers has the stack hold something personal of alice, told in two pages.
func (r *running) remembers() {
	r.personal = []api.PersonalData{
		{Customer: "alice", Cases: 1, OpenCases: 1, Attachments: 2, Generations: 100, Next: "page-2"},
		{Customer: "alice", Complete: true, Generations: 2, StandingNotes: 1, Evidence: 1, Stays: []api.Remainder{{What: "the ledger", Why: "it is kept by law."}}},
	}
}

func TestForgettingSaysWhatItWouldEraseAndErasesNothingWithoutYes(t *testing.T) {
	r := runs(t)
	r.remembers()
	got := call("", "forget", "alice")
	assert.Equal(t, exitMismatch, got.code, got.err)
	for _, want := range []string{
		"alice: would be erased\n  1 cases with words of theirs or notes of staff's\n  2 attachments that they uploaded\n  102 generations", "  1 cases with what was seen",
		"1 of all their cases are open", "\nWhat stays\n  the ledger: it is kept by law.\n", "--yes does it",
	} {
		assert.Contains(t, got.out, want)
	}
	assert.Equal(t, []string{"GET /v1/customers/alice/personal", "GET /v1/customers/alice/personal?cursor=page-2"}, r.calls)
}

func TestForgettingGoesRoundUntilARoundFindsNothing(t *testing.T) {
	r := runs(t)
	r.remembers()
	got := call("", "forget", "alice", "--yes", "--json")
	assert.Equal(t, exitDone, got.code, got.err)
	var f forgetting
	require.NoError(t, json.Unmarshal([]byte(got.out), &f))
	assert.Equal(t, []any{true, true, 1, 2, 102, 1, 1}, []any{f.Erased, f.Complete, f.Cases, f.Attachments, f.Generations, f.StandingNotes, f.Evidence})
	assert.Equal(t, []string{"DELETE /v1/customers/alice/personal", "DELETE /v1/customers/alice/personal?cursor=page-2", "DELETE /v1/customers/alice/personal"}, r.calls)
	assert.Equal(t, exitDone, call("", "forget", "alice").code, "nothing is left")
}

func TestAnErasureThatFindsSomethingInEachRoundEnds(t *testing.T) {
	r := runs(t)
	r.remembers()
	r.personal, r.stuck = []api.PersonalData{{Customer: "alice", Complete: true, Cases: 1}}, true
	got := call("", "forget", "alice", "--yes")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "each round found something new")
	assert.Len(t, r.calls, maxRounds)
}
