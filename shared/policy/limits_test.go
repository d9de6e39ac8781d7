package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/policy"
)

func TestALimitIsNearFromFourFifthsOn(t *testing.T) {
	abuse := policy.Abuse{RequestsOver: 20, RefundsOverPercent: 30, FromGenerations: 10}
	for _, c := range []struct {
		facts policy.CustomerFacts
		want  []policy.Limit
	}{
		{policy.CustomerFacts{Requests30d: 15}, nil},
		{policy.CustomerFacts{Requests30d: 16}, []policy.Limit{{Name: "requests_over", Count: 16, Most: 20}}},
		{policy.CustomerFacts{Requests30d: 20}, []policy.Limit{{Name: "requests_over", Count: 20, Most: 20}}},
		{policy.CustomerFacts{Requests30d: 21}, []policy.Limit{{Name: "requests_over", Count: 21, Most: 20, Over: true}}},
		{policy.CustomerFacts{Refunds30d: 3, Generations30d: 9}, nil},
		{policy.CustomerFacts{Refunds30d: 2, Generations30d: 10}, nil},
		{policy.CustomerFacts{Refunds30d: 24, Generations30d: 100}, []policy.Limit{{Name: "refunds_over_percent", Count: 24, Of: 100, Most: 30}}},
		{policy.CustomerFacts{Refunds30d: 24, Generations30d: 101}, nil},
		{policy.CustomerFacts{Refunds30d: 30, Generations30d: 100}, []policy.Limit{{Name: "refunds_over_percent", Count: 30, Of: 100, Most: 30}}},
		{policy.CustomerFacts{Refunds30d: 31, Generations30d: 100}, []policy.Limit{{Name: "refunds_over_percent", Count: 31, Of: 100, Most: 30, Over: true}}},
	} {
		assert.Equal(t, c.want, abuse.Near(c.facts), "%+v", c.facts)
	}
	assert.Empty(t, policy.Abuse{}.Near(policy.CustomerFacts{}), "who asked for nothing is near nothing")
}

func TestWhoIsPastALimitIsNearItAndMayBeWhateverTheirGenerations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		abuse := policy.Abuse{
			RequestsOver: rapid.IntRange(0, 5).Draw(t, "requests over"), RefundsOverPercent: rapid.IntRange(0, 100).Draw(t, "percent"),
			FromGenerations: rapid.IntRange(0, 20).Draw(t, "from"),
		}
		c := policy.CustomerFacts{
			Requests30d: rapid.IntRange(0, 6).Draw(t, "requests"), Refunds30d: rapid.IntRange(0, 10).Draw(t, "refunds"),
			Generations30d: rapid.IntRange(0, 100).Draw(t, "generations"),
		}
		over := false
		for _, limit := range abuse.Near(c) {
			over = over || limit.Over
		}
		require.Equal(t, policy.OverLimits(abuse, c), over)
		near := len(abuse.Near(c)) > 0
		c.Generations30d = 0
		require.True(t, !near || abuse.MayBeNear(c))
	})
}
