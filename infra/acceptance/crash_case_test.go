package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// deaths of a function around one of its calls.
var deaths = map[string]func(string) func(local.Call, func() local.Reply) local.Reply{
	"before the commit": killBefore, "after the commit, before it is heard of": killAfter,
}

// persist sends the same request under one key until the function lives again, and returns its
// answer.
func persist(t *testing.T, path, bearer string, body object, key string) answer {
	t.Helper()
	var got answer
	soon(t, "the function lives again", func() bool {
		got = ask(t, "POST", path, bearer, body, "Idempotency-Key", key)
		return got.status < 500
	})
	return got
}

func TestAReportThatDiedIsFiledOnceWhenItIsSentAgain(t *testing.T) {
	for name, death := range deaths {
		t.Run(name, func(t *testing.T) {
			alice := customer(t, 4)
			id, key := picture(t, alice), unique("key")
			during(t, "report-bad-result", "PutItem", 1, death("report-bad-result"))
			require.GreaterOrEqual(t, ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", key).status, 500)
			again := persist(t, "/v1/reports", local.AppKey, complaint(id), key)
			require.Equal(t, 202, again.status)
			require.Len(t, generation(t, id)["cases"], 1)
			decided(t, again.body["case"].(string), "in_review", "R8")
		})
	}
}

func TestAReportWhoseFunctionDiedBeforeTheSendIsSweptUp(t *testing.T) {
	alice := customer(t, 4)
	id := picture(t, alice)
	during(t, "report-bad-result", "SendMessage", 1, killBefore("report-bad-result"))
	require.GreaterOrEqual(t, ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", unique("key")).status, 500)
	caseID := generation(t, id)["case"].(string)
	require.Equal(t, "received", matter(t, caseID)["state"], "it is durable, and nobody knows")
	sweep(t)
	require.Equal(t, "received", matter(t, caseID)["state"], "not before it is overdue")
	age(t, caseID, "assess")
	sweep(t)
	decided(t, caseID, "in_review", "R8")
}

func TestARequestWhoseMessageWasLostIsSweptUp(t *testing.T) {
	steps := map[string]string{"report-bad-result": "assess", "request-refund": "refund"}
	for function, ask := range map[string]func(t *testing.T, alice string) string{
		"report-bad-result": func(t *testing.T, alice string) string { return report(t, picture(t, alice)) },
		"request-refund":    func(t *testing.T, alice string) string { return request(t, "outage", alice, unique("pi")) },
	} {
		t.Run(function, func(t *testing.T) {
			alice := customer(t, 4)
			during(t, function, "SendMessage", 1, lose)
			caseID := ask(t, alice)
			soon(t, "the queue drains", func() bool { return waiting(t, "RefundRequestsQueue") == 0 })
			require.Equal(t, "received", matter(t, caseID)["state"])
			age(t, caseID, steps[function])
			sweep(t)
			require.Contains(t, answered(t, caseID), "in_review")
		})
	}
}

func TestAnAnswerToAReportSurvivesTheDeathOfItsFunctionAroundTheCommit(t *testing.T) {
	for name, death := range deaths {
		t.Run(name, func(t *testing.T) {
			alice := customer(t, 4)
			id := picture(t, alice)
			during(t, "decide-refund", "TransactWriteItems", 1, death("decide-refund"))
			decided(t, report(t, id), "in_review", "R8")
			wantBalance(t, alice, balance{})
		})
	}
}

func TestARulingSurvivesTheDeathOfItsFunctionAroundTheCommitAndIsPaidOnce(t *testing.T) {
	for name, death := range deaths {
		t.Run(name, func(t *testing.T) {
			alice := customer(t, 4)
			id := picture(t, alice)
			caseID := report(t, id)
			decided(t, caseID, "in_review", "R8")
			during(t, "decide-refund", "TransactWriteItems", 1, death("decide-refund"))
			rule(t, caseID, object{"outcome": "approved"})
			becomes(t, id, "refunded")
			decided(t, caseID, "approved", "R2")
			soon(t, "the request is taken again and the notice goes out", func() bool { return told(t, caseID, "refunded") == 1 })
			paidOnce(t, alice, caseID)
		})
	}
}

func TestARulingWhoseFunctionDiedBeforeTheSendIsSweptUpAndPaidOnce(t *testing.T) {
	alice := customer(t, 4)
	id, key, approve := picture(t, alice), unique("key"), object{"outcome": "approved", "note": "seen"}
	caseID := report(t, id)
	decided(t, caseID, "in_review", "R8")
	path := "/v1/cases/" + caseID + "/verdict"
	during(t, "review-refund", "SendMessage", 1, killBefore("review-refund"))
	require.GreaterOrEqual(t, ask(t, "POST", path, local.OperatorKey, approve, "Idempotency-Key", key).status, 500)
	other := persist(t, path, local.OperatorKey, object{"outcome": "declined", "note": "me too"}, unique("key"))
	require.Equal(t, []any{409, "already_decided"}, []any{other.status, other.body["code"]}, "it is recorded")
	require.Nil(t, onDesk(t, caseID), "and off the desk")
	require.Equal(t, "in_review", matter(t, caseID)["state"])
	age(t, caseID, "refund")
	sweep(t)
	becomes(t, id, "refunded")
	decided(t, caseID, "approved", "R2")

	again := persist(t, path, local.OperatorKey, approve, key)
	require.Equal(t, []any{200, "true", object{"case": caseID, "state": "approved"}}, []any{again.status, again.header.Get("Idempotent-Replayed"), again.body})
	sweep(t)
	paidOnce(t, alice, caseID)
}

// paidOnce demands that the 4 credits of the case came back once, and do not come back when it is
// asked for once more.
func paidOnce(t *testing.T, customer, caseID string) {
	t.Helper()
	send(t, "RefundRequestsQueue", `{"type":"refund.requested","version":1,"case":"`+caseID+`"}`)
	soon(t, "the queue drains", func() bool { return waiting(t, "RefundRequestsQueue") == 0 })
	wantBalance(t, customer, balance{available: 4})
	require.Len(t, moved(t, customer, caseID), 1)
}

func TestARulingThatDiedBeforeItWasHeardOfIsReplayed(t *testing.T) {
	alice := customer(t, 4)
	key, approve := unique("key"), object{"outcome": "approved", "note": "seen"}
	caseID := report(t, picture(t, alice))
	decided(t, caseID, "in_review", "R8")
	path := "/v1/cases/" + caseID + "/verdict"
	during(t, "review-refund", "UpdateItem", 1, killAfter("review-refund"))
	require.GreaterOrEqual(t, ask(t, "POST", path, local.OperatorKey, approve, "Idempotency-Key", key).status, 500)
	again := persist(t, path, local.OperatorKey, approve, key)
	require.Equal(t, []any{200, "true"}, []any{again.status, again.header.Get("Idempotent-Replayed")})
	decided(t, caseID, "approved", "R2")
	paidOnce(t, alice, caseID)
}

func TestANoticeOfARulingIsToldThoughItsMessageWasLost(t *testing.T) {
	alice := customer(t, 4)
	caseID := report(t, picture(t, alice))
	soon(t, "the first notice is out", func() bool { return matter(t, caseID)["told_at"] != nil })
	during(t, "decide-refund", "SendMessage", 1, lose)
	rule(t, caseID, object{"outcome": "approved"})
	decided(t, caseID, "approved", "R2")
	soon(t, "the queue drains", func() bool { return waiting(t, "RefundRequestsQueue") == 0 })
	require.Zero(t, told(t, caseID, "refunded"))
	age(t, caseID, "notice")
	sweep(t)
	soon(t, "the app is told", func() bool { return told(t, caseID, "refunded") == 1 })
	require.Equal(t, 1, told(t, caseID, "in_review"))
}
