package acceptance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/infra/standin"
)

// atOnce runs n calls at once and counts their statuses.
func atOnce(n int, call func(i int) int) map[int]int {
	statuses := make([]int, n)
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			statuses[i] = call(i)
		}()
	}
	all.Wait()
	counts := map[int]int{}
	for _, status := range statuses {
		counts[status]++
	}
	return counts
}

func TestSixtyStartsAtOnceNeverOverspend(t *testing.T) {
	alice := customer(t, 20*4+3)
	counts := atOnce(60, func(int) int {
		return ask(t, "POST", "/v1/generations", local.AppKey, order(alice), "Idempotency-Key", unique("key")).status
	})
	require.Equal(t, map[int]int{201: 20, 402: 40}, counts)
	wantBalance(t, alice, balance{available: 3, held: 80})
}

func TestTwelveCopiesOfOnePurchaseGrantOnce(t *testing.T) {
	alice, payment := unique("alice"), unique("pi")
	event := session(alice, payment)
	require.Equal(t, map[int]int{200: 12}, atOnce(12, func(int) int { return tell(t, event).status }))
	require.Equal(t, 200, tell(t, session(alice, payment)).status, "another event of the same payment")
	wantBalance(t, alice, balance{available: 100})
	require.Len(t, statement(t, alice), 1)
}

func TestAPurchaseThatIsUnpaidOrWronglyPricedGrantsNothing(t *testing.T) {
	for name, change := range map[string]object{
		"unpaid":          {"payment_status": "unpaid"},
		"wrong price":     {"amount_subtotal": 1},
		"wrong currency":  {"currency": "jpy"},
		"unknown package": {"metadata": object{"package": "everything"}},
		"not ours":        {"metadata": object{}},
		"a subscription":  {"mode": "subscription"},
	} {
		alice := unique("alice")
		require.Equal(t, 200, tell(t, session(alice, unique("pi"), change)).status, name)
		wantBalance(t, alice, balance{})
	}
}

func TestAWebhookThatIsNotStripesIsRefused(t *testing.T) {
	alice := unique("alice")
	event := session(alice, unique("pi"))
	for name, signature := range map[string]string{
		"no signature": "", "another secret": sign("whsec_other", time.Now(), event),
		"too old": sign(sandbox.StripeSecret, time.Now().Add(-301*time.Second), event), "from the future": sign(sandbox.StripeSecret, time.Now().Add(302*time.Second), event),
	} {
		assert.Equal(t, 400, ask(t, "POST", "/webhooks/stripe", "", event, "Stripe-Signature", signature).status, name)
	}
	wantBalance(t, alice, balance{})
}

func TestAFailureReportedFourTimesGivesBackOnceAndALateSuccessChangesNothing(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	wantBalance(t, alice, balance{available: 6, held: 4})
	failed := failure("platform")
	require.Equal(t, map[int]int{202: 4}, atOnce(4, func(int) int {
		return ask(t, "POST", "/v1/generations/"+id+"/result", local.AppKey, failed).status
	}))
	becomes(t, id, "released")
	wantBalance(t, alice, balance{available: 10})

	require.Equal(t, "discard", finish(t, id, success())["disposition"])
	soon(t, "the late result is noted", func() bool { return generation(t, id)["late"] != nil })
	released := generation(t, id)
	require.Equal(t, "released", released["state"])
	require.Zero(t, released["refunded"])
	require.Equal(t, "succeeded", released["late"].(object)["status"])
	wantBalance(t, alice, balance{available: 10})

	decided := asApp(t, "GET", "/v1/cases/"+released["case"].(string), nil, 200)
	require.Equal(t, "approved", decided["state"])
	require.Equal(t, "R1", decided["decision"].(object)["clause"])
	require.Equal(t, "refunded", decided["notice"])
}

func TestAFailureOfTheInputIsSpent(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	finish(t, id, failure("input"))
	becomes(t, id, "captured")
	require.Equal(t, "input", generation(t, id)["failure"].(object)["cause"])
	wantBalance(t, alice, balance{available: 6})
}

func TestAWorkerMayWriteToTheQueueItselfAndTwice(t *testing.T) {
	alice := customer(t, 20)
	id := start(t, alice, object{"outputs": 3})
	message, err := json.Marshal(object{
		"type": "generation.finished", "version": 1, "generation": id, "status": "succeeded", "finished_at": now(),
		"outputs": []object{{"url": "https://images.example/1.png"}}, "a_new_field": "is ignored",
	})
	require.NoError(t, err)
	send(t, "GenerationResultsQueue", string(message))
	becomes(t, id, "captured")
	wantBalance(t, alice, balance{available: 16})
	send(t, "GenerationResultsQueue", string(message)) // a new message id
	soon(t, "the queue drains", func() bool { return waiting(t, "GenerationResultsQueue") == 0 })
	wantBalance(t, alice, balance{available: 16})
	require.Nil(t, generation(t, id)["late"])
}

