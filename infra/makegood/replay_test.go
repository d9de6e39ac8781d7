package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/replay"
)

// decidedCase is a case in review that staff then approved, under photoroom.
func decidedCase(t *testing.T, id refund.CaseID, at time.Time) refund.Case {
	t.Helper()
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	facts := policy.Facts{
		Policy: "photoroom", Kind: policy.KindBadResult, RequestedAt: at, Report: &policy.ReportFacts{Description: "six fingers"},
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformWeb, Status: generation.StatusSucceeded, FinishedAt: at, Price: 4,
		},
	}
	waits, err := policy.Decide(p.At(at), facts)
	require.NoError(t, err)
	approved, err := policy.Rule(p.At(at), facts, waits, policy.Ruling{Outcome: policy.OutcomeApproved}, at)
	require.NoError(t, err)
	return refund.Case{ID: id, Kind: policy.KindBadResult, OpenedAt: at, Decision: &approved, Earlier: []policy.Decision{waits}}
}

var march = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestReplayFindsEveryVerdictTheSame(t *testing.T) {
	r := runs(t)
	for _, id := range []refund.CaseID{"cas_1", "cas_2", "cas_3"} {
		r.decided = append(r.decided, decidedCase(t, id, march))
	}
	got := call("", "replay")
	assert.Equal(t, exitDone, got.code)
	assert.Empty(t, got.out)
	assert.Equal(t, "6 verdicts of 3 cases: 6 the same, 0 different, 0 without facts, 0 of unknown revisions\n", got.err)
}

func TestReplayShowsBothSidesOfEachDifferenceAndWhatCannotBeCompared(t *testing.T) {
	r := runs(t)
	generous, unkept, gone, foreign, unread := decidedCase(t, "cas_generous", march), decidedCase(t, "cas_unkept", march),
		decidedCase(t, "cas_gone", march), decidedCase(t, "cas_foreign", march), decidedCase(t, "cas_unread", march)
	generous.Decision.Remedy = policy.InCredits(5)
	unkept.Earlier[0].Basis = nil
	gone.Earlier[0].Basis.Digest = "sha256:gone"
	foreign.Decision.Policy.Name = "nobodys"
	unread.Decision.Basis.Facts = json.RawMessage(`{"weather":"fine"}`)
	r.decided = []refund.Case{generous, unkept, gone, foreign, unread}
	got := call("", "replay")
	assert.Equal(t, exitMismatch, got.code)
	assert.Contains(t, got.out, "cas_generous verdict 2 differs\n  recorded {\"outcome\":\"approved\",\"clause\":\"R2\"")
	assert.Contains(t, got.out, `"remedy":{"credits":5,"to":"balance"}`)
	assert.Contains(t, got.out, `"remedy":{"credits":4,"to":"balance"}`)
	assert.Contains(t, got.out, "cas_unread verdict 2 differs")
	assert.Contains(t, got.out, "now      error: ")
	assert.Contains(t, got.out, "cas_unkept verdict 1 has no facts\n")
	assert.Contains(t, got.out, "cas_gone verdict 1 is of photoroom sha256:gone, which this build has not\n")
	assert.Contains(t, got.out, "cas_foreign verdict 2 is of nobodys sha256:")
	assert.Equal(t, "10 verdicts of 5 cases: 5 the same, 2 different, 1 without facts, 2 of unknown revisions\n", got.err)

	var report replay.Report
	got = call("", "replay", "--json")
	require.NoError(t, json.Unmarshal([]byte(got.out), &report))
	assert.Equal(t, []int{5, 10, 5, 2, 1, 2}, []int{
		report.Cases, report.Verdicts, report.Same, len(report.Differences), len(report.Unkept), len(report.Unknown),
	})
	r.decided = []refund.Case{unkept, gone}
	assert.Equal(t, exitDone, call("", "replay").code, "what cannot be compared is no difference")
}

func TestReplayTakesOnlyCasesOfLate(t *testing.T) {
	r := runs(t)
	r.decided = []refund.Case{decidedCase(t, "cas_1", march), decidedCase(t, "cas_2", march.AddDate(0, 0, 1)), decidedCase(t, "cas_3", march.AddDate(0, 0, 2))}
	got := call("", "replay", "--since", "2026-03-02")
	assert.Contains(t, got.err, "4 verdicts of 2 cases: 4 the same")
	r.stuck, r.away = false, "http://127.0.0.1:1"
	assert.Equal(t, exitUndone, call("", "replay").code)
}

func TestARulingOnAnAppealIsMadeAgainFromTheAnswerThatTheAppealIsAgainst(t *testing.T) {
	r := runs(t)
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	c := decidedCase(t, "cas_1", march)
	facts, err := policy.ParseFacts(c.Decision.Basis.Facts)
	require.NoError(t, err)
	declined, err := policy.Rule(p.At(march), facts, c.Earlier[0], policy.Ruling{Outcome: policy.OutcomeDeclined}, march)
	require.NoError(t, err)
	received := policy.Appeal(p.At(march), policy.KindBadResult, march)
	overturned, err := policy.Rule(p.At(march), facts, declined, policy.Ruling{Outcome: policy.OutcomeApproved}, march)
	require.NoError(t, err)
	c.Earlier, c.Decision = []policy.Decision{c.Earlier[0], declined, received}, &overturned
	r.decided = []refund.Case{c}
	got := call("", "replay")
	assert.Equal(t, exitDone, got.code, got.out)
	assert.Contains(t, got.err, "4 verdicts of 1 cases: 4 the same")
}
