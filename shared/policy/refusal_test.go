package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// everyReport calls each with the facts of every report that may still come of f: what its customer
// says, what a look finds, how many others they made.
func everyReport(f policy.Facts, each func(policy.Facts)) {
	var looks []*policy.EvidenceFacts
	for _, verdict := range policy.AllVerdicts {
		for _, defects := range [][]string{nil, {"empty"}, {"blank"}, {"undecodable"}} {
			looks = append(looks, &policy.EvidenceFacts{Verdict: verdict, Defects: defects})
		}
		looks = append(looks, &policy.EvidenceFacts{Verdict: verdict, Input: policy.InputPoor}, &policy.EvidenceFacts{Verdict: verdict, WithinExamples: true})
	}
	for _, issue := range append(slices.Clone(policy.AllIssues), "") {
		for _, look := range append(looks, nil) {
			for bits := range 8 {
				g := f
				g.Report, g.Evidence = &policy.ReportFacts{Issue: issue}, look
				g.Usage.BulkDownloaded = f.Usage.BulkDownloaded || bits&1 > 0
				g.Usage.CommercialUse = f.Usage.CommercialUse || bits&2 > 0
				if bits&4 > 0 {
					g.Customer.Requests30d = 1000
				}
				each(g)
			}
		}
	}
}

func TestAReportIsRefusedBeforehandExactlyWhereEveryReportIsDeclined(t *testing.T) {
	refused, taken := 0, 0
	revs := revisions(t)
	names := policy.Names()
	rapid.Check(t, func(t *rapid.T) {
		rev := rapid.SampledFrom(revs).Draw(t, "revision")
		f := anyFacts(t)
		f.Kind, f.Report, f.Evidence = policy.KindBadResult, &policy.ReportFacts{}, nil
		f.Customer.Requests30d, f.Customer.Refunds30d, f.Customer.Generations30d = 0, 0, 0
		// Most are in time, and of what may be reported: those that are not are refused early.
		if f.Generation != nil && rapid.Bool().Draw(t, "in time") {
			f.RequestedAt = f.Generation.FinishedAt
		}
		refusal, sure := policy.Refusal(rev, f)
		clauses, declined := map[string]bool{}, true
		everyReport(f, func(f policy.Facts) {
			d, err := policy.Decide(rev, f)
			declined = declined && err == nil && d.Outcome == policy.OutcomeDeclined
			clauses[d.Clause+d.Reason] = true
		})
		if !sure {
			taken++
			require.Zero(t, refusal)
			// Only a file whose rules decline every case one by one is not foreseen.
			require.False(t, declined && slices.Contains(names, rev.Name), "some report is not declined")
			return
		}
		refused++
		require.True(t, declined)
		require.Equal(t, policy.OutcomeDeclined, refusal.Outcome)
		require.Contains(t, clauses, refusal.Clause+refusal.Reason, "what is foreseen is one of the answers")
		if len(clauses) == 1 {
			d, err := policy.Decide(rev, f)
			require.NoError(t, err)
			d.Basis = nil
			require.Equal(t, d, refusal)
		}
	})
	require.Positive(t, refused)
	require.Positive(t, taken)
}

func TestARequestOfAnotherKindIsNotRefusedBeforehand(t *testing.T) {
	for _, kind := range policy.AllKinds {
		if kind != policy.KindBadResult {
			_, sure := policy.Refusal(shipped(t, "goopter"), policy.Facts{Kind: kind})
			require.False(t, sure, kind)
		}
	}
}

func TestWhatAReportStillSettlesIsForeseenAsItMayBe(t *testing.T) {
	const unforeseen = "when: {evidence: [unusable]}"
	source := strings.NewReplacer("technical_failure:", "bad_result:", "when: {failure_cause: [platform]}", unforeseen).Replace(read(t, "testdata/working_two_rules.yaml"))
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	f := policy.Facts{
		Kind: policy.KindBadResult, RequestedAt: noon, Report: &policy.ReportFacts{},
		Generation: &policy.GenerationFacts{Feature: "draw", Platform: policy.PlatformWeb, Status: generation.StatusSucceeded, FinishedAt: noon, Price: 4},
	}
	for when, refused := range map[string]bool{
		unforeseen:                        false, // unusable is approved, the rest is declined
		"when: {used: [commercial_use]}":  false,
		"when: {issue: [taste]}":          false,
		"when: {mode: [free]}":            true, // it was paid
		"when: {nothing_charged: false}":  false,
		"when: {requested_before: true}":  true,
		"when: {over_abuse_limits: true}": false,
	} {
		rev, err := policyfile.Parse("foreseen.yaml", []byte(strings.Replace(source, unforeseen, when, 1)))
		require.NoError(t, err, when)
		refusal, sure := policy.Refusal(rev, f)
		require.Equal(t, refused, sure, when)
		if sure {
			require.Equal(t, []any{"T2", "It did not."}, []any{refusal.Clause, refusal.Reason})
		}
	}
	// Of what costs nothing an approval gives nothing: X2 declines it, whichever rule matches.
	free := *f.Generation
	free.Price, f.Generation = 0, &free
	rev, err := policyfile.Parse("foreseen.yaml", []byte(source))
	require.NoError(t, err)
	refusal, sure := policy.Refusal(rev, f)
	require.True(t, sure)
	require.Equal(t, "T2", refusal.Clause, "the one that is certain to be reached")
}
