package payment_test

import (
	"fmt"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// 500 were paid for 50 credits. Case A was promised 200, and its refund is pending. Case B got
// credits in place of 100. Staff refunded 50 at the provider's dashboard.
func ExampleTarget() {
	usd := func(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }
	p := payment.Payment{
		Purchase: &payment.Purchase{Subtotal: usd(500), Paid: 500, Status: payment.StatusPaid},
		State:    payment.StateGranted,
		Clawback: ledger.Clawback{Granted: 50},
		Promised: map[string]payment.Promise{
			"cas_A": {Minor: 200, Money: true, Credits: 20, Attempts: 1},
			"cas_B": {Minor: 100, Attempts: 1},
		},
		Refunds: map[string]payment.Refund{
			"re_1": {Amount: usd(200), Status: payment.RefundPending, Case: "cas_A"},
			"re_2": {Amount: usd(50), Status: payment.RefundSucceeded},
		},
	}
	fmt.Println("given back in total:", p.RefundTotal())
	fmt.Println("can still go back:", p.Refundable().Minor)
	// Case A's 20 credits, and a tenth of 50 for the tenth of the money that staff refunded.
	fmt.Println("credits to take back:", payment.Target(p))
	// Output:
	// given back in total: 350
	// can still go back: 150
	// credits to take back: 25
}
