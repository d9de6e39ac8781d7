package payment_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// key returns the idempotency key of an attempt to pay cas_1 back of pi_1, counted from 1.
func key(attempt int) string { return keyOf("pi_1", attempt) }

func keyOf(id payment.ID, attempt int) string {
	first := ledger.HashID("cas_1-", 10, string(id))
	if attempt == 1 {
		return first
	}
	return fmt.Sprintf("%s-%d", first, attempt)
}

// adapter keeps provider/README.md's word: the same answer to the same key, and no second refund.
type adapter struct {
	answers map[string]payment.Facts
	money   map[payment.ID]int64
}

func (a *adapter) Look(context.Context, payment.ID) ([]payment.Facts, error) { return nil, nil }

func (a *adapter) List(context.Context, time.Time, string) (payment.Listing, error) {
	return payment.Listing{NoList: true}, nil
}

func (a *adapter) Refund(_ context.Context, order payment.RefundOrder) (payment.Facts, error) {
	answer, again := a.answers[order.Key]
	if !again {
		a.money[order.Payment] += order.Amount.Minor
		answer = payment.Facts{RefundID: "rf_" + string(order.Payment), Refund: &payment.Refund{
			Amount: order.Amount, Status: payment.RefundSucceeded, Case: order.Case,
		}}
		a.answers[order.Key] = answer
	}
	answer.Payment, answer.Provider = order.Payment, "stripe" // as the standard room has it
	return answer, nil
}

func TestOneCaseIsPaidBackOfASecondPaymentUnderAKeyOfItsOwn(t *testing.T) {
	d, bank := repeatDesk(t, false), &adapter{map[string]payment.Facts{}, map[payment.ID]int64{}}
	settler := payment.Settler{Receiver: d.Receiver, Gateways: map[string]payment.Gateway{"stripe": bank}, Requests: newBank()}
	d.hears(buys("pi_0", time.Minute), buys("pi_1", 0))
	settles := func(id payment.ID) {
		d.judges(d.payment(id).Promise("cas_1", payment.Promise{Minor: 500, Money: true}, noon))
		require.NoError(t, settler.Settle(context.Background(), id, noon))
	}
	settles("pi_1")
	failure := refunded("rf_pi_1", 500, payment.RefundFailed)
	failure.Refund.Case = "cas_1"
	d.hears(failure)
	require.Equal(t, payment.ProgressFailed, d.payment("pi_1").Progress("cas_1"))
	settles("pi_0") // staff rule on the other candidate
	require.Equal(t, payment.ProgressPaid, d.payment("pi_0").Progress("cas_1"))
	require.EqualValues(t, 500, bank.money["pi_0"], "what is booked as paid is paid")
	require.Contains(t, bank.answers, keyOf("pi_0", 1))
}
