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

func TestStaffMayGiveCreditsInPlaceOfTheMoneyForAnOutage(t *testing.T) {
	paid := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ spent, want ledger.Credits }{
		"nothing spent": {0, 300}, "a third": {100, 200}, "all but one": {299, 1},
	} {
		f := policy.Facts{
			Policy: "goopter", Kind: policy.KindOutage, RequestedAt: paid.Add(200 * time.Hour),
			Purchase: &policy.PurchaseFacts{
				ID: "pur_1", Package: "pro", PaidAt: paid, Amount: money.Amount{Currency: "USD", Minor: 2000}, Credits: 300, CreditsSpent: c.spent, Credited: true,
			},
			Outage: &policy.OutageFacts{StartedAt: paid.Add(time.Hour), EndedAt: instant(2026, 11, 15, 0, 0), PreventedUse: true, InCredits: true},
		}
		d := decide(t, f)
		require.Equal(t, policy.OutcomeApproved, d.Outcome, name)
		assert.Equal(t, policy.InCredits(c.want), d.Remedy, name)
		assert.Nil(t, d.PayBy, name)
		f.Outage.InCredits = false
		assert.Equal(t, policy.ArmMoney, decide(t, f).Remedy.Arm(), name)
	}
}
