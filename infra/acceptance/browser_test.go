package acceptance_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestAPageReportsABadResultFromAListedOriginAlone(t *testing.T) {
	alice := customer(t, 100)
	token := asApp(t, "POST", "/v1/sessions", object{"customer": alice}, 201)["token"].(string)
	id := start(t, alice, nil)
	finish(t, id, success())
	becomes(t, id, "captured")
	page := stack.BaseURL // of this host, which the local stack lists

	preflight, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, stack.BaseURL+"/v1/reports", http.NoBody)
	require.NoError(t, err)
	preflight.Header.Set("Origin", page)
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	answer, err := http.DefaultClient.Do(preflight)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, []any{204, page, "7200"},
		[]any{answer.StatusCode, answer.Header.Get("Access-Control-Allow-Origin"), answer.Header.Get("Access-Control-Max-Age")})

	mayReport := func() object {
		read := ask(t, "GET", "/v1/generations/"+id, token, nil, "Origin", page)
		require.Equal(t, []any{200, page}, []any{read.status, read.header.Get("Access-Control-Allow-Origin")})
		return read.body["reports"].([]any)[0].(object)
	}
	require.Equal(t, true, mayReport()["allowed"])
	body := object{"generation": id, "description": "three hands"}
	for origin, credential := range map[string]string{"https://evil.example": token, "null": token, page: local.AppKey} {
		refused := ask(t, "POST", "/v1/reports", credential, body, "Origin", origin, "Idempotency-Key", unique("key"))
		require.Equal(t, []any{403, "forbidden"}, []any{refused.status, refused.body["code"]}, origin)
	}
	filed := ask(t, "POST", "/v1/reports", token, body, "Origin", page, "Idempotency-Key", unique("key"))
	require.Equal(t, 202, filed.status, filed.body)
	require.Equal(t, []any{false, "already_reported", filed.body["case"]}, []any{mayReport()["allowed"], mayReport()["code"], mayReport()["case"]})
}

func TestACustomersTokenMakesSoManyRequestsAMinute(t *testing.T) {
	alice := customer(t, 100)
	token := asApp(t, "POST", "/v1/sessions", object{"customer": alice}, 201)["token"].(string)
	var last answer
	// A minute may end while these are sent: then the next one is used up.
	for made := 0; made < 130 && last.status != 429; made++ {
		last = ask(t, "GET", "/v1/policy", token, nil)
	}
	require.Equal(t, []any{429, "throttled"}, []any{last.status, last.body["code"]})
	seconds, err := strconv.Atoi(last.header.Get("Retry-After"))
	require.NoError(t, err)
	require.Positive(t, seconds)
	require.LessOrEqual(t, seconds, 60)
	require.Equal(t, 200, ask(t, "GET", "/v1/customers/"+alice, local.AppKey, nil).status, "the app's key is not counted")
}
