package view

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func TestTheOutputThatTheCaseIsAboutIsLinked(t *testing.T) {
	two := &generation.Result{Outputs: []generation.Output{{URL: "https://images.example/0.png"}, {URL: "https://images.example/1.png"}}}
	output, input := links(refund.Case{Kind: policy.KindBadResult, Output: 1}, two)
	require.NotNil(t, output)
	assert.Equal(t, api.ResultOutput{URL: "https://images.example/1.png"}, *output)
	assert.Nil(t, input)
	output, _ = links(refund.Case{Kind: policy.KindTechnicalFailure}, two)
	assert.Nil(t, output, "a failure is about no output")
	output, input = links(refund.Case{Kind: policy.KindBadResult}, nil)
	assert.Nil(t, output)
	assert.Nil(t, input)
}

func TestTheListShowsWhatColleaguesNotedAndHoldsNothingAgainstAnUnknownCustomer(t *testing.T) {
	shown := Known{}.Listed(refund.Case{History: []refund.Event{{Actor: ledger.ActorStaff, Note: "ask the model team"}}})
	assert.Equal(t, "ask the model team", shown.History[0].Note)
	assert.Equal(t, api.CaseFacts{Customer: api.CustomerFacts{Standing: api.StandingGood}}, *shown.Facts)
	assert.Equal(t, api.StandingGood, counts(&policy.CustomerFacts{}).Standing)
	assert.Equal(t, api.StandingRestricted, counts(&policy.CustomerFacts{Standing: ledger.StandingRestricted}).Standing)
}
