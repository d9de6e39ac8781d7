package fake_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider/fake"
)

func TestAnOrderGetsWhatIsLeftAndItsKeyThatAnswerForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var account fake.Account
		account.Happens(payment.Facts{Payment: "pi_1", Purchase: &payment.Purchase{Paid: 500}}, time.Time{})
		answers := map[payment.RefundOrder]payment.Facts{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			// A bank that comes and goes in between: what it holds is not refunded.
			status := rapid.SampledFrom([]payment.DisputeStatus{payment.DisputeInquiryOpen, payment.DisputeOpen, payment.DisputeWon}).Draw(t, "dispute")
			account.Happens(payment.Facts{Payment: "pi_1", DisputeID: rapid.SampledFrom([]string{"dp_1", "dp_2"}).Draw(t, "which"), Dispute: &payment.Dispute{
				Amount: money.Amount{Minor: 100}, Status: status,
			}}, time.Time{})
			order := payment.RefundOrder{
				Payment: "pi_1", Key: rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(t, "key"),
				Amount: money.Amount{Minor: rapid.Int64Range(1, 300).Draw(t, "minor")},
			}
			rest := account.Left("pi_1")
			facts, refusal := account.Refund(order, payment.RefundPending, "", time.Time{})
			if first, again := answers[order]; again {
				require.Equal(t, first, facts)
				require.Equal(t, rest, account.Left("pi_1"))
			} else if refusal == "" {
				require.Equal(t, rest-order.Amount.Minor, account.Left("pi_1"))
				answers[order] = facts
			}
			require.GreaterOrEqual(t, account.Left("pi_1"), min(rest, 0))
		}
		require.Len(t, slices.DeleteFunc(account.Of("pi_1"), func(f payment.Facts) bool { return f.Refund == nil }), len(answers))
	})
}

func TestEventsEndTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var books fake.Books[struct{}]
		for _, status := range rapid.Permutation(fake.RefundStatuses).Draw(t, "refunds") {
			books.EnterRefund(fake.Refund{ID: "re_1", Payment: "pi_1", Status: status, Minor: 1})
		}
		for _, status := range rapid.Permutation(fake.DisputeStatuses).Draw(t, "disputes") {
			books.EnterDispute(fake.Dispute{ID: "dp_1", Payment: "pi_1", Status: status, Minor: 1})
		}
		require.Equal(t, fake.StatusFailed, books.Refund("re_1").Status)
		require.Equal(t, fake.StatusWon, books.DisputesOf("pi_1")[0].Status)
	})
}
