package acceptance_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// parks has a purchase of another price than its package's told, and returns the payment.
func parks(t *testing.T, customer string, change ...object) string {
	t.Helper()
	payment := unique("pi")
	require.Equal(t, 200, tell(t, session(customer, payment, with(object{"amount_subtotal": 999}, change...))).status)
	require.Equal(t, "parked", onRecord(t, payment)["state"])
	return payment
}

// asyncOf returns the event that ends an unpaid session.
func asyncOf(customer, payment, outcome string) []byte {
	status := map[string]string{"succeeded": "paid", "failed": "unpaid"}[outcome]
	return []byte(strings.Replace(string(session(customer, payment, object{"payment_status": status})),
		"checkout.session.completed", "checkout.session.async_payment_"+outcome, 1))
}

func TestAResolutionSaysWhatItResolvesAndIsAnsweredTheSameForEver(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	purchase(t, alice, time.Now().Add(-time.Minute))
	payment := parks(t, alice)
	grant := object{"action": "grant", "waits": "wrong_amount"}
	require.Equal(t, "waits", settles(t, payment, object{"action": "grant"}, unique("key")).body["field"])
	require.Equal(t, 400, ask(t, "POST", "/v1/payments/"+payment+"/resolve", local.OperatorKey, with(grant, object{"note": "n"})).status, "without a key")
	stale := settles(t, payment, object{"action": "refund", "waits": "unpaid"}, unique("key"))
	require.Equal(t, []any{409, "reason_changed", "wrong_amount"}, []any{stale.status, stale.body["code"], stale.body["waits"]})

	key := unique("key")
	first := settles(t, payment, grant, key)
	require.Equal(t, 200, first.status, first.body)
	late := settles(t, payment, object{"action": "refund", "waits": "wrong_amount"}, unique("key")) // 30 ms later, on a stale screen
	require.Equal(t, 409, late.status, late.body)
	require.Contains(t, []any{"reason_changed", "already_decided"}, late.body["code"])
	require.Equal(t, "idempotency_key_reused", settles(t, payment, with(grant, object{"note": "another"}), key).body["code"])

	handed(t, payment, 500)
	waitsForTaken := func() bool { return onRecord(t, payment)["taken"].(float64) > 0 }
	soon(t, "half goes back at the provider", waitsForTaken)
	before := onRecord(t, payment)
	again := settles(t, payment, grant, key)
	require.Equal(t, []any{200, "true"}, []any{again.status, again.header.Get("Idempotent-Replayed")})
	require.Equal(t, first.body, again.body)
	require.Equal(t, before, onRecord(t, payment), "a replay moves nothing")
}

func TestWhatStaffIgnoredStaysIgnoredAndReconcileKeepsSilent(t *testing.T) {
	under(t, "goopter")
	alice, first, second := doubly(t)
	resolve(t, second, object{"action": "ignore", "note": "she wanted two"}, 200)
	refund := handed(t, second, 500)
	soon(t, "a part goes back", func() bool { return onRecord(t, second)["gone_back"] != nil })
	moveRefund(t, refundOf(t, second, refund), "failed")
	soon(t, "and comes again", func() bool { return onRecord(t, second)["gone_back"] == nil })
	require.Equal(t, 200, tell(t, session(alice, second)).status)
	require.Nil(t, onRecord(t, second)["waits"])
	require.Nil(t, waitingPayment(t, "repeated", second))

	unpaid := parks(t, alice, object{"amount_subtotal": 1000, "payment_status": "unpaid"})
	resolve(t, unpaid, object{"action": "grant", "note": "she is known to us"}, 200)
	out, _ := makegood(t, "reconcile", "--json")
	var differences []object
	require.NoError(t, json.Unmarshal([]byte(out), &differences))
	for _, difference := range differences {
		require.NotContains(t, []any{first, second, unpaid}, difference["payment"], "%v", difference)
	}
	decisions := onRecord(t, second)["resolutions"].([]any)
	require.Len(t, decisions, 1)
	require.Equal(t, []any{"ignore", "repeated", "she wanted two"},
		[]any{decisions[0].(object)["action"], decisions[0].(object)["reason"], decisions[0].(object)["note"]})
}

