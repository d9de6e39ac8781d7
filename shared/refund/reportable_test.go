package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// reportable asks of the shelf's generation what its customer reads.
func (s *shelf) reportable(output int, name string, now time.Time) refund.Reportable {
	return refund.ReportableOf(*s.found.Generation, output, s.found.Case, s.found.Wallet, opened(name), now)
}

func TestAnOutputMayBeReportedExactlyWhereAReportOfItIsTakenAndNotSurelyDeclined(t *testing.T) {
	failed := func(g *generation.Generation) {
		g.Result = &generation.Result{Status: generation.StatusFailed, FinishedAt: noon, Failure: &generation.Failure{Cause: generation.CauseInput, Code: "nsfw"}}
	}
	oneCame := func(g *generation.Generation) {
		g.Result.Outputs = []generation.Output{{URL: "https://images.example/0.png"}}
	}
	whole := func(*generation.Generation) {}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"photoroom", "popcustoms", "goopter"}).Draw(rt, "policy")
		s := made(2, rapid.SampledFrom([]func(*generation.Generation){held, failed, oneCame, whole, whole, whole}).Draw(rt, "result"))
		g := s.found.Generation
		g.Feature = rapid.SampledFrom([]string{"recolor", "ai-shadows", "virtual-try-on", "nothing"}).Draw(rt, "feature")
		g.Surface = rapid.SampledFrom([]string{"editor", "batch"}).Draw(rt, "surface")
		s.found.Wallet.Standing = rapid.SampledFrom([]ledger.Standing{ledger.StandingGood, ledger.StandingGood, ledger.StandingRestricted}).Draw(rt, "standing")
		output := rapid.IntRange(0, 1).Draw(rt, "output")
		window := opened(name).At(noon).ReportWindow
		now := noon.Add(rapid.SampledFrom([]time.Duration{0, time.Hour, window, window + time.Millisecond, 100 * 24 * time.Hour}).Draw(rt, "later"))
		if rapid.Bool().Draw(rt, "reported before") {
			_, _ = s.file(t, s.reported(output, "earlier"), now)
		}
		answer := s.reportable(output, name, now)
		before := s.found.Case

		_, err := s.file(t, s.reported(output, "k"), now)
		require.Equal(rt, answer.Code, codeOf(err), "the report is refused by the same code")
		if err != nil {
			require.False(rt, answer.Allowed)
			require.Equal(rt, before != nil, answer.Case != "")
			return
		}
		decided := s.deliver(t, name, now)
		if !answer.Allowed {
			require.Equal(rt, []any{policy.OutcomeDeclined, answer.Refusal.Clause, answer.Refusal.Reason},
				[]any{decided.Decision.Outcome, decided.Decision.Clause, decided.Decision.Reason})
			return
		}
		require.NotEqual(rt, policy.OutcomeDeclined, decided.Decision.Outcome, "nobody has looked: a person decides, or the words do")
		if !answer.Until.IsZero() {
			require.False(rt, now.After(answer.Until))
			s.found.Case = nil
			require.True(rt, s.reportable(output, name, answer.Until).Allowed)
			require.False(rt, s.reportable(output, name, answer.Until.Add(time.Millisecond)).Allowed)
		}
	})
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.CodeOf(err)
}

func TestAnOutputSaysUntilWhenAndWhyNot(t *testing.T) {
	s := made(2)
	require.Equal(t, refund.Reportable{Allowed: true, Until: noon.Add(24 * time.Hour)}, s.reportable(1, "photoroom", noon))
	late := s.reportable(1, "photoroom", noon.Add(25*time.Hour))
	require.Equal(t, []any{false, "R7", "You reported this more than 24 hours after it was generated, which is past our time limit."},
		[]any{late.Allowed, late.Refusal.Clause, late.Refusal.Reason})
	require.Equal(t, "G3.2", s.reportable(1, "goopter", noon).Refusal.Clause)
	_, err := s.file(t, s.reported(1, "k"), noon)
	require.NoError(t, err)
	again := s.reportable(1, "photoroom", noon)
	require.Equal(t, []any{false, fault.CodeAlreadyReported, s.found.Case.ID, "R9"}, []any{again.Allowed, again.Code, again.Case, again.Refusal.Clause})
	pet := made(1, func(g *generation.Generation) { g.Feature = "pet" })
	require.True(t, pet.reportable(0, "popcustoms", noon).Allowed)
	_, err = pet.file(t, pet.reported(0, "k"), noon)
	require.NoError(t, err)
	again = pet.reportable(0, "popcustoms", noon) // which has no rule about a second report
	require.Equal(t, []any{false, fault.CodeAlreadyReported}, []any{again.Allowed, again.Code})
	used := made(1, func(g *generation.Generation) {
		g.Feature, g.Uses = "pet", []generation.Use{{Bulk: true}}
	})
	require.Equal(t, "P4.5", used.reportable(0, "popcustoms", noon).Refusal.Clause, "a use that is on record stays there")
}
