package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/policy"
)

// looked returns the facts of a report about an output, and what a look with these signals comes
// to.
func looked(t *testing.T, name string, issue policy.Issue, signals ...evidence.Name) (policy.Revision, policy.Facts) {
	t.Helper()
	rev, f := shipped(t, name), unusable(name)
	f.Generation.Feature, f.Generation.Price, f.Report.Issue = rev.Features()[0].Name, rev.Features()[0].Price, issue
	f.Evidence = nil
	require.True(t, rev.NeedsEvidence(f), "a look comes first")
	record := rev.Evaluate(seen(f.Generation.Feature, signals...), nil)
	f.Evidence = policy.EvidenceOf(&record)
	return rev, f
}

func TestWhatSignalsAnswerByThemselves(t *testing.T) {
	const back = ", so we've returned 0.0395 USD to your balance."
	for _, c := range []struct {
		policy string
		issue  policy.Issue
		signal evidence.Name
		clause string
		reason string
	}{
		{"photoroom", "", evidence.Blank, "R2", "This result is clearly unusable, so we've refunded your 4 AI credits."},
		{"photoroom", policy.IssueTaste, evidence.Unchanged, "R2", "This result is clearly unusable, so we've refunded your 4 AI credits."},
		{"popcustoms", policy.IssueDeviates, evidence.Unchanged, "P3.1", "The result was far from what you could expect" + back},
		{"popcustoms", policy.IssueDeviates, evidence.WrongSize, "P3.1", "The result was far from what you could expect" + back},
		{"popcustoms", policy.IssueOffTemplate, evidence.Unchanged, "P3.2", "The result doesn't match what the template is for" + back},
		{"popcustoms", policy.IssueWrongSubject, evidence.Unchanged, "P3.3", "The result is the same as your upload" + back},
		{"popcustoms", policy.IssueWrongSubject, evidence.WrongSize, "P3.3", "The result isn't of the size that was ordered" + back},
		{"popcustoms", policy.IssueDistortion, evidence.Unchanged, "P3.4", "The result is the same as your upload" + back},
		{"popcustoms", policy.IssueOther, evidence.WrongSize, "P3.4", "The result isn't of the size that was ordered" + back},
		{"popcustoms", "", evidence.Unchanged, "P3.4", "The result is the same as your upload" + back},
		{"popcustoms", "", evidence.Empty, "P3.7", "A system error left an empty file" + back},
		{"popcustoms", policy.IssueDeviates, evidence.Undecodable, "P3.7", "A system error left an image that can't be opened" + back},
		{"popcustoms", policy.IssueTaste, evidence.Truncated, "P3.7", "A system error left an image that is cut off" + back},
		{"popcustoms", policy.IssueDistortion, evidence.Blank, "P3.7", "A system error left an image that is blank" + back},
		{"popcustoms", policy.IssueOther, evidence.FailureCard, "P3.7", "A system error put an error picture in place of your image" + back},
		{"popcustoms", "", evidence.SameAsUnusable, "P3.7", "A system error left an image that we had found unusable before" + back},
	} {
		rev, f := looked(t, c.policy, c.issue, c.signal)
		d, err := policy.Decide(rev, f)
		require.NoError(t, err)
		assert.Equal(t, []string{"approved", c.clause, c.reason}, []string{string(d.Outcome), d.Clause, d.Reason}, "%s %s", c.signal, c.issue)
	}
}

func TestWhatNoSignalDecidesWaitsForAPerson(t *testing.T) {
	for name, clause := range map[string]string{"photoroom": "R8", "popcustoms": "P5.3"} {
		for _, signal := range evidence.ForStaff() {
			rev, f := looked(t, name, policy.IssueDistortion, signal)
			d, err := policy.Decide(rev, f)
			require.NoError(t, err)
			assert.Equal(t, []string{"in_review", clause}, []string{string(d.Outcome), d.Clause}, "%s: %s", name, signal)
		}
	}
}

func TestFailuresNeedNoPicture(t *testing.T) {
	rev := shipped(t, "popcustoms")
	for attempts, clause := range map[int]string{1: "P3.6", 3: "P3.5"} {
		f := failed("popcustoms", generation.CausePlatform)
		f.Generation.FailedAttempts = attempts
		assert.False(t, rev.NeedsEvidence(f))
		assert.Equal(t, clause, decide(t, f).Clause)
	}
	assert.False(t, shipped(t, "goopter").NeedsEvidence(unusable("goopter")), "it refunds no quality")
}

func TestAPersonCitesWhatNoSignalSays(t *testing.T) {
	for _, c := range []struct {
		policy  string
		outcome policy.Outcome
		cited   string
		reason  string
	}{
		{"popcustoms", no, "P4.1", "The problem came from the uploaded image (for example low quality, obstruction or angle), so this isn't refundable."},
		{"popcustoms", no, "P4.3", "The result is within a reasonable range of the template's examples, so it isn't refundable."},
		{"popcustoms", no, "P4.5", "This image was downloaded in bulk or used commercially, so it isn't refundable."},
		{"popcustoms", yes, "P3.3", "The subject of your image wasn't recognized, so we've returned 0.0395 USD to your balance."},
		{"popcustoms", yes, "P3.7", "We found that a system error made this result unusable, and approved your refund."},
		{"photoroom", yes, "R2", "This result is clearly unusable, so we've refunded your 4 AI credits."},
		{"photoroom", no, "R7", "You reported this more than 24 hours after it was generated, which is past our time limit."},
		{"photoroom", no, "R8", "We reviewed this result and didn't find it clearly unusable."},
	} {
		rev, f := looked(t, c.policy, policy.IssueDistortion, evidence.SmallInput, evidence.AlmostUnchanged)
		prior, err := policy.Decide(rev, f)
		require.NoError(t, err)
		require.Equal(t, review, prior.Outcome)
		d, err := policy.Rule(rev, f, prior, policy.Ruling{Outcome: c.outcome, Clause: c.cited}, ruledAt)
		require.NoError(t, err)
		assert.Equal(t, []string{c.cited, c.reason}, []string{d.Clause, d.Reason})
	}
}

// TestEveryClauseThatAPersonCanCiteSaysSoInOneSentence leaves out the two about abuse: whoever is
// suspected is not told so by name.
func TestEveryClauseThatAPersonCanCiteSaysSoInOneSentence(t *testing.T) {
	for name := range tables {
		rev := shipped(t, name)
		x3, _ := rev.Clause(policy.ClauseNoRule)
		for _, kind := range rev.Kinds() {
			for _, outcome := range []policy.Outcome{yes, no} {
				for _, cited := range rev.Citable(kind, outcome) {
					d := policy.Decision{Outcome: outcome, Clause: cited, Trace: []policy.Step{{Clause: cited, Matched: true}}, Remedy: credits(4)}
					if kind.AboutPurchase() {
						d.Remedy = usd(500)
					}
					sentence := rev.Reason(kind, d)
					assert.NotEmpty(t, sentence)
					assert.NotContains(t, sentence, "{", "%s %s", name, cited)
					if kind == policy.KindBadResult && !strings.HasPrefix(cited, "P6") && cited != "R10" && cited != "X3" {
						assert.NotEqual(t, x3.Ruled(outcome), sentence, "%s %s %s", name, outcome, cited)
					}
				}
			}
		}
	}
}
