package acceptance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/local/standin"
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
	stands := matter(t, caseID)
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
	require.Equal(t, stands, matter(t, caseID), "a replay moves nothing")
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
	runs(t, first.body["id"].(string))
	again := declares()
	require.Equal(t, []any{201, "true", first.body}, []any{again.status, again.header.Get("Idempotent-Replayed"), again.body})
}
