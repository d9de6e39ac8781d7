package acceptance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

// onRecord returns the payment as staff see it.
func onRecord(t *testing.T, payment string) object {
	t.Helper()
	return asStaff(t, "GET", "/v1/payments/"+payment, nil, 200)
}

// waitsFor waits until the payment is on record with the value in the field.
func waitsFor(t *testing.T, payment, field string, want any) {
	t.Helper()
	var got any
	soon(t, field+" of the payment changes", func() bool {
		got = onRecord(t, payment)[field]
		return got == want
	})
}

// handed gives money back at the provider's dashboard, 0 all that is left, and returns the refund.
func handed(t *testing.T, payment string, minor int64) string {
	t.Helper()
	made, err := stack.Provider.DashboardRefund(payment, minor)
	require.NoError(t, err)
	return made.ID
}

// moveRefund has the provider change its mind about a refund.
func moveRefund(t *testing.T, id, status string) {
	t.Helper()
	_, err := stack.Provider.MoveRefund(id, status)
	require.NoError(t, err)
}

// meets has the provider's next calls and events about the payment meet the faults.
func meets(t *testing.T, payment string, faults ...standin.Fault) {
	t.Helper()
	for _, fault := range faults {
		fault.Payment = payment
		require.NoError(t, stack.Provider.Fault(fault))
	}
}

// kept returns the credits of the shop's package that are left when so much of its 10.00 USD went
// back.
func kept(cents int) balance {
	credits := shops[policy].credits
	return balance{available: float64(credits - (credits*cents+999)/1000)}
}

func TestWhatIsRefundedAtTheProviderTakesItsShareRoundedUpAndComesBackWhenItFails(t *testing.T) {
	underEach(t, func(t *testing.T) {
		alice := unique("alice")
		payment := purchase(t, alice, time.Now())
		half := handed(t, payment, 500)
		wantBalance(t, alice, kept(500))
		cent := handed(t, payment, 1)
		wantBalance(t, alice, kept(501))
		moveRefund(t, cent, "failed")
		wantBalance(t, alice, kept(500))
		moveRefund(t, half, "failed")
		wantBalance(t, alice, kept(0))
		require.Equal(t, []any{0.0, nil}, []any{onRecord(t, payment)["taken"], onRecord(t, payment)["gone_back"]})
		for _, row := range statement(t, alice) {
			require.Equal(t, payment, row["payment"], "every line names its payment")
		}
	})
}

func TestPartialRefundsTakeTheShareOfTheirSum(t *testing.T) {
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	handed(t, payment, 333)
	wantBalance(t, alice, balance{available: 66})
	handed(t, payment, 333)
	wantBalance(t, alice, balance{available: 33}) // 666 of 1000: 67, not twice 34
	handed(t, payment, 0)
	wantBalance(t, alice, balance{})
	found := onRecord(t, payment)
	require.Equal(t, []any{100.0, object{"currency": "USD", "minor": 1000.0}}, []any{found["taken"], found["gone_back"]})
}

func TestARefundOfWhichOnlyTheCountWasHeardIsLookedUp(t *testing.T) {
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	meets(t, payment, standin.Fault{Kind: standin.FaultWebhookLost})
	id := handed(t, payment, 300)
	require.Equal(t, 200, tell(t, event("charge.refunded", object{
		"id": "ch_" + payment, "object": "charge", "payment_intent": payment, "amount": 1000, "amount_refunded": 300, "currency": "usd",
		"refunded": false, "created": time.Now().Unix(),
	})).status)
	wantBalance(t, alice, balance{available: 70})
	require.Equal(t, []any{object{"id": id, "amount": object{"currency": "USD", "minor": 300.0}, "status": "succeeded"}}, onRecord(t, payment)["refunds"])
	require.Empty(t, stack.Provider.Calls(payment).Refunds, "it was asked about, and nothing was asked for")
}

func TestARefundHeardBeforeItsPurchaseEndsLevel(t *testing.T) {
	underEach(t, func(t *testing.T) {
		alice, payment := unique("alice"), unique("pi")
		early := refunded(payment, 501)
		require.Equal(t, 200, tell(t, early).status)
		wantBalance(t, alice, balance{})
		bought := session(alice, payment)
		for range 2 {
			require.Equal(t, 200, tell(t, bought).status)
			wantBalance(t, alice, kept(501))
			require.Equal(t, 200, tell(t, early).status)
		}
		wantBalance(t, alice, kept(501))
	})
}

// orders calls with every order of n things.
func orders(n int, with func(order []int)) {
	var next func(order []int)
	next = func(order []int) {
		if len(order) == n {
			with(order)
		}
		for i := range n {
			if !slices.Contains(order, i) {
				next(append(slices.Clone(order), i))
			}
		}
	}
	next(nil)
}

func TestWhatIsHeardOfAPaymentMayComeInAnyOrder(t *testing.T) {
	told := map[string]string{} // by customer: the payment
	orders(4, func(order []int) {
		alice, payment := unique("alice"), unique("pi")
		refund := func(id, kind, status string, minor int) []byte {
			return event(kind, object{
				"id": id + payment, "object": "refund", "amount": minor, "currency": "usd", "payment_intent": payment, "status": status,
				"created": time.Now().Unix(),
			})
		}
		events := [][]byte{
			session(alice, payment), refund("re_failed", "refund.created", "pending", 300), refund("re_failed", "refund.failed", "failed", 300),
			refund("re_paid", "refund.created", "succeeded", 200),
		}
		for _, i := range append(order, order[0]) {
			require.Equal(t, 200, tell(t, events[i]).status)
		}
		told[alice] = payment
	})
	require.Len(t, told, 24)
	for alice := range told {
		wantBalance(t, alice, balance{available: 80})
	}
}

// spend makes pictures of that many outputs each; under photoroom an output costs 4 credits.
func spend(t *testing.T, customer string, outputs ...int) {
	t.Helper()
	for _, n := range outputs {
		picture(t, customer, object{"outputs": n})
	}
}

func TestSpentCreditsAreOwedAndNettedByTheNextPurchase(t *testing.T) {
	alice := unique("alice")
	first := purchase(t, alice, time.Now().Add(-2*time.Hour))
	spend(t, alice, 8, 8, 8)
	wantBalance(t, alice, balance{available: 4})
	refund := handed(t, first, 0)
	wantBalance(t, alice, balance{owed: 96})
	require.Equal(t, []any{100.0, 96.0}, []any{onRecord(t, first)["taken"], onRecord(t, first)["owed"]})

	second := purchase(t, alice, time.Now())
	wantBalance(t, alice, balance{available: 4})
	require.Zero(t, onRecord(t, first)["owed"])
	rows := map[string][]any{}
	for _, row := range statement(t, alice) {
		if row["from"] == "owed" || row["to"] == "owed" {
			rows[row["from"].(string)+" → "+row["to"].(string)] = []any{row["amount"], row["payment"]}
		}
	}
	require.Equal(t, map[string][]any{"owed → issued": {96.0, first}, "available → owed": {96.0, first}}, rows, "the statement shows the debt, and what paid it")

	moveRefund(t, refund, "failed")
	wantBalance(t, alice, balance{available: 104}) // what paid the debt comes back
	handed(t, second, 0)
	wantBalance(t, alice, balance{available: 4})
}
