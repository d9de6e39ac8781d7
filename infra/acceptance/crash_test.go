package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/provider/stripe"
)

func sign(secret string, at time.Time, event []byte) string { return stripe.Sign(secret, at, event) }

func TestAFailureSurvivesTheDeathOfItsFunctionBetweenCommitAndSend(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	during(t, "settle-generation", "SendMessage", 1, killBefore("settle-generation"))
	finish(t, id, failure("platform"))
	becomes(t, id, "released")
	wantBalance(t, alice, balance{available: 10})
}

func TestAFailureWhoseMessageWasLostIsSweptUp(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	during(t, "settle-generation", "SendMessage", 1, lose)
	finish(t, id, failure("platform"))
	becomes(t, id, "failed")
	soon(t, "the queue drains", func() bool { return waiting(t, "GenerationResultsQueue") == 0 })
	wantBalance(t, alice, balance{available: 6, held: 4})
	age(t, id, "refund")
	sweep(t)
	becomes(t, id, "released")
	wantBalance(t, alice, balance{available: 10})
}

func TestAVerdictSurvivesTheDeathOfItsFunctionAroundTheCommit(t *testing.T) {
	for name, death := range map[string]func(string) func(local.Call, func() local.Reply) local.Reply{
		"before the commit": killBefore, "after the commit, before it is heard of": killAfter,
	} {
		t.Run(name, func(t *testing.T) {
			alice := customer(t, 10)
			id := start(t, alice)
			during(t, "decide-refund", "TransactWriteItems", 1, death("decide-refund"))
			finish(t, id, failure("platform"))
			becomes(t, id, "released")
			wantBalance(t, alice, balance{available: 10})
		})
	}
}

func TestAVerdictIsToldThoughItsFunctionDiesBeforeTheSend(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	during(t, "decide-refund", "SendMessage", 1, killBefore("decide-refund"))
	finish(t, id, failure("platform"))
	becomes(t, id, "released")
	caseID := generation(t, id)["case"].(string)
	soon(t, "the request is taken again and the notice goes out", func() bool { return told(t, caseID, "refunded") == 1 })
	wantBalance(t, alice, balance{available: 10})
}

func TestWhatTheSweeperClaimedSurvivesItsDeath(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	age(t, id, "settle")
	during(t, "sweep-due", "SendMessage", 1, killBefore("sweep-due"))
	_ = stack.Trigger(t.Context(), "sweep-due") // it dies between its claim and its message
	require.Equal(t, "held", generation(t, id)["state"])
	age(t, id, "settle") // its claim runs out
	sweep(t)
	becomes(t, id, "released")
	wantBalance(t, alice, balance{available: 10})
}

func TestAHoldWhoseResultNeverCameIsGivenBackAndALateSuccessCostsNothing(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	sweep(t)
	require.Equal(t, "held", generation(t, id)["state"], "not before its deadline")
	age(t, id, "settle")
	sweep(t)
	becomes(t, id, "released")
	require.Equal(t, "result_overdue", generation(t, id)["failure"].(object)["code"])
	require.Equal(t, "discard", finish(t, id, success())["disposition"])
	soon(t, "the late result is noted", func() bool { return generation(t, id)["late"] != nil })
	wantBalance(t, alice, balance{available: 10})
}

func TestAStartThatDiedAfterItsCommitIsReplayed(t *testing.T) {
	alice := customer(t, 10)
	during(t, "start-generation", "TransactWriteItems", 1, killAfter("start-generation"))
	key := unique("key")
	died := ask(t, "POST", "/v1/generations", local.AppKey, order(alice), "Idempotency-Key", key)
	require.GreaterOrEqual(t, died.status, 500)
	again := died
	soon(t, "the function lives again", func() bool {
		again = ask(t, "POST", "/v1/generations", local.AppKey, order(alice), "Idempotency-Key", key)
		return again.status < 500
	})
	require.Equal(t, 201, again.status)
	require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	wantBalance(t, alice, balance{available: 6, held: 4})
}

func TestAPurchaseThatDiedAfterItsCommitIsGrantedOnce(t *testing.T) {
	alice := unique("alice")
	event := session(alice, unique("pi"))
	during(t, "receive-purchase", "TransactWriteItems", 1, killAfter("receive-purchase"))
	require.GreaterOrEqual(t, tell(t, event).status, 500, "not acknowledged")
	soon(t, "the provider tries again until it is told", func() bool { return tell(t, event).status == 200 })
	wantBalance(t, alice, balance{available: 100})
}

func TestLotsExpireByThemselves(t *testing.T) {
	alice := customer(t, 5)
	expires := time.Now().Add(5 * time.Second)
	grant := object{"customer": alice, "credits": 7, "source": "allowance", "expires_at": expires.UTC().Format(time.RFC3339Nano)}
	asApp(t, "POST", "/v1/grants", grant, 201)
	wantBalance(t, alice, balance{available: 12})
	time.Sleep(time.Until(expires) + 100*time.Millisecond)
	require.Equal(t, 5.0, asApp(t, "GET", "/v1/customers/"+alice, nil, 200)["balance"].(object)["available"], "swept or not")
	sweep(t)
	wantBalance(t, alice, balance{available: 5})
	require.Equal(t, "lot_expired", statement(t, alice)[0]["reason"])
}