func TestPoisonEndsInTheDeadLetterQueueAndHurtsNoNeighbour(t *testing.T) {
	alice := customer(t, 10)
	id := start(t, alice)
	message, err := json.Marshal(object{"type": "generation.finished", "version": 1, "generation": id, "status": "succeeded", "finished_at": now()})
	require.NoError(t, err)
	before := waiting(t, "GenerationResultsDeadLetterQueue")
	poison := []string{
		"no json", strings.Replace(string(message), `"version":1`, `"version":2`, 1), strings.Replace(string(message), id, "gen_nobody", 1),
		`{"type":"refund.requested","version":1}`,
	}
	for _, body := range append(poison, string(message)) {
		send(t, "GenerationResultsQueue", body)
	}
	becomes(t, id, "captured")
	soon(t, "poison is set aside", func() bool { return waiting(t, "GenerationResultsDeadLetterQueue") == before+len(poison) })
	soon(t, "the queue drains", func() bool { return waiting(t, "GenerationResultsQueue") == 0 })
	wantBalance(t, alice, balance{available: 6})
}

func TestWhatIsAnotherCustomersDoesNotExist(t *testing.T) {
	alice, mallory := customer(t, 10), customer(t, 10)
	id := start(t, alice)
	finish(t, id, failure("platform"))
	becomes(t, id, "released")
	caseID := generation(t, id)["case"].(string)
	hers, theirs := token(t, alice), token(t, mallory)
	for _, path := range []string{
		"/v1/customers/" + alice, "/v1/customers/" + alice + "/statement", "/v1/customers/" + alice + "/cases", "/v1/generations/" + id, "/v1/cases/" + caseID,
	} {
		require.Equal(t, 200, ask(t, "GET", path, hers, nil).status, path)
		refused := ask(t, "GET", path, theirs, nil)
		require.Equal(t, 404, refused.status, path)
		require.Equal(t, "not_found", refused.body["code"])
	}
	require.Equal(t, 403, ask(t, "POST", "/v1/generations", hers, order(alice), "Idempotency-Key", unique("key")).status)
	require.Equal(t, 403, ask(t, "GET", "/v1/stuck", hers, nil).status)
}

func TestWhatAPersonSaysIsInNoLog(t *testing.T) {
	alice, words, email := customer(t, 4), unique("fingers"), unique("alice")+"@example.com"
	id := picture(t, alice)
	caseID := report(t, id, object{"description": words})
	soon(t, "it is told", func() bool { return told(t, caseID, "in_review") == 1 })
	ask(t, "POST", "/v1/reports", local.AppKey, complaint(id, object{"description": words}), "Idempotency-Key", unique("key"))
	body := claim("outage", alice, "")
	body["claim"] = with(body["claim"].(object), object{"email": email, "reason": words})
	asked := asApp(t, "POST", "/v1/refund-requests", body, 202)
	soon(t, "it is told", func() bool { return told(t, asked["case"].(string), "in_review") == 1 })
	body["claim"] = with(body["claim"].(object), object{"email": email + " " + words})
	asApp(t, "POST", "/v1/refund-requests", body, 400)

	for _, met := range []standin.FaultKind{standin.FaultRefused, standin.FaultAcceptThenDrop} { // what goes wrong is logged
		payment := purchase(t, alice, time.Now())
		meets(t, payment, standin.Fault{Kind: met})
		body = claim("abnormal_charge", alice, payment)
		body["claim"] = with(body["claim"].(object), object{"email": email, "reason": words})
		charge := asApp(t, "POST", "/v1/refund-requests", body, 202)["case"].(string)
		decided(t, charge, "in_review", "X3")
		rule(t, charge, with(threeDollars(), object{"note": words}))
		soon(t, "the provider answers", func() bool { return matter(t, charge)["ruling"] == nil || matter(t, charge)["state"] == "closed" })
	}
	parked := unique("pi")
	require.Equal(t, 200, tell(t, session(alice, parked, object{
		"amount_subtotal": 1, "customer_email": email, "customer_details": object{"email": email, "name": words},
	})).status)
	resolve(t, parked, object{"action": "grant", "customer": email + words, "note": words}, 400)
	resolve(t, parked, object{"action": "grant", "note": words}, 200)
	sweep(t)
	for _, notice := range stack.Notices() {
		require.NotContains(t, string(notice.Body), words)
	}
	for _, function := range stack.Functions() {
		log, err := os.ReadFile(filepath.Join(stack.Root(), ".local", "logs", function+".log"))
		require.NoError(t, err)
		require.NotContains(t, string(log), words, function)
		require.NotContains(t, string(log), email, function)
	}
}
