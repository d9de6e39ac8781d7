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
	revision := published.Revisions()[0]
	found, approved := Snapshot{Generation: &generation.Generation{}}, policy.Decision{Outcome: policy.OutcomeApproved}
	money := Effect{Case: Case{Kind: policy.KindBadResult}}
	money.guardUse(found, approved, revision)
	require.Same(t, found.Generation, money.Used)
	credits := Effect{Case: Case{Kind: policy.KindBadResult}, Generation: &Change[generation.Generation]{}}
	credits.guardUse(found, approved, revision)
	require.Nil(t, credits.Used, "one transaction writes an item once")
}