func TestCreditsGivenForMoneyThatNeverCameAreTakenBack(t *testing.T) {
	alice := unique("alice")
	payment := parks(t, alice, object{"amount_subtotal": 1000, "payment_status": "unpaid"})
	resolve(t, payment, object{"action": "grant"}, 200)
	granted := kept(0).available
	wantBalance(t, alice, balance{available: granted})
	id := picture(t, alice)
	spent := asApp(t, "GET", "/v1/generations/"+id, nil, 200)["price"].(float64)
	require.Equal(t, 200, tell(t, asyncOf(alice, payment, "failed")).status)
	require.Equal(t, "payment_failed", onRecord(t, payment)["waits"])
	resolve(t, payment, object{"action": "refund"}, 400)
	taken := resolve(t, payment, object{"action": "take_back", "note": "the bank refused the debit"}, 200)
	require.Equal(t, []any{granted, spent, nil}, []any{taken["taken"], taken["owed"], taken["waits"]})
	wantBalance(t, alice, balance{owed: spent})
	reasons := map[any]float64{}
	for _, row := range statement(t, alice) {
		if row["payment"] == payment {
			reasons[row["reason"]] += row["amount"].(float64)
		}
	}
	require.Equal(t, map[any]float64{"purchase": granted, "payment_take_back": granted}, reasons)
	require.Equal(t, 200, tell(t, asyncOf(alice, payment, "succeeded")).status)
	wantBalance(t, alice, balance{available: granted - spent})
}

func TestNoPathGrantsOnePaymentTwice(t *testing.T) {
	under(t, "goopter")
	for name, remedy := range map[string]object{"all of it again": {"credits": shops["goopter"].credits}, "one credit more": {"credits": 1}} {
		t.Run(name, func(t *testing.T) {
			alice := unique("alice")
			payment := parks(t, alice)
			caseID := request(t, "not_credited", alice, payment)
			decided(t, caseID, "in_review", "G2.1")
			resolve(t, payment, object{"action": "grant"}, 200)
			ruled := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey,
				object{"outcome": "approved", "remedy": remedy, "note": "she has none"}, "Idempotency-Key", unique("key"))
			require.Contains(t, []int{200, 409}, ruled.status, ruled.body)
			soon(t, "the ruling is carried out, or given back", func() bool {
				ruled := matter(t, caseID)
				return waiting(t, "RefundRequestsQueue") == 0 && (ruled["state"] != "in_review" || ruled["ruling"] == nil)
			})
			require.Equal(t, 200, tell(t, session(alice, payment)).status)
			sweep(t)
			wantBalance(t, alice, kept(0))
			require.Len(t, statement(t, alice), 1)
			require.Equal(t, object{"credits": 120.0, "to": "balance"}, decided(t, caseID, "approved", "G2.1")["decision"].(object)["remedy"], "as the desk granted it")
			wantBalance(t, alice, kept(0))
		})
	}
}

