package providertest_test

import (
	"fmt"
	"time"

	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider/providertest"
)

// A subject's Service answers from the account that Run hands it: Page for the list of events, Of
// for a look. Each test of the suite makes things happen there and asks the provider about them.
func ExampleAccount() {
	var account providertest.Account
	account.Happens(
		payment.Facts{Payment: "pi_1", Purchase: &payment.Purchase{Package: "starter"}},
		payment.Facts{Payment: "pi_1", RefundID: "re_1", Refund: &payment.Refund{Status: payment.RefundPending}},
		payment.Facts{Payment: "pi_1", RefundID: "re_1", Refund: &payment.Refund{
			Status: payment.RefundSucceeded, Amount: money.Amount{Currency: "USD", Minor: 100},
		}},
	)

	page, more := account.Page(time.Time{}, "")
	for _, event := range page {
		fmt.Println(event.ID, event.At.Format(time.TimeOnly), event.Facts.RefundID)
	}
	fmt.Println("more:", more)
	fmt.Println("today:", len(account.Of("pi_1")), "facts, the refund", account.Of("pi_1")[1].Refund.Status)
	// Output:
	// evt_2 12:00:02 re_1
	// evt_1 12:00:01 re_1
	// more: true
	// today: 2 facts, the refund succeeded
}
