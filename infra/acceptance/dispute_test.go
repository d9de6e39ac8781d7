package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// dispute has the customer's bank dispute the whole payment, or move on with it.
func dispute(t *testing.T, payment, status string) {
	t.Helper()
	_, err := stack.Provider.Dispute(payment, 0, status)
	require.NoError(t, err)
	require.NoError(t, stack.Provider.Settled(t.Context(), payment), "it is told")
}

func TestADisputeTakesAllAndAWinReturnsIt(t *testing.T) {
	underEach(t, func(t *testing.T) {
		for name, moves := range map[string][]string{
			"won": {"needs_response", "under_review", "won"}, "won after it was lost": {"needs_response", "lost", "won"},
		} {
			alice := unique("alice")
			payment := purchase(t, alice, time.Now())
			for _, status := range moves[:len(moves)-1] {
				dispute(t, payment, status)
				wantBalance(t, alice, balance{})
			}
			dispute(t, payment, moves[len(moves)-1])
			wantBalance(t, alice, kept(0))
			require.Len(t, onRecord(t, payment)["disputes"], 1, name)
		}
	})
}

func TestADisputedPartTakesItsShareAndALossKeepsIt(t *testing.T) {
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	_, err := stack.Provider.Dispute(payment, 250, "needs_response")
	require.NoError(t, err)
	wantBalance(t, alice, balance{available: 75})
	dispute(t, payment, "lost")
	waitsForDispute(t, payment, "lost")
	wantBalance(t, alice, balance{available: 75})
}

// waitsForDispute waits until the only dispute of the payment is on record with the status.
func waitsForDispute(t *testing.T, payment, status string) {
	t.Helper()
	soon(t, "the dispute is "+status, func() bool {
		disputes := onRecord(t, payment)["disputes"].([]any)
		return len(disputes) == 1 && disputes[0].(object)["status"] == status
	})
}

func TestAnInquiryMovesNothing(t *testing.T) {
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	for _, status := range []string{"warning_needs_response", "warning_under_review", "warning_closed"} {
		dispute(t, payment, status)
		require.Len(t, onRecord(t, payment)["disputes"], 1, "it is on record")
		wantBalance(t, alice, balance{available: 100})
	}
	require.Len(t, statement(t, alice), 1)
}

func TestNoMoneyIsGivenBackThatABankHolds(t *testing.T) {
	alice, payment, caseID := claimed(t)
	_, err := stack.Provider.Dispute(payment, 250, "needs_response") // 7.50 USD are left
	require.NoError(t, err)
	wantBalance(t, alice, balance{available: 75})
	refused := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, with(threeDollars(), object{"note": "seen"}), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{409, "not_possible", "disputed"}, []any{refused.status, refused.body["code"], refused.body["waits"]})
	require.Zero(t, stack.Provider.Calls(payment).Refunds)
	require.NotNil(t, onDesk(t, caseID))

	dispute(t, payment, "won")
	wantBalance(t, alice, balance{available: 100})
	rule(t, caseID, threeDollars())
	paidBack(t, alice, payment, caseID)
}

func TestADisputeBetweenVerdictAndPaymentStopsThePayment(t *testing.T) {
	for name, told := range map[string]bool{"and we hear of it first": true, "and the provider tells us no": false} {
		t.Run(name, func(t *testing.T) {
			alice, payment, caseID := claimed(t)
			operation := "POST /v1/refunds"
			if told {
				operation = "BatchGetItem"
			}
			during(t, "pay-refund", operation, 1, func(_ local.Call, forward func() local.Reply) local.Reply {
				_, _ = stack.Provider.Dispute(payment, 0, "needs_response")
				if told {
					_ = stack.Provider.Settled(t.Context(), payment)
				}
				return forward()
			}, payment)
			rule(t, caseID, threeDollars())
			notPaid(t, caseID)
			wantBalance(t, alice, balance{}) // the promise took 30, and the bank all
			require.Empty(t, stack.Provider.Refunds(payment))
			dispute(t, payment, "won")
			wantBalance(t, alice, balance{available: 100})
			rule(t, caseID, threeDollars())
			paidBack(t, alice, payment, caseID)
		})
	}
}
