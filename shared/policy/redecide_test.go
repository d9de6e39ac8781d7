package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// draftOf returns a published file with a part of its text replaced.
func draftOf(t *testing.T, name, part, by string) policy.Revision {
	t.Helper()
	source := read(t, "published/"+name+"/"+shipped(t, name).Revision+".yaml")
	require.Contains(t, source, part)
	rev, err := policyfile.Parse("draft.yaml", []byte(strings.ReplaceAll(source, part, by)))
	require.NoError(t, err)
	return rev
}

func TestARevisionRedecidesWhatItDecidedAsItDid(t *testing.T) {
	revs := revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		rev := rapid.SampledFrom(revs).Draw(t, "revision")
		p, err := policy.New(rev)
		require.NoError(t, err)
		f := anyFacts(t)
		d, err := policy.Decide(rev, f)
		if err != nil {
			d = policy.Undecided(rev, f.Kind, ruledAt)
		}
		again, err := p.Redecide(kept(t, d), rev)
		require.NoError(t, err)
		require.True(t, policy.SameDecision(d, again))
	})
}

func TestADraftGoesByNoFactThatWasNotGathered(t *testing.T) {
	result := func(change func(*policy.Facts)) policy.Facts {
		f := failed("photoroom", generation.CausePlatform)
		badResult(&f)
		f.Evidence = nil
		f.Generation.FinishedAt = f.RequestedAt.Add(-time.Hour)
		change(&f)
		return f
	}
	late := func(f *policy.Facts) { f.Generation.FinishedAt = f.RequestedAt.Add(-30 * time.Hour) }
	seen := func(verdict policy.Verdict) func(f *policy.Facts) {
		return func(f *policy.Facts) { f.Evidence = &policy.EvidenceFacts{Verdict: verdict} }
	}
	counts := func(requests, refunds, generations int) func(f *policy.Facts) {
		return func(f *policy.Facts) {
			seen(policy.VerdictUnusable)(f)
			f.Customer.Requests30d, f.Customer.Refunds30d, f.Customer.Generations30d = requests, refunds, generations
		}
	}
	double := func(original string) policy.Facts {
		f := purchased(policy.KindDuplicateCharge)
		f.Purchase.DuplicateOf = original
		return f
	}
	const limits = "abuse: {requests_over: 20, refunds_over_percent: 30, from_generations: 10}"
	for name, test := range map[string]struct {
		part, by string
		facts    policy.Facts
		lacks    string
	}{
		"nobody looked, since it was late":              {"report: 24h", "report: 48h", result(late), "evidence"},
		"it is late all the same":                       {"report: 24h", "report: 25h", result(late), ""},
		"other signals decide":                          {"truncated, blank,", "truncated,", result(seen(policy.VerdictUnsure)), "evidence"},
		"other signals decide what is late":             {"truncated, blank,", "truncated,", result(late), ""},
		"a model may support more":                      {"{cap: 4}", "{cap: 3}", result(seen(policy.VerdictUnsure)), "evidence"},
		"a limit of more requests than were counted":    {limits, strings.Replace(limits, "20", "40", 1), result(counts(21, 0, 0)), "customer.requests_30d"},
		"a limit of more requests that is passed":       {limits, strings.Replace(limits, "20", "40", 1), result(counts(50, 0, 0)), ""},
		"a limit of more requests than there were":      {limits, strings.Replace(limits, "20", "40", 1), result(counts(20, 0, 0)), ""},
		"a limit of fewer requests":                     {limits, strings.Replace(limits, "20", "4", 1), result(counts(5, 0, 0)), ""},
		"generations were not counted for so few":       {limits, strings.Replace(limits, "30", "10", 1), result(counts(3, 3, 0)), "customer.generations_30d"},
		"generations were counted as far as it matters": {limits, strings.Replace(limits, "30", "40", 1), result(counts(9, 9, 31)), ""},
		"generations were counted to the end":           {limits, strings.Replace(limits, "30", "10", 1), result(counts(9, 9, 12)), ""},
		"a longer span finds what a shorter found":      {"same: 10m", "same: 20m", double("pi_0"), ""},
		"a longer span may find more":                   {"same: 10m", "same: 20m", double(""), "purchase.duplicate_of"},
		"a shorter span may find less":                  {"same: 10m", "same: 5m", double("pi_0"), "purchase.duplicate_of"},
		"a shorter span finds no more":                  {"same: 10m", "same: 5m", double(""), ""},
	} {
		p, err := policy.Open(test.facts.Policy)
		require.NoError(t, err)
		d, err := policy.Decide(shipped(t, p.Name()), test.facts)
		require.NoError(t, err, name)
		draft := draftOf(t, p.Name(), test.part, test.by)
		again, err := p.Redecide(d, draft)
		if test.lacks != "" {
			require.Error(t, err, name)
			requireFault(t, err, test.lacks)
			continue
		}
		require.NoError(t, err, name)
		want, err := policy.Decide(draft, test.facts)
		require.NoError(t, err, name)
		assert.Equal(t, want, again, name)
	}
}

func TestWhatCannotBeRedecidedSaysWhy(t *testing.T) {
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	d := decide(t, failed("photoroom", generation.CausePlatform))
	_, err = p.Redecide(policy.Decision{}, shipped(t, "photoroom"))
	require.ErrorIs(t, err, policy.ErrNoBasis)
	_, err = p.Redecide(d, shipped(t, "goopter"))
	requireFault(t, err, "policy")
	d.Basis = &policy.Basis{Digest: "sha256:0", Facts: d.Basis.Facts}
	_, err = p.Redecide(d, shipped(t, "photoroom"))
	require.ErrorIs(t, err, policy.ErrNoRevision)
}
