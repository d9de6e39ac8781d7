package generation_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/golden"
	"makegood/shared/ledger"
)

// TestTheHashOfAResultStays holds it, since it is stored: were it made in another way, a result
// that is sent again would be noted as a different late one.
func TestTheHashOfAResultStays(t *testing.T) {
	require.Equal(t, "c7dwfapzvj7myzomaunq", golden.Result().Hash())
}

// TestTheHashOfAnOrderStays holds that of one that says nothing of its picture: an app may send an
// order again after we were deployed anew, and gets its first answer.
func TestTheHashOfAnOrderStays(t *testing.T) {
	order := generation.Order{
		Customer: "alice", Feature: "recolor", Platform: "web", Options: generation.Options{Model: "large", Size: "hd", Seconds: 8},
		Reference: "job-17", Principal: "app", Key: "key",
	}
	started := starts{}
	for want, words := range map[string]generation.Words{"y7qplgvcd4gc7ojs3igp": {}, "e767ull5domcklpbpdvh": {Prompt: "a cat", Template: "poster"}} {
		order.Words = words
		_, err := generation.Starter{Store: &started, Catalog: catalog{}}.Start(t.Context(), order, golden.Hour(1))
		require.NoError(t, err)
		require.Equal(t, want, started.InputHash)
	}
}

// starts is a store of nothing, which keeps the generation that was started last.
type starts struct{ generation.Generation }

func (*starts) LoadStart(context.Context, ledger.CustomerID, generation.ID) (ledger.Wallet, *generation.Generation, error) {
	return ledger.Wallet{Customer: "alice", Standing: ledger.StandingGood}, nil, nil
}

func (s *starts) CommitStart(_ context.Context, g generation.Generation, _ ledger.Posting) error {
	s.Generation = g
	return nil
}

// catalog sells everything for nothing.
type catalog struct{}

func (catalog) Feature(name string, _ time.Time) (generation.Feature, bool) {
	return generation.Feature{Name: name, Modes: []string{generation.ModePaid}}, true
}
