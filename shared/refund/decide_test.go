package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// failed returns a shelf with a generation of one picture for 4 credits that failed for that cause.
func failed(cause generation.Cause, change ...func(*generation.Generation, *ledger.Wallet)) *shelf {
	g := generation.Generation{
		ID: generation.NewID("alice", "app", "key"), Customer: "alice", Feature: "recolor", Platform: "web", Surface: "editor", Mode: "paid", Outputs: 1,
		Price: 4, State: generation.StateFailed, StartedAt: noon.Add(-time.Minute), Deadline: noon.Add(time.Hour), RecordedAt: noon,
		Draws:  []ledger.Draw{{Lot: "lot_aaaaaaaaaa", Credits: 4, Source: ledger.SourcePromotion, Granted: 4, GrantedAt: noon}},
		Result: &generation.Result{Status: generation.StatusFailed, FinishedAt: noon, Failure: &generation.Failure{Cause: cause, Code: "gpu_lost"}},
		Hash:   "result", Todo: todo.List{todo.StepRefund: noon},
	}
	wallet := ledger.Wallet{Customer: "alice", Standing: ledger.StandingGood, Recorded: true}
	for _, spoil := range change {
		spoil(&g, &wallet)
	}
	return &shelf{found: refund.Snapshot{Generation: &g, Wallet: wallet}}
}

func decide(t *testing.T, s *shelf, name, reason string) (refund.Effect, error) {
	t.Helper()
	decider := refund.Decider{Store: s, Notices: s, Policy: opened(name)}
	err := decider.Decide(t.Context(), message.NewTechnicalFailure(string(s.found.Generation.ID), reason), noon.Add(time.Second))
	if len(s.effects) == 0 {
		return refund.Effect{}, err
	}
	return s.effects[len(s.effects)-1], err
}

func TestEachPolicyDecidesAFailureByItsOwnClause(t *testing.T) {
	free := func(g *generation.Generation, _ *ledger.Wallet) {
		g.Mode, g.Price, g.Draws = generation.ModeFree, 0, nil
	}
	thrice := func(g *generation.Generation, _ *ledger.Wallet) { g.Result.FailedAttempts = 3 }
	terminated := func(_ *generation.Generation, w *ledger.Wallet) { w.Standing = ledger.StandingTerminated }
	for _, c := range []struct {
		policy string
		shelf  *shelf
		clause string
		state  generation.State
	}{
		{"photoroom", failed(generation.CausePlatform), "R1", generation.StateReleased},
		{"photoroom", failed(generation.CauseSafety), "R1", generation.StateCaptured},
		{"photoroom", failed(generation.CausePlatform, free), "X2", generation.StateCaptured},
		{"popcustoms", failed(generation.CausePlatform), "P3.6", generation.StateReleased},
		{"popcustoms", failed(generation.CausePlatform, thrice), "P3.5", generation.StateReleased},
		{"popcustoms", failed(generation.CauseInput), "P4.1", generation.StateCaptured},
		{"popcustoms", failed(generation.CausePlatform, free), "P4.4", generation.StateCaptured},
		{"goopter", failed(generation.CausePlatform), "G2.4", generation.StateReleased},
		{"goopter", failed(generation.CauseCancelled), "G2.4", generation.StateCaptured},
		{"goopter", failed(generation.CausePlatform, terminated), "G3.4", generation.StateCaptured},
	} {
		effect, err := decide(t, c.shelf, c.policy, message.ReasonFailed)
		require.NoError(t, err)
		require.Equal(t, c.clause, effect.Case.Decision.Clause, c.policy)
		require.Equal(t, c.state, effect.Generation.After.State, c.clause)
		require.Equal(t, effect.Generation.After.Price, effect.Generation.After.Captured+effect.Generation.After.Released)
		require.Equal(t, c.state == generation.StateReleased, effect.Case.State == refund.StateApproved)
		require.Equal(t, refund.FailureCaseID(effect.Generation.After.ID), effect.Case.ID)
		require.Empty(t, effect.Generation.After.Todo)
		require.Len(t, c.shelf.told, 1)
	}
}

func TestARecordedVerdictIsToldAgainAndNotMadeAgain(t *testing.T) {
	s := failed(generation.CausePlatform)
	first, err := decide(t, s, "photoroom", message.ReasonFailed)
	require.NoError(t, err)
	again, err := decide(t, s, "goopter", message.ReasonFailed)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Len(t, s.effects, 1)
	require.Len(t, s.told, 2)
}

func TestAHoldThatIsNotOverdueIsNoFailure(t *testing.T) {
	held := func(g *generation.Generation, _ *ledger.Wallet) {
		g.State, g.Result, g.Hash = generation.StateHeld, nil, ""
	}
	for _, reason := range []string{message.ReasonFailed, message.ReasonOverdue} {
		s := failed("", held)
		_, err := decide(t, s, "photoroom", reason)
		require.NoError(t, err)
		require.Empty(t, s.effects, reason)
	}
	s := failed("", held, func(g *generation.Generation, _ *ledger.Wallet) { g.Deadline = noon })
	effect, err := decide(t, s, "photoroom", message.ReasonOverdue)
	require.NoError(t, err)
	require.Equal(t, generation.StateReleased, effect.Generation.After.State)
	require.Equal(t, generation.CodeOverdue, effect.Generation.After.Failure().Code)
}

func TestARequestAboutNothingIsNotFound(t *testing.T) {
	decider := refund.Decider{Store: &shelf{}}
	for _, id := range []string{"", "gen_x", string(generation.NewID("alice", "app", "key"))} {
		err := decider.Decide(t.Context(), message.NewTechnicalFailure(id, message.ReasonFailed), noon)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
}
