package policy_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// seldom is true about once in a hundred draws: rapid favours the ends of a range, so the hit lies
// within.
func seldom(t *rapid.T, label string) bool {
	return rapid.IntRange(0, 127).Draw(t, label+" seldom") == 77
}

// word draws one of the words of an enum, its zero value, or now and then one that nobody knows.
func word[T ~string](t *rapid.T, label string, words []T) T {
	if seldom(t, label) {
		return T(rapid.SampledFrom([]string{"", "unknown"}).Draw(t, label))
	}
	return rapid.SampledFrom(words).Draw(t, label)
}

// number draws mostly small numbers, now and then an extreme or a negative one.
func number(t *rapid.T, label string) int64 {
	if seldom(t, label) {
		return rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{-1, math.MaxInt64, math.MinInt64})).Draw(t, label)
	}
	return rapid.Int64Range(0, 30).Draw(t, label)
}

// anyCredits draws few credits, or as many as are worth money.
func anyCredits(t *rapid.T, label string) ledger.Credits {
	return ledger.Credits(number(t, label) * rapid.SampledFrom([]int64{1, 1, 100}).Draw(t, label+" unit"))
}

func anInstant(t *rapid.T, label string) time.Time {
	if seldom(t, label) {
		return rapid.SampledFrom([]time.Time{{}, time.Unix(1<<40, 0), time.Unix(-1<<40, 0)}).Draw(t, label)
	}
	return time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(-60*24, 60*24).Draw(t, label)) * time.Hour)
}

func maybe[T any](t *rapid.T, label string, draw func() T) *T {
	if seldom(t, label) {
		return nil
	}
	value := draw()
	return &value
}

// anyFacts draws facts of every sort, most of them whole.
func anyFacts(t *rapid.T) policy.Facts {
	truth := func(label string) bool { return rapid.Bool().Draw(t, label) }
	amount := func(label string) money.Amount {
		return money.Amount{Currency: word(t, label+" currency", []string{"USD"}), Minor: number(t, label)}
	}
	f := policy.Facts{
		Kind: word(t, "kind", policy.AllKinds), RequestedAt: anInstant(t, "requested_at"), EarlierRequests: int(number(t, "earlier")),
		Customer: policy.CustomerFacts{
			Standing:    word(t, "standing", policy.AllStandings),
			Requests30d: int(number(t, "requests")), Refunds30d: int(number(t, "refunds")), Generations30d: int(number(t, "generations")),
		},
		Usage: policy.UsageFacts{BulkDownloaded: truth("bulk"), CommercialUse: truth("commercial")},
	}
	f.Generation = maybe(t, "generation", func() policy.GenerationFacts {
		g := policy.GenerationFacts{
			Feature:  rapid.SampledFrom([]string{"pet", "upscale", "recolor", "draw", "film", "poster"}).Draw(t, "feature"),
			Platform: word(t, "platform", policy.AllPlatforms), Surface: word(t, "surface", policy.AllSurfaces), Mode: word(t, "mode", policy.AllModes),
			Status: generation.StatusSucceeded, FinishedAt: anInstant(t, "finished_at"), Price: anyCredits(t, "price"),
			FailedAttempts: int(number(t, "attempts")),
		}
		if truth("refunded before") {
			g.Refunded = ledger.Credits(number(t, "refunded"))
		}
		if f.Kind == policy.KindTechnicalFailure || truth("failed") {
			g.Status = word(t, "status", policy.AllStatuses[1:])
			g.Failure = maybe(t, "failure", func() generation.Failure { return generation.Failure{Cause: word(t, "cause", policy.AllCauses)} })
		}
		return g
	})
	f.Report = maybe(t, "report", func() policy.ReportFacts { return policy.ReportFacts{Issue: word(t, "issue", policy.AllIssues)} })
	f.Evidence = maybe(t, "evidence", func() policy.EvidenceFacts {
		return policy.EvidenceFacts{
			Verdict: word(t, "verdict", policy.AllVerdicts), Input: word(t, "input", policy.AllInputs), WithinExamples: truth("within"),
			Defects: rapid.SliceOfN(rapid.SampledFrom([]string{"blank", "truncated", "distorted"}), 0, 2).Draw(t, "defects"),
		}
	})
	f.Purchase = maybe(t, "purchase", func() policy.PurchaseFacts {
		p := policy.PurchaseFacts{
			PaidAt: anInstant(t, "paid_at"), Amount: amount("amount"), Credits: ledger.Credits(number(t, "credits")),
			Credited:    truth("credited"),
			DuplicateOf: rapid.SampledFrom([]string{"", "pur_0"}).Draw(t, "original"),
		}
		if p.CreditsSpent = ledger.Credits(number(t, "spent")); !seldom(t, "overspent") {
			p.CreditsSpent = min(p.CreditsSpent, p.Credits)
		}
		if truth("refunded purchase") {
			p.Refunded = maybe(t, "refunded amount", func() money.Amount { return amount("refunded amount") })
		}
		return p
	})
	f.Outage = maybe(t, "outage", func() policy.OutageFacts {
		o := policy.OutageFacts{StartedAt: anInstant(t, "started_at"), PreventedUse: truth("prevented")}
		if truth("ended") {
			ended := o.StartedAt.Add(time.Duration(number(t, "hours")) * time.Hour)
			o.EndedAt = &ended
		}
		return o
	})
	return f
}

// revisions returns every revision that the properties hold for.
func revisions(t *testing.T) []policy.Revision {
	t.Helper()
	revs := []policy.Revision{everything(t), revised(t, "2026-01-01"), {}}
	for _, name := range policy.Names() {
		revs = append(revs, shipped(t, name))
	}
	return revs
}