func TestTenStaffTwoClaimsAndTheWebhookAtOnceOnOneParkedPaymentHaveOneOutcomeAndOneTelling(t *testing.T) {
	under(t, "goopter")
	for round := range 3 {
		alice := unique("alice")
		payment := parks(t, alice)
		cases := make([]string, 2)
		answers := make([]answer, 10)
		counts := atOnce(13, func(i int) int {
			switch {
			case i < 10:
				action := []string{"grant", "refund"}[i%2]
				answers[i] = settles(t, payment, object{"action": action, "waits": "wrong_amount", "note": fmt.Sprint(action, i)}, unique("key"))
				return answers[i].status
			case i < 12:
				opened := ask(t, "POST", "/v1/refund-requests", local.AppKey,
					claim([]string{"not_credited", "abnormal_charge"}[i-10], alice, payment), "Idempotency-Key", unique("key"))
				cases[i-10], _ = opened.body["case"].(string)
				return opened.status
			default:
				return tell(t, session(alice, payment, object{"amount_subtotal": 999})).status
			}
		})
		require.Equal(t, map[int]int{200: 2, 202: 2, 409: 9}, counts, "one of the ten, and the webhook")
		shown := onRecord(t, payment)
		require.Len(t, shown["resolutions"], 1, "one outcome")
		winner := shown["resolutions"].([]any)[0].(object)
		for i, a := range answers {
			if a.status == 200 {
				require.Equal(t, fmt.Sprint(winner["action"], i), winner["note"])
			}
		}
		for _, caseID := range cases {
			soon(t, "each claim is decided", func() bool { return matter(t, caseID)["decision"] != nil })
		}
		soon(t, "the queues drain", func() bool {
			return waiting(t, "RefundRequestsQueue")+waiting(t, "NoticesQueue")+waiting(t, "PaymentRefundsQueue") == 0
		})
		if winner["action"] == "grant" {
			wantBalance(t, alice, kept(0))
			require.Empty(t, stack.Provider.Refunds(payment))
			require.Len(t, statement(t, alice), 1)
		} else {
			soon(t, "the money goes back", func() bool { return stack.Provider.RefundedMinor(payment) == 1000 })
			wantBalance(t, alice, balance{})
			require.Len(t, stack.Provider.Refunds(payment), 1)
		}
		for _, caseID := range cases {
			soon(t, "the app is told by one message", func() bool { return told(t, caseID, matter(t, caseID)["notice"].(string)) == 1 }) // what staff do ends a claim in review
		}
		t.Log(round, winner["note"])
	}
}

func TestTheNameOfAnOperatorKeyStandsBesideWhatItsHolderDecided(t *testing.T) {
	alice := unique("alice")
	payment := parks(t, alice)
	left := ask(t, "POST", "/v1/payments/"+payment+"/resolve", local.OperatorKey2, object{"action": "ignore", "waits": "wrong_amount", "note": "a test"},
		"Idempotency-Key", unique("key"))
	require.Equal(t, 200, left.status, left.body)
	require.Equal(t, "operator-2", onRecord(t, payment)["resolutions"].([]any)[0].(object)["by"])
	for key, name := range map[string]string{local.OperatorKey: "operator", local.OperatorKey2: "operator-2"} {
		set := ask(t, "PUT", "/v1/customers/"+alice+"/standing", key, object{"standing": "restricted", "note": "seen by " + name})
		require.Equal(t, 200, set.status, set.body)
		require.Equal(t, name, set.body["history"].([]any)[0].(object)["by"])
	}
	caseID := report(t, picture(t, customer(t, shops[policy].price)))
	decided(t, caseID, "in_review", "R8")
	ruled := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey2, object{"outcome": "declined", "note": "I see five"},
		"Idempotency-Key", unique("key"))
	require.Equal(t, 200, ruled.status, ruled.body)
	found := decided(t, caseID, "declined", "R8")
	seen := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)
	require.Equal(t, "operator-2", seen["ruling"].(object)["by"])
	history := seen["history"].([]any)
	require.Equal(t, []any{"staff", "operator-2"}, []any{history[len(history)-1].(object)["actor"], history[len(history)-1].(object)["by"]})
	ours, err := json.Marshal(found)
	require.NoError(t, err)
	require.NotContains(t, string(ours), "operator-2", "the app is not told which of staff it was")
	began := time.Now().Add(-time.Hour).UTC()
	declared := ask(t, "POST", "/v1/outages", local.OperatorKey2, object{
		"started_at": began.Format(time.RFC3339), "ended_at": began.Add(time.Minute).Format(time.RFC3339), "prevented_use": false,
	}, "Idempotency-Key", unique("key"))
	require.Equal(t, []any{201, "operator-2"}, []any{declared.status, declared.body["by"]}, declared.body)
}
