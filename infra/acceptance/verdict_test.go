package acceptance_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// verdictUnder gives a verdict under a key.
func verdictUnder(t *testing.T, caseID, key string, verdict object) answer {
	t.Helper()
	return ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, with(object{"note": "looked at it"}, verdict), "Idempotency-Key", key)
}

// countNotes returns how many lines of the case's history begin so.
func countNotes(t *testing.T, caseID, words string) (n int) {
	t.Helper()
	for _, event := range matter(t, caseID)["history"].([]any) {
		if note, _ := event.(object)["note"].(string); strings.HasPrefix(note, words) {
			n++
		}
	}
	return n
}

// untold is the case without when its customer was told, which may be at any time.
func untold(t *testing.T, caseID string) object {
	t.Helper()
	found := matter(t, caseID)
	delete(found, "told_at")
	return found
}

func TestEveryVerdictOnACaseIsAnsweredTheSameForEverAndPaidOnce(t *testing.T) {
	alice, payment, caseID := claimed(t)
	keys := []string{unique("key"), unique("key"), unique("key")}
	first := map[string]answer{}
	for n, key := range keys {
		meets(t, payment, standin.Fault{Kind: standin.FaultRefused})
		first[key] = verdictUnder(t, caseID, key, threeDollars())
		require.Equal(t, 200, first[key].status, first[key].body)
		soon(t, "its money does not go back", func() bool { return countNotes(t, caseID, "the money did not go back") == n+1 })
		notPaid(t, caseID)
	}
	stands := untold(t, caseID)
	replay := func() {
		t.Helper()
		for _, key := range keys {
			again := verdictUnder(t, caseID, key, threeDollars())
			require.Equal(t, []any{200, "true", first[key].body}, []any{again.status, again.header.Get("Idempotent-Replayed"), again.body})
			other := verdictUnder(t, caseID, key, object{"outcome": "declined"})
			require.Equal(t, []any{409, "idempotency_key_reused"}, []any{other.status, other.body["code"]})
		}
		soon(t, "the queues drain", func() bool { return waiting(t, "RefundRequestsQueue")+waiting(t, "PaymentRefundsQueue") == 0 })
	}
	replay()
	require.Equal(t, stands, untold(t, caseID), "a replay moves nothing")
	require.Equal(t, 200, verdictUnder(t, caseID, unique("key"), threeDollars()).status)
	paidBack(t, alice, payment, caseID)
	replay()
	paidBack(t, alice, payment, caseID)
}

func TestADeclarationOfAnOutageIsAnsweredTheSameAfterItsRun(t *testing.T) {
	under(t, "goopter")
	began, key := era(t), unique("key")
	declaration := object{"started_at": ago(began), "ended_at": ago(began - time.Minute), "prevented_use": true}
	declares := func() answer {
		return ask(t, "POST", "/v1/outages", local.OperatorKey, declaration, "Idempotency-Key", key)
	}
	first := declares()
	require.Equal(t, 201, first.status, first.body)
	gives(t, first.body["id"].(string))
	again := declares()
	require.Equal(t, []any{201, "true", first.body}, []any{again.status, again.header.Get("Idempotent-Replayed"), again.body})
}

// forbidden demands that an approval is refused at once with what waits, and that the case stands
// as it stood.
func forbidden(t *testing.T, caseID, waits string, verdict object) answer {
	t.Helper()
	stands := untold(t, caseID)
	refused := verdictUnder(t, caseID, unique("key"), with(object{"outcome": "approved"}, verdict))
	require.Equal(t, []any{409, "not_possible", waits}, []any{refused.status, refused.body["code"], refused.body["waits"]}, refused.body)
	require.NotContains(t, refused.body["detail"], "not on record")
	require.Equal(t, stands, untold(t, caseID))
	return refused
}

func TestAVerdictThatThePaymentsStateForbidsIsRefusedAtOnceWithTheDeskThatItWaitsOn(t *testing.T) {
	under(t, "goopter")
	for waits, change := range map[string]object{
		"wrong_mode": {"amount_subtotal": 1000, "livemode": true}, "wrong_amount": {}, "unpaid": {"amount_subtotal": 1000, "payment_status": "unpaid"},
	} {
		t.Run(waits, func(t *testing.T) {
			alice, payment := unique("alice"), unique("pi")
			raw := session(alice, payment, with(object{"amount_subtotal": 999}, change))
			if waits == "wrong_mode" {
				raw = bytes.Replace(raw, []byte(`"livemode":false`), []byte(`"livemode":true`), 1) // the event's own
			}
			require.Equal(t, 200, tell(t, raw).status)
			require.Equal(t, waits, onRecord(t, payment)["waits"])
			for kind, clause := range map[string]string{"not_credited": "G2.1", "abnormal_charge": "X3"} {
				caseID := request(t, kind, alice, payment)
				decided(t, caseID, "in_review", clause)
				for field, remedy := range map[string]object{"remedy.credits": {"credits": 1}, "remedy.money": {"money": object{"currency": "USD", "minor": 1}}} {
					refused := verdictUnder(t, caseID, unique("key"), object{"outcome": "approved", "remedy": remedy})
					if waits == "unpaid" && field == "remedy.money" {
						require.Equal(t, []any{409, "not_possible", waits}, []any{refused.status, refused.body["code"], refused.body["waits"]})
						continue
					}
					require.Equal(t, []any{400, field}, []any{refused.status, refused.body["field"]}, "all or nothing: %v", refused.body)
				}
			}
			caseID := request(t, "outage", alice, payment)
			decided(t, caseID, "in_review", "X3")
			require.Equal(t, 200, verdictUnder(t, caseID, unique("key"), object{"outcome": "declined"}).status)
			decided(t, caseID, "declined", "X3")
		})
	}
	alice := unique("alice")
	caseID := request(t, "not_credited", alice, unique("pi_nobodys"))
	decided(t, caseID, "in_review", "X3")
	unknown := verdictUnder(t, caseID, unique("key"), object{"outcome": "approved"})
	require.Equal(t, []any{400, "outcome"}, []any{unknown.status, unknown.body["field"]})
	require.Contains(t, unknown.body["detail"], "not on record", "which it is not")
}

func TestAVerdictThatTheWalletCannotTakeIsRefusedAtOnce(t *testing.T) {
	alice, _, caseID := claimed(t)
	for n := range 40 { // beside the lot that was bought, as many as there is room for
		given := ask(t, "POST", "/v1/grants", local.AppKey, object{
			"customer": alice, "credits": 1, "source": "promotion", "expires_at": time.Now().Add(time.Duration(n+24) * time.Hour).UTC().Format(time.RFC3339),
		}, "Idempotency-Key", unique("key"))
		require.Contains(t, []int{201, 409}, given.status, given.body)
	}
	forbidden(t, caseID, "too_many_lots", object{"remedy": object{"credits": 1}})
	require.Equal(t, 200, verdictUnder(t, caseID, unique("key"), threeDollars()).status, "in money it can")
}