func TestAnyFactsGetADecisionThatKeepsItsPromisesOrAFieldAtFault(t *testing.T) {
	revs := revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		requirePromises(t, rapid.SampledFrom(revs).Draw(t, "revision"), anyFacts(t))
	})
}

// requirePromises: a decision that is whole, or a field at fault.
func requirePromises(t *rapid.T, rev policy.Revision, f policy.Facts) {
	d, err := policy.Decide(rev, f)
	if err != nil {
		requireField(t, err)
		require.Zero(t, d)
		return
	}
	require.Contains(t, []policy.Outcome{yes, no, review}, d.Outcome)
	require.NotEmpty(t, d.Clause)
	if rev.Name != "" {
		require.NotEmpty(t, d.Reason, "%s %s", d.Clause, d.Outcome)
		require.NotEmpty(t, d.Notice)
	}
	requireTrace(t, rev, f, d)
	requireWords(t, rev, nil, f.Kind, d)
	requireRemedy(t, f, d)
	require.False(t, d.RespondBy != nil && d.Outcome != review)
	require.False(t, d.PayBy != nil && (d.Remedy == nil || d.Remedy.Arm() != policy.ArmMoney))
}

// requireWords: the sentences are filled, and come again from the recorded decision.
func requireWords(t *rapid.T, rev policy.Revision, before *policy.Decision, kind policy.Kind, d policy.Decision) {
	for _, languages := range [][]string{nil, {"tlh", "en-GB"}} {
		sentence, language := rev.ReasonAfter(before, kind, d, languages...)
		require.Equal(t, []string{d.Reason, "en"}, []string{sentence, language})
	}
	require.Equal(t, d.Notice, rev.NoticeOf(kind, d).Name)
	for _, language := range []string{"en", "de"} {
		sentence, _ := rev.ReasonAfter(before, kind, d, language)
		notice, _ := rev.NoticeAfter(before, kind, d, language)
		require.NotContains(t, sentence+notice.Words, "{")
	}
}

func requireField(t *rapid.T, err error) {
	var e *fault.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, fault.KindInvalid, e.Kind)
	require.NotEmpty(t, e.Field)
}

// requireTrace: the rules in order up to the one that decided, which alone matched.
func requireTrace(t *rapid.T, rev policy.Revision, f policy.Facts, d policy.Decision) {
	last := len(d.Trace) - 1
	require.Equal(t, policy.Step{Clause: d.Clause, Rule: d.Rule, Matched: true}, d.Trace[last])
	if d.Rule > 0 {
		require.Equal(t, last+1, d.Rule)
		require.Equal(t, rev.Rules(f.Kind)[last].Clause, d.Clause)
	} else {
		require.Contains(t, []string{"X1", "X2", "X3"}, d.Clause)
	}
	var rules []string
	for _, rule := range rev.Rules(f.Kind) {
		rules = append(rules, rule.Clause)
	}
	for i, step := range d.Trace[:last] {
		require.Equal(t, policy.Step{Clause: rules[i], Rule: i + 1}, step)
	}
}

// requireRemedy: exactly when approved, one of credits and money, positive, at most what was
// charged, and never a second time.
func requireRemedy(t *rapid.T, f policy.Facts, d policy.Decision) {
	if d.Outcome != yes {
		require.Nil(t, d.Remedy)
		return
	}
	require.NotNil(t, d.Remedy)
	aboutGeneration := f.Kind == policy.KindTechnicalFailure || f.Kind == policy.KindBadResult
	if d.Remedy.Arm() != policy.ArmMoney {
		require.Equal(t, policy.ToBalance, d.Remedy.To())
		require.Positive(t, d.Remedy.Credits())
		if aboutGeneration {
			require.LessOrEqual(t, d.Remedy.Credits(), f.Generation.Price)
		} else {
			require.LessOrEqual(t, d.Remedy.Credits(), f.Purchase.Credits)
		}
	} else {
		require.Equal(t, policy.ToPaymentMethod, d.Remedy.To())
		require.Zero(t, d.Remedy.Credits())
		require.Positive(t, d.Remedy.Money().Minor)
		require.LessOrEqual(t, d.Remedy.Money().Minor, f.Purchase.Amount.Minor)
		require.Equal(t, f.Purchase.Amount.Currency, d.Remedy.Money().Currency)
	}
	if aboutGeneration {
		require.Zero(t, f.Generation.Refunded)
	} else {
		require.True(t, f.Purchase.Refunded == nil || f.Purchase.Refunded.Minor == 0)
	}
}

func TestSameFactsGetTheSameBytes(t *testing.T) {
	revs := revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		rev, f := rapid.SampledFrom(revs).Draw(t, "revision"), anyFacts(t)
		first, err1 := policy.Decide(rev, f)
		second, err2 := policy.Decide(rev, f)
		require.Equal(t, err1, err2)
		a, err := json.Marshal(first)
		require.NoError(t, err)
		b, err := json.Marshal(second)
		require.NoError(t, err)
		require.Equal(t, string(a), string(b))
	})
}

func TestFactsWrittenAndReadAgainAreDecidedTheSame(t *testing.T) {
	revs := revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		rev, f := rapid.SampledFrom(revs).Draw(t, "revision"), anyFacts(t)
		f.Policy = rev.Name
		want, err := policy.Decide(rev, f)
		if err != nil {
			return // facts that cannot be decided need not be writable
		}
		text, err := json.Marshal(f)
		require.NoError(t, err)
		read, err := policy.ParseFacts(text)
		require.NoError(t, err)
		got, err := policy.Decide(rev, read)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
