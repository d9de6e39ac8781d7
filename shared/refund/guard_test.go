package refund

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/policy"
)

func TestAGenerationThatIsWrittenIsNotGuardedBesideThat(t *testing.T) {
	published, err := policy.Open("popcustoms")
	require.NoError(t, err)
	var v decision
	v.snapshot.Generation = &generation.Generation{}
	v.verdict.Outcome, v.facts.revision = policy.OutcomeApproved, published.Revisions()[0]
	money := Effect{Case: Case{Kind: policy.KindBadResult}}
	money.guardUse(v)
	require.Same(t, v.snapshot.Generation, money.Used)
	credits := Effect{Case: Case{Kind: policy.KindBadResult}, Generation: &Change[generation.Generation]{}}
	credits.guardUse(v)
	require.Nil(t, credits.Used, "one transaction writes an item once")
}
