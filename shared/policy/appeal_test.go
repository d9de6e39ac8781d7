package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestAnAppealIsInReviewAndNamesNothingOfTheAnswerThatItIsAgainst(t *testing.T) {
	at := time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC) // a Friday
	for name, want := range map[string]struct{ reason, by string }{
		"photoroom":  {"We've received your appeal. A member of our team who wasn't involved in the first decision will review it.", ""},
		"popcustoms": {"We've received your appeal. A member of our team who wasn't involved in the first decision will review it and answer by March 11, 2026.", "2026-03-11"},
		"goopter":    {"We've received your appeal. A member of our team who wasn't involved in the first decision will review it, and we aim to reply by March 13, 2026.", "2026-03-13"},
	} {
		rev := shipped(t, name)
		appealed := policy.Appeal(rev, policy.KindTechnicalFailure, at)
		by := ""
		if appealed.RespondBy != nil {
			by = appealed.RespondBy.Format(time.DateOnly)
		}
		assert.Equal(t, want.by, by, name)
		told := rev.NoticeOf(policy.KindTechnicalFailure, appealed)
		assert.Equal(t, policy.Notice{Name: "appeal_received", Words: want.reason}, told, name)
		assert.True(t, appealed.Receipt())
		p, err := policy.Open(name)
		require.NoError(t, err)
		again, err := p.Replay(appealed, nil)
		require.NoError(t, err)
		assert.True(t, policy.SameDecision(appealed, again), name)
		appealed.RespondBy, appealed.Basis = nil, nil
		assert.Equal(t, policy.Decision{
			Outcome: policy.OutcomeInReview, Clause: policy.ClauseNoRule, Reason: want.reason, Notice: "appeal_received",
			Policy: rev.Ref(), Trace: []policy.Step{{Clause: policy.ClauseNoRule, Matched: true}},
		}, appealed, name)
		assert.Equal(t, 14*24*time.Hour, rev.AppealWindow, name)
	}
}

func TestAPolicyWithoutAppealsHasNoWordsOfThem(t *testing.T) {
	rev, err := policyfile.Parse("two.yaml", []byte(read(t, "testdata/working_two_rules.yaml")))
	assert.NoError(t, err)
	assert.Zero(t, rev.AppealWindow)
	assert.Equal(t, policy.Undecided(rev, policy.KindBadResult, time.Now()).Notice, policy.Appeal(rev, policy.KindBadResult, time.Now()).Notice)
}

func TestARevisionIsFoundByWhatADecisionNamesAsLongAsItsDigestStands(t *testing.T) {
	p, err := policy.Open("goopter")
	assert.NoError(t, err)
	rev := shipped(t, "goopter")
	found, there := p.Of(rev.Ref())
	assert.Equal(t, []any{true, rev.Revision}, []any{there, found.Revision})
	gone := rev.Ref()
	gone.Digest = "sha256:0000000000000000"
	_, there = p.Of(gone)
	assert.False(t, there)
}
