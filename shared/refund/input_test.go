package refund

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/money"
	"makegood/shared/policy"
)

// TestWhatIsHashedOfARequestStays holds the text that a stored hash was made of: were it written in
// another way, a request that is sent again would be taken for another one under its key.
func TestWhatIsHashedOfARequestStays(t *testing.T) {
	claim := Claim{
		Email: "bob@example.com", PaidAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), WholeDay: true, Amount: money.Amount{Currency: "USD", Minor: 1190},
		Reason: "twice", TransactionIDs: []string{"tx_1"}, Attachments: []string{"https://example.com/bill.pdf"},
	}
	require.Equal(t, `{"email":"bob@example.com","paid_at":"2026-03-01T12:00:00Z","whole_day":true,"amount":{"currency":"USD","minor":1190},`+
		`"reason":"twice","transaction_ids":["tx_1"],"attachments":["https://example.com/bill.pdf"]}`, inJSON(claim))
	report := Report{Output: 1, Statement: Statement{Description: "three hands", Issue: policy.IssueTaste, Usage: policy.UsageFacts{CommercialUse: true}}}
	require.Equal(t, []string{"gen_1", "1", "three hands", "taste", "{false true}"}, report.input("gen_1"))
	report.Statement.Region = &Region{X: 1, Y: 20, Width: 300, Height: 4}
	require.Equal(t, []string{"gen_1", "1", "three hands", "taste", "{false true}", "region {1 20 300 4}"}, report.input("gen_1"))
	for want, remedy := range map[string]*policy.Remedy{
		`{"outcome":"approved","clause":"P5.3"}`:                                                                         nil,
		`{"outcome":"approved","remedy":{"credits":4,"to":"balance"},"clause":"P5.3"}`:                                   policy.InCredits(4),
		`{"outcome":"approved","remedy":{"money":{"currency":"USD","minor":500},"to":"payment_method"},"clause":"P5.3"}`: policy.InMoney(money.Amount{Currency: "USD", Minor: 500}),
		`{"outcome":"approved","remedy":{"credits":4,"to":""},"clause":"P5.3"}`:                                          policy.RemedyOf(4, nil, ""),
	} {
		require.Equal(t, want, inJSON(policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: remedy, Clause: "P5.3"}))
	}
}
