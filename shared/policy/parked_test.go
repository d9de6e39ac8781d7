package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

func TestAPurchaseThatWaitsIsAPersonsUnderTheClauseThatFits(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for kind, want := range map[string]string{
		"goopter not_credited": "in_review G2.1", "goopter duplicate_charge": "in_review G2.2", "goopter change_of_mind": "in_review X3",
		"popcustoms abnormal_charge": "in_review P3.8", "popcustoms not_credited": "in_review X3", "photoroom not_credited": "in_review X3",
	} {
		var name, asked string
		for i := range kind {
			if kind[i] == ' ' {
				name, asked = kind[:i], kind[i+1:]
			}
		}
		f := policy.Facts{Kind: policy.Kind(asked), RequestedAt: at, Purchase: &policy.PurchaseFacts{
			ID: "pi_1", PaidAt: at, Amount: money.Amount{Currency: "USD", Minor: 1900}, Parked: "wrong_amount", DuplicateOf: "pi_0",
		}}
		d, err := policy.Decide(shipped(t, name), f)
		require.NoError(t, err)
		assert.Equal(t, want, string(d.Outcome)+" "+d.Clause, kind)
		assert.NotEmpty(t, d.Reason, kind)
		assert.Nil(t, d.Remedy)
		f.Customer.Standing = ledger.StandingTerminated
		d, err = policy.Decide(shipped(t, name), f)
		require.NoError(t, err)
		assert.Equal(t, policy.OutcomeInReview, d.Outcome, kind)
	}
	f := policy.Facts{Kind: policy.KindNotCredited, RequestedAt: at, Purchase: &policy.PurchaseFacts{
		PaidAt: at, Amount: money.Amount{Currency: "USD", Minor: 1900}, Parked: "wrong_amount", Refunded: &money.Amount{Currency: "USD", Minor: 1900},
	}}
	d, err := policy.Decide(shipped(t, "goopter"), f)
	require.NoError(t, err)
	assert.Equal(t, "X1", d.Clause, "its money went back already")
	f.Purchase.Credited = true
	_, err = policy.Decide(shipped(t, "goopter"), f)
	requireFault(t, err, "purchase.parked")
}
