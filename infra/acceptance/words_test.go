package acceptance_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// works puts a worker's result on its queue.
func works(t *testing.T, id string, result object) {
	t.Helper()
	text, err := json.Marshal(with(object{"type": "generation.finished", "version": 1, "generation": id}, result))
	require.NoError(t, err)
	send(t, "GenerationResultsQueue", string(text))
}

func TestAWorkersLongWordsAreCutAndNoInputFailureIsTakenForOurs(t *testing.T) {
	failure := func(code, message string) object {
		return object{"status": "failed", "finished_at": now(), "failure": object{"cause": "input", "code": code, "message": message}}
	}
	for name, tell := range map[string]func(id string, result object){
		"over HTTP": func(id string, result object) {
			require.Equal(t, 202, ask(t, "POST", "/v1/generations/"+id+"/result", local.AppKey, result).status)
		},
		"on the queue": func(id string, result object) { works(t, id, result) },
	} {
		t.Run(name, func(t *testing.T) {
			alice := customer(t, 8)
			japanese, endless := start(t, alice), start(t, alice)
			tell(japanese, failure("unreadable", strings.Repeat("読", 208)))
			tell(endless, failure(strings.Repeat("c", 100), strings.Repeat("読", 5000)))
			becomes(t, japanese, "captured")
			becomes(t, endless, "captured")
			wantBalance(t, alice, balance{}) // photoroom gives nothing back for what the input could not be
			kept := asApp(t, "GET", "/v1/generations/"+japanese, nil, 200)["failure"].(object)
			require.Equal(t, []any{"input", "unreadable", strings.Repeat("読", 208)}, []any{kept["cause"], kept["code"], kept["message"]})
			kept = asApp(t, "GET", "/v1/generations/"+endless, nil, 200)["failure"].(object)
			require.Equal(t, []any{strings.Repeat("c", 63) + "…", strings.Repeat("読", 499) + "…"}, []any{kept["code"], kept["message"]})
		})
	}
}

func TestInstantsAreThoseOfRFC3339(t *testing.T) {
	alice := customer(t, 40)
	says := func(at string) answer {
		return ask(t, "POST", "/v1/generations/"+start(t, alice)+"/result", local.AppKey, object{"status": "succeeded", "finished_at": at})
	}
	past := time.Now().UTC().Add(-time.Minute)
	for _, at := range []string{past.Format("2006-01-02t15:04:05z"), past.Format("2006-01-02T15:04:05.123456789Z"), past.Format("2006-01-02T15:04:05") + "-00:00"} {
		require.Equal(t, 202, says(at).status, at)
	}
	for _, at := range []string{past.Format("2006-01-02T15:04:05") + ",5Z", past.Format("2006-01-02T15:04:05") + "+24:00", "0001-01-01T00:00:00Z"} {
		refused := says(at)
		require.Equal(t, []any{400, "invalid_request", "finished_at"}, []any{refused.status, refused.body["code"], refused.body["field"]}, at)
	}
	lower := start(t, alice)
	works(t, lower, object{"status": "succeeded", "finished_at": past.Format("2006-01-02t15:04:05z")})
	becomes(t, lower, "captured")
	zero := ask(t, "POST", "/v1/refund-requests", local.AppKey, claim("outage", alice, "", object{"claim": object{
		"email": "alice@example.com", "paid_at": "0001-01-01T00:00:00Z", "amount": object{"currency": "USD", "minor": 1000}, "reason": "x",
	}}), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, "invalid_request", "claim.paid_at"}, []any{zero.status, zero.body["code"], zero.body["field"]})
}

func TestWordsThatNobodySeesAreMissing(t *testing.T) {
	alice := customer(t, 4)
	id := picture(t, alice)
	for _, blank := range []string{"\u200b", "\ufeff", "\u3164", "\u2800", " \u200d\u00ad\n"} {
		refused := ask(t, "POST", "/v1/reports", local.AppKey, object{"generation": id, "description": blank}, "Idempotency-Key", unique("key"))
		require.Equal(t, []any{400, "missing_fields", "description"}, []any{refused.status, refused.body["code"], refused.body["field"]}, "%+q", blank)
		refused = ask(t, "PUT", "/v1/customers/"+alice+"/standing", local.OperatorKey, object{"standing": "good", "note": blank})
		require.Equal(t, []any{400, "missing_fields", "note"}, []any{refused.status, refused.body["code"], refused.body["field"]}, "%+q", blank)
	}
	proof := strings.Repeat("証", 500)
	asApp(t, "POST", "/v1/refund-requests", claim("outage", alice, "", object{"claim": object{
		"email": "alice@example.com", "paid_at": ago(time.Minute), "amount": object{"currency": "USD", "minor": 1000}, "reason": "x", "transaction_ids": []string{proof},
	}}), 202)
}
