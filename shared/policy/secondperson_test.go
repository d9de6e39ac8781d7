package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestASecondPersonConfirmsMoneyAboveTheLimitOfItsOwnCurrency(t *testing.T) {
	rev, err := policyfile.Parse("every.yaml", []byte(read(t, "testdata/working_every_condition.yaml")))
	require.NoError(t, err)
	rule := rev.SecondPerson
	of := func(currency string, minor int64) *money.Amount {
		return &money.Amount{Currency: currency, Minor: minor}
	}
	assert.False(t, rule.Confirms(false, nil), "no money goes back")
	assert.False(t, rule.Confirms(false, of("USD", 5000)), "the limit itself is one person's")
	assert.True(t, rule.Confirms(false, of("USD", 5001)))
	assert.True(t, rule.Confirms(false, of("EUR", 1)))
	assert.True(t, rule.Confirms(false, of("GBP", 1)), "a currency that nobody named")
	assert.True(t, rule.Confirms(true, nil), "an appeal")
	assert.Equal(t, []money.Amount{{Currency: "EUR"}, {Currency: "USD", Minor: 5000}}, rule.Limits())
}

func TestAPolicyWithoutTheSectionAsksForNoSecondPerson(t *testing.T) {
	for _, name := range policy.Names() {
		p, err := policy.Open(name)
		require.NoError(t, err)
		for _, rev := range p.Revisions() {
			rapid.Check(t, func(t *rapid.T) {
				amount := &money.Amount{Currency: "USD", Minor: rapid.Int64Min(0).Draw(t, "minor")}
				assert.False(t, rev.SecondPerson.Confirms(rapid.Bool().Draw(t, "appeal"), amount))
			})
		}
	}
}
