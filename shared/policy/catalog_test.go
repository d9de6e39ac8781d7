package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

var _ payment.Catalog = (*policy.Policy)(nil)

func TestWhatIsSoldAndWhatExpiresIsReadFromTheRevisionOfTheInstant(t *testing.T) {
	source := everything(t)
	source.Name = "minimal"
	p, err := policy.New(revised(t, "2026-01-01"), source) // from 2026-03-01 on
	require.NoError(t, err)
	before, after := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	_, sold := p.Package("monthly", before)
	assert.False(t, sold)
	monthly, sold := p.Package("monthly", after)
	assert.True(t, sold)
	assert.Equal(t, ledger.Credits(1000), monthly.Credits)
	assert.Equal(t, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExpire, ExtendDays: 7}, p.ExpiredLot(before))
	assert.Equal(t, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExpire, ExtendDays: 14}, p.ExpiredLot(after))
	assert.True(t, p.GrantsUnpaid(before))
	goopter, err := policy.Open("goopter")
	require.NoError(t, err)
	assert.False(t, goopter.GrantsUnpaid(after))
	assert.Equal(t, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend, ExtendDays: 30}, goopter.ExpiredLot(after))
}

func TestADoubleChargeIsTheRevisionsOfTheInstant(t *testing.T) {
	source := everything(t)
	source.Name = "minimal"
	first := revised(t, "2026-01-01")
	p, err := policy.New(first, source) // from 2026-03-01 on
	require.NoError(t, err)
	require.NotEqual(t, first.Duplicates, source.Duplicates)
	for at, want := range map[time.Time]policy.Duplicates{
		time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC): first.Duplicates, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC): source.Duplicates,
	} {
		spans := p.DuplicateRule(at)
		assert.Equal(t, want, policy.Duplicates{Same: spans.Same, Look: spans.Look, Auto: spans.Repay})
	}
}

func TestNoLimitAsksForMoreGenerationsThanItNeeds(t *testing.T) {
	abuse := policy.Abuse{RequestsOver: 20, RefundsOverPercent: 30, FromGenerations: 10}
	assert.Zero(t, abuse.GenerationsNeeded(policy.CustomerFacts{Refunds30d: 3}), "three refunds are no third of ten")
	assert.Equal(t, 14, abuse.GenerationsNeeded(policy.CustomerFacts{Refunds30d: 4}))
	all := policy.Abuse{RequestsOver: 200, RefundsOverPercent: 100, FromGenerations: 100}
	assert.Equal(t, 102, all.GenerationsNeeded(policy.CustomerFacts{Refunds30d: 101}))
	assert.Zero(t, abuse.GenerationsNeeded(policy.CustomerFacts{Requests30d: 21, Refunds30d: 4}), "over the limit already")
	rapid.Check(t, func(t *rapid.T) {
		abuse := policy.Abuse{
			RequestsOver: rapid.IntRange(0, 5).Draw(t, "requests over"), RefundsOverPercent: rapid.IntRange(0, 100).Draw(t, "percent"),
			FromGenerations: rapid.IntRange(0, 20).Draw(t, "from"),
		}
		c := policy.CustomerFacts{
			Requests30d: rapid.IntRange(0, 6).Draw(t, "requests"), Refunds30d: rapid.IntRange(0, 10).Draw(t, "refunds"),
			Generations30d: rapid.IntRange(0, 1100).Draw(t, "generations"),
		}
		over := policy.OverLimits(abuse, c)
		c.Generations30d = min(c.Generations30d, abuse.GenerationsNeeded(c))
		require.Equal(t, over, policy.OverLimits(abuse, c))
	})
}
