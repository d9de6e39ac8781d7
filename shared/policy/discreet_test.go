package policy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// reportBy is a report, an hour after the picture, by a customer of whom so much is known.
func reportBy(revision policy.Revision, known policy.CustomerFacts) policy.Facts {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return policy.Facts{
		Policy: revision.Name, Kind: policy.KindBadResult, RequestedAt: at.Add(time.Hour), Customer: known,
		Generation: &policy.GenerationFacts{
			ID: "gen", Feature: revision.Features()[0].Name, Platform: policy.PlatformWeb, Status: generation.StatusSucceeded, FinishedAt: at, Price: 4,
		},
		Report: &policy.ReportFacts{Description: "three hands", Issue: policy.IssueDistortion},
	}
}

// answeredBy decides the facts, and has a person rule on what goes to review: outcome "" leaves it
// there.
func answeredBy(t *testing.T, revision policy.Revision, f policy.Facts, ruling policy.Ruling) policy.Decision {
	t.Helper()
	d, err := policy.Decide(revision, f)
	require.NoError(t, err)
	if ruling.Outcome == "" {
		return d
	}
	d, err = policy.Rule(revision, f, d, ruling, f.RequestedAt)
	require.NoError(t, err)
	return d
}

func TestWhoIsSuspectedIsToldTheClauseAndTheRulesOfWhoIsNot(t *testing.T) {
	for name, clauses := range map[string]struct{ suspicion, review string }{"photoroom": {"R10", "R8"}, "popcustoms": {"P6.1", "P5.3"}} {
		published, err := policy.Open(name)
		require.NoError(t, err)
		revision := published.Revisions()[0]
		good, many := reportBy(revision, policy.CustomerFacts{}), reportBy(revision, policy.CustomerFacts{Requests30d: 21})
		for _, ruling := range []policy.Ruling{{}, {Outcome: policy.OutcomeApproved}, {Outcome: policy.OutcomeDeclined}} {
			suspected, plain := answeredBy(t, revision, many, ruling), answeredBy(t, revision, good, ruling)
			before, err := json.Marshal(suspected)
			require.NoError(t, err)
			told := revision.Discreet(policy.KindBadResult, suspected)
			require.Equal(t, []any{plain.Clause, plain.Rule, plain.Trace}, []any{told.Clause, told.Rule, told.Trace}, "%s %s", name, ruling.Outcome)
			if ruling.Outcome == "" {
				require.Equal(t, suspected.Reason, told.Reason)
				require.NotEqual(t, plain.Reason, told.Reason, "the sentence of who waits is their own")
			} else {
				require.Equal(t, plain.Reason, told.Reason)
				unpaid := suspected
				unpaid.Reason = "Your bank sent the money back."
				require.Equal(t, unpaid.Reason, revision.Discreet(policy.KindBadResult, unpaid).Reason, "a sentence that is not the clause's stays")
			}
			after, err := json.Marshal(suspected)
			require.NoError(t, err)
			require.JSONEq(t, string(before), string(after), "what is recorded stays")
			require.Equal(t, plain, revision.Discreet(policy.KindBadResult, plain), "whoever is not is told all")
		}
		cited := answeredBy(t, revision, good, policy.Ruling{Outcome: policy.OutcomeDeclined, Clause: clauses.suspicion})
		require.Equal(t, clauses.suspicion, cited.Clause)
		told := revision.Discreet(policy.KindBadResult, cited)
		require.Equal(t, clauses.review, told.Clause)
		require.Equal(t, answeredBy(t, revision, good, policy.Ruling{Outcome: policy.OutcomeDeclined}).Reason, told.Reason)
		require.Equal(t, policy.Step{Clause: clauses.review, Matched: true}, told.Trace[len(told.Trace)-1])
		require.Equal(t, clauses.review, revision.DiscreetClause(policy.KindBadResult, clauses.suspicion))
		require.Equal(t, "X1", revision.DiscreetClause(policy.KindBadResult, "X1"))
	}
}

func TestWhoIsRestrictedIsToldSo(t *testing.T) {
	for name, clause := range map[string]string{"photoroom": "R10", "popcustoms": "P6.2"} {
		published, err := policy.Open(name)
		require.NoError(t, err)
		revision := published.Revisions()[0]
		restricted := answeredBy(t, revision, reportBy(revision, policy.CustomerFacts{Standing: ledger.StandingRestricted, Requests30d: 21}), policy.Ruling{})
		require.Equal(t, []any{policy.OutcomeDeclined, clause}, []any{restricted.Outcome, restricted.Clause})
		require.Equal(t, restricted, revision.Discreet(policy.KindBadResult, restricted))
	}
}

func TestAPolicyMaySayThatItDeclinesByALimitOrReviewsWhoIsWithinIt(t *testing.T) {
	const limit = "    - {clause: R10, when: {over_abuse_limits: true}, answer: in_review}\n"
	for name, c := range map[string]struct {
		rule, clause string
		requests     int
	}{
		"declines":       {"    - {clause: R7, when: {over_abuse_limits: true}, answer: declined}\n", "R7", 21},
		"reviews others": {"    - {clause: R8, when: {over_abuse_limits: false}, answer: in_review}\n", "R8", 20},
	} {
		source := read(t, "published/photoroom/2026-01-01.yaml")
		require.Contains(t, source, limit)
		revision, err := policyfile.Parse("2026-01-01.yaml", []byte(strings.Replace(source, limit, c.rule+limit, 1)))
		require.NoError(t, err)
		d := answeredBy(t, revision, reportBy(revision, policy.CustomerFacts{Requests30d: c.requests}), policy.Ruling{})
		require.Equal(t, c.clause, d.Clause, name)
		require.Equal(t, d, revision.Discreet(policy.KindBadResult, d), name)
	}
}
