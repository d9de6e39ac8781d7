package refund_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// interrupted is a store in which something happens between the read of a decision and its commit,
// once.
type interrupted struct {
	*memory.Store
	meanwhile func()
	effects   []refund.Effect
}

func (i *interrupted) CommitDecision(ctx context.Context, effect refund.Effect) error {
	if happens := i.meanwhile; happens != nil {
		i.meanwhile = nil
		happens()
	}
	i.effects = append(i.effects, effect)
	return i.Store.CommitDecision(ctx, effect)
}

// reportedUnder returns a world under the policy with a picture, reported and not decided yet.
func reportedUnder(t *testing.T, store storetest.Store, name string) (*storetest.World, generation.ID, refund.CaseID) {
	t.Helper()
	w := storetest.NewWorldOf(t, store, name)
	w.Grants("alice", 10_000)
	id := w.Generated("alice", 1)
	w.Pass(time.Minute)
	return w, id, w.Reports(id, 0)
}

func TestWhatTheAppTellsWhileAReportIsDecidedDeclinesIt(t *testing.T) {
	store := &interrupted{Store: memory.New()}
	w, id, reported := reportedUnder(t, store, "popcustoms")
	store.meanwhile = func() { w.RecordsUse(id, 0, generation.Use{Bulk: true}) }
	w.Deliver()
	w.WantVerdict(reported, refund.StateDeclined, "P4.5")
	require.Len(t, store.effects, 2)
}

func TestAVerdictRestsOnTheRecordOfUseOnlyWhereThatCouldChangeIt(t *testing.T) {
	for name, want := range map[string]struct {
		store refund.State
		rests bool
	}{
		"popcustoms": {refund.StateInReview, true},
		"photoroom":  {refund.StateInReview, false}, // no rule asks
		"goopter":    {refund.StateDeclined, false},
	} {
		store := &interrupted{Store: memory.New()}
		w, id, reported := reportedUnder(t, store, name)
		store.meanwhile = func() { w.RecordsUse(id, 0, generation.Use{Downloaded: true}) }
		w.Deliver()
		require.Equal(t, want.store, w.CaseOf(reported).State, name)
		require.Equal(t, want.rests, store.effects[0].Used != nil, name)
	}
	store := &interrupted{Store: memory.New()}
	w, id, reported := reportedUnder(t, store, "popcustoms")
	w.RecordsUse(id, 0, generation.Use{Commercial: true})
	w.Deliver()
	w.WantVerdict(reported, refund.StateDeclined, "P4.5")
	require.Nil(t, store.effects[0].Used, "a decline stands whatever else is told")
}
