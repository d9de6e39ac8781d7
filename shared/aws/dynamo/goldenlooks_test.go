package dynamo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/audit"
	"makegood/shared/aws/dynamo"
	"makegood/shared/evidence"
	"makegood/shared/golden"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// waitingLook is a second look that nobody has answered.
func waitingLook() audit.Look { return golden.Look("not looked at yet", policy.OutcomeApproved) }

// answeredLooks are those with an answer. Between them each count of a week is added to.
func answeredLooks() []audit.Look {
	return []audit.Look{
		golden.AnsweredLook("paid wrongly", policy.OutcomeApproved, evidence.VerdictUsable),
		golden.AnsweredLook("declined wrongly", policy.OutcomeDeclined, evidence.VerdictUnusable),
		golden.AnsweredLook("hard to tell", policy.OutcomeDeclined, evidence.VerdictUnsure),
	}
}

// countsOf are what those answers come to.
func countsOf() []audit.Count {
	tally := audit.Tally{Paid: 1, WronglyPaid: 1, Declined: 1, WronglyDeclined: 1, Unsure: 1}
	var counts []audit.Count
	for _, signal := range []evidence.Name{evidence.Unchanged, evidence.Blank, audit.EverySignal} {
		counts = append(counts, audit.Count{Week: "2026-W09", Feature: "recolor", Signal: signal, Tally: tally})
	}
	return counts
}

// writeLooks has verdicts sampled and looked at again; one answer stops a signal.
func writeLooks(t *testing.T, store *dynamo.Store) {
	t.Helper()
	waiting := waitingLook()
	require.NoError(t, store.CommitDecision(t.Context(), refund.Effect{Case: golden.LookedCase(waiting.Case), SecondLook: &waiting}))
	for i, look := range answeredLooks() {
		sampled := look
		sampled.Answer = nil
		require.NoError(t, store.CommitDecision(t.Context(), refund.Effect{Case: golden.LookedCase(look.Case), SecondLook: &sampled}))
		var changes []audit.Change
		if i == 0 {
			changes = append(changes, audit.Change{After: golden.StoppedSignal()})
		}
		require.NoError(t, store.CommitAnswer(t.Context(), look, changes))
	}
}

func readLooks(t reading, store *dynamo.Store) {
	ctx := t.Context()
	if !keeps(t.T, t.release, "evidence") {
		t.Skip("the release has no such rows")
	}
	looks, _, err := store.ListLooks(ctx, "", 10)
	require.NoError(t, err)
	t.equal([]audit.Look{waitingLook()}, looks)
	for _, want := range answeredLooks() {
		look, err := store.FindLook(ctx, want.Case)
		require.NoError(t, err)
		t.equal(&want, look)
	}
	counts, _, err := store.ListCounts(ctx, "2026-W01", "", 10)
	require.NoError(t, err)
	t.equal(countsOf(), counts)
	signals, err := store.ListSignals(ctx)
	require.NoError(t, err)
	t.equal([]audit.Signal{golden.StoppedSignal()}, signals)
	stopped, err := store.ListStopped(ctx)
	require.NoError(t, err)
	require.Equal(t, []evidence.Name{evidence.Blank}, stopped)
}
