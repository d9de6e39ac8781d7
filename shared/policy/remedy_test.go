package policy_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/policy"
)

func TestARemedyIsOfTheSameArmWhenItIsReadAgain(t *testing.T) {
	amount := money.Amount{Currency: "USD", Minor: 900}
	for name, remedy := range map[string]*policy.Remedy{
		"credits": policy.InCredits(3), "no credits": policy.InCredits(0), "money": policy.InMoney(amount),
		"both": policy.RemedyOf(3, &amount, ""), "neither": policy.RemedyOf(0, nil, ""),
	} {
		encoded, err := json.Marshal(remedy)
		require.NoError(t, err, name)
		var again policy.Remedy
		require.NoError(t, json.Unmarshal(encoded, &again), name)
		assert.Equal(t, remedy.Arm(), again.Arm(), name)
	}
}

func TestAnApprovalOfNoCreditsIsRefused(t *testing.T) {
	err := policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: policy.InCredits(0)}.Validate()
	require.Error(t, err)
	assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
}
