package acceptance_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// resolve sends staff's decision about a payment, for the reason that it waits for, and demands the
// status.
func resolve(t *testing.T, payment string, decision object, want int) object {
	t.Helper()
	waits, _ := onRecord(t, payment)["waits"].(string)
	got := settles(t, payment, with(object{"waits": cmp.Or(waits, "repeated")}, decision), unique("key"))
	require.Equal(t, want, got.status, got.body)
	return got.body
}

// settles sends staff's decision about a payment under the key.
func settles(t *testing.T, payment string, decision object, key string) answer {
	t.Helper()
	return ask(t, "POST", "/v1/payments/"+payment+"/resolve", local.OperatorKey, with(object{"note": "looked at"}, decision), "Idempotency-Key", key)
}

func TestAPaymentThatIsNotUnderstoodWaitsForStaffAndTheirGrantIsMadeOnce(t *testing.T) {
	for reason, parked := range map[string]struct{ bought, grant object }{
		"wrong_amount":    {object{"amount_subtotal": 999, "amount_total": 999}, nil},
		"wrong_currency":  {object{"currency": "jpy"}, nil},
		"unknown_package": {object{"metadata": object{"package": "everything"}}, object{"package": "credits-100"}},
		"no_customer":     {object{"client_reference_id": nil}, object{}},
		"wrong_mode":      {object{"livemode": true}, nil},
		"unpaid":          {object{"payment_status": "unpaid"}, nil},
	} {
		t.Run(reason, func(t *testing.T) {
			alice, payment := unique("alice"), unique("pi")
			raw := session(alice, payment, parked.bought)
			if reason == "wrong_mode" {
				raw = []byte(strings.Replace(string(raw), `"livemode":false`, `"livemode":true`, 1)) // the event's own
			}
			require.Equal(t, 200, tell(t, raw).status)
			found := waitingPayment(t, "parked", payment)
			require.NotNil(t, found)
			require.Equal(t, []any{"parked", reason, 0.0}, []any{found["state"], found["waits"], found["granted"]})
			require.NotNil(t, found["waits_since"])
			wantBalance(t, alice, balance{})

			grant := with(object{"action": "grant"}, parked.grant)
			if reason == "no_customer" {
				require.Equal(t, "customer", resolve(t, payment, grant, 400)["fields"].([]any)[0])
				grant["customer"] = alice
			}
			require.Equal(t, map[int]int{200: 1, 409: 3}, atOnce(4, func(i int) int {
				different := with(grant, object{"waits": reason, "note": []string{"one", "two", "three", "four"}[i]})
				return settles(t, payment, different, unique("key")).status
			}))
			wantBalance(t, alice, balance{available: 100})
			shown := onRecord(t, payment)
			require.Equal(t, []any{"granted", alice, nil}, []any{shown["state"], shown["customer"], shown["waits"]})
			require.Len(t, shown["resolutions"], 1)
			decided := shown["resolutions"].([]any)[0].(object)
			require.Equal(t, []any{"grant", reason}, []any{decided["action"], decided["reason"]})
			require.NotEmpty(t, decided["by"])
			require.Nil(t, waitingPayment(t, "parked", payment))
			require.Equal(t, 200, tell(t, raw).status, "the provider tells of it again")
			wantBalance(t, alice, balance{available: 100})
			require.Len(t, statement(t, alice), 1)
		})
	}
}

func TestAParkedPaymentIsPaidBackOnceOrIgnored(t *testing.T) {
	payment := unique("pi")
	require.Equal(t, 200, tell(t, session("", payment, object{"client_reference_id": nil})).status)
	require.NotNil(t, waitingPayment(t, "parked", payment))
	key, refund := unique("key"), object{"action": "refund", "waits": "no_customer"}
	first := settles(t, payment, refund, key)
	require.Equal(t, 200, first.status, first.body)
	soon(t, "the money goes back", func() bool { return stack.Provider.RefundedMinor(payment) == 1000 })
	waitsFor(t, payment, "waits", nil)
	require.Equal(t, first.body, settles(t, payment, refund, key).body, "the same again is the same")
	require.Equal(t, "already_decided", resolve(t, payment, object{"action": "grant", "customer": unique("alice")}, 409)["code"])
	soon(t, "the queues drain", func() bool { return waiting(t, "PaymentRefundsQueue") == 0 })
	require.Len(t, stack.Provider.Refunds(payment), 1)

	alice, ignored := unique("alice"), unique("pi")
	require.Equal(t, 200, tell(t, session(alice, ignored, object{"amount_subtotal": 1, "amount_total": 1})).status)
	require.Equal(t, []any{"note"}, resolve(t, ignored, object{"action": "ignore", "note": " "}, 400)["fields"])
	resolve(t, ignored, object{"action": "ignore"}, 200)
	require.Nil(t, waitingPayment(t, "parked", ignored))
	resolve(t, ignored, object{"action": "refund"}, 409)
	wantBalance(t, alice, balance{})
	require.Empty(t, stack.Provider.Refunds(ignored))
}

func TestAnUnpaidPaymentIsListedAndGrantedWhenItIsPaid(t *testing.T) {
	for outcome, want := range map[string]struct {
		state string
		back  balance
	}{"succeeded": {"granted", balance{available: 100}}, "failed": {"failed", balance{}}} {
		t.Run(outcome, func(t *testing.T) {
			alice, payment := unique("alice"), unique("pi")
			require.Equal(t, 200, tell(t, session(alice, payment, object{"payment_status": "unpaid"})).status)
			require.Equal(t, "unpaid", waitingPayment(t, "parked", payment)["waits"])
			require.Equal(t, "action", resolve(t, payment, object{"action": "refund"}, 400)["field"], "nothing was paid")
			wantBalance(t, alice, balance{})
			status := map[string]string{"succeeded": "paid", "failed": "unpaid"}[outcome]
			later := strings.Replace(string(session(alice, payment, object{"payment_status": status})),
				"checkout.session.completed", "checkout.session.async_payment_"+outcome, 1)
			require.Equal(t, 200, tell(t, []byte(later)).status)
			wantBalance(t, alice, want.back)
			require.Equal(t, want.state, onRecord(t, payment)["state"])
			require.Nil(t, waitingPayment(t, "parked", payment))
		})
	}
}

func TestOnlyStaffSeeAndResolvePayments(t *testing.T) {
	payment := purchase(t, unique("alice"), time.Now())
	for _, bearer := range []string{local.AppKey, token(t, unique("alice"))} {
		require.Equal(t, 403, ask(t, "GET", "/v1/payments?state=parked", bearer, nil).status)
		require.Equal(t, 403, ask(t, "GET", "/v1/payments/"+payment, bearer, nil).status)
		require.Equal(t, 403, ask(t, "POST", "/v1/payments/"+payment+"/resolve", bearer, object{"action": "ignore", "waits": "unpaid", "note": "mine"},
			"Idempotency-Key", unique("key")).status)
	}
	require.Equal(t, 404, ask(t, "GET", "/v1/payments/"+unique("pi"), local.OperatorKey, nil).status)
}
