package generation_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/storetest"
)

// interrupted is a store in which something happens between two calls of one use case, once.
type interrupted struct {
	*memory.Store
	meanwhile func()
}

func (i *interrupted) LoadGeneration(ctx context.Context, id generation.ID) (*generation.Generation, ledger.Wallet, error) {
	if happens := i.meanwhile; happens != nil {
		i.meanwhile = nil
		happens()
	}
	return i.Store.LoadGeneration(ctx, id)
}

func TestAPartialSuccessThatLosesToAFailureIsNotedAsLate(t *testing.T) {
	store := &interrupted{Store: memory.New()}
	w := storetest.NewWorld(t, store)
	w.Grants("alice", 20)
	id := w.Starts("alice", 2)
	store.meanwhile = func() { w.Settles(id, w.Failure(generation.CausePlatform)) }
	w.Settles(id, w.Success(1))
	w.Deliver()
	w.WantState(id, generation.StateReleased)
	require.Equal(t, generation.StatusSucceeded, w.Generation(id).Late.Status)
	w.WantLaws("alice")
}

func TestAPartialSuccessThatMeetsItsOwnCopyIsNoLateOne(t *testing.T) {
	store := &interrupted{Store: memory.New()}
	w := storetest.NewWorld(t, store)
	w.Grants("alice", 20)
	id := w.Starts("alice", 2)
	store.meanwhile = func() { w.Settles(id, w.Success(1)) }
	w.Settles(id, w.Success(1))
	require.Nil(t, w.Generation(id).Late)
	w.WantAvailable("alice", 16)
}

// soldOut is a catalog that lists nothing any more.
type soldOut struct{}

func (soldOut) Feature(string, time.Time) (generation.Feature, bool) {
	return generation.Feature{}, false
}

func TestAReplayIsAnsweredThoughTheFeatureIsGone(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 4)
	id := w.StartsUnder("alice", 1, "key")
	order := generation.Order{Customer: "alice", Feature: "recolor", Platform: "web", Outputs: 1, Principal: "app", Key: "key"}
	started, err := generation.Starter{Store: w.Store, Catalog: soldOut{}}.Start(t.Context(), order, w.Now)
	require.NoError(t, err)
	require.Equal(t, generation.Started{ID: id, Price: 4, Available: 0, Replayed: true}, started)
}

// raised is a catalog whose prices rise at an instant.
type raised struct{ at time.Time }

func (r raised) Feature(name string, at time.Time) (generation.Feature, bool) {
	feature := generation.Feature{Name: name, Price: 1, Modes: []string{generation.ModePaid}, Prices: []generation.PriceRow{{Model: "pro", Price: 2}}}
	if !at.Before(r.at) {
		feature.Prices[0].Price = 3
	}
	return feature, true
}

func TestAStartCostsWhatItCostAtItsInstantAndItsReplayToo(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 10)
	order := generation.Order{
		Customer: "alice", Feature: "film", Platform: "web", Options: generation.Options{Model: "pro"}, Principal: "app", Key: "before",
	}
	starter := generation.Starter{Store: w.Store, Catalog: raised{w.Now.Add(time.Hour)}}
	before, err := starter.Start(t.Context(), order, w.Now)
	require.NoError(t, err)
	after, err := starter.Start(t.Context(), order, w.Now.Add(time.Hour))
	require.NoError(t, err)
	order.Key = "after"
	dearer, err := starter.Start(t.Context(), order, w.Now.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, []ledger.Credits{2, 2, 3}, []ledger.Credits{before.Price, after.Price, dearer.Price})
}
