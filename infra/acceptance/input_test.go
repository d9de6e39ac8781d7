package acceptance_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/template"
)

// routes returns every method and path of the template, with an id in the place of {id}.
func routes(t *testing.T) [][2]string {
	t.Helper()
	described, err := template.Parse(filepath.Join(stack.Root(), "template.yaml"))
	require.NoError(t, err)
	anything := func(*template.Resource) (string, bool) { return "anything", true }
	functions, err := described.Functions(template.Scope{
		Ref: anything, GetAtt: func(*template.Resource, string) (string, bool) { return "anything", true },
	})
	require.NoError(t, err)
	var all [][2]string
	for _, function := range functions {
		for _, route := range function.Routes {
			all = append(all, [2]string{route.Method, strings.ReplaceAll(route.Path, "{id}", "x")})
		}
	}
	require.Greater(t, len(all), 10)
	return all
}

func TestEveryRouteOutsideWebhooksWantsACredential(t *testing.T) {
	for _, route := range routes(t) {
		if strings.HasPrefix(route[1], "/console") {
			continue // its pages send a stranger to sign in: shared/console
		}
		if route[0] == http.MethodOptions {
			continue // what a browser asks before it sends a credential: TestAPageReportsABadResultFromAListedOriginAlone
		}
		for name, bearer := range map[string]string{"none": "", "an unknown key": "mk_live_guess", "a broken session": "eyJhbGciOiJub25lIn0.e30."} {
			got := ask(t, route[0], route[1], bearer, nil, "Idempotency-Key", unique("key"))
			if strings.HasPrefix(route[1], "/webhooks/") {
				require.Equal(t, 400, got.status, route)
				continue
			}
			require.Equal(t, 401, got.status, "%v with %s", route, name)
			require.Equal(t, "unauthenticated", got.body["code"])
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
		}
	}
}

func TestBadInputOfEveryKindGetsItsCodeAndNamesItsField(t *testing.T) {
	alice := customer(t, 4)
	valid := `{"customer":"` + alice + `","feature":"recolor","platform":"web"}`
	with := func(fields string) string { return valid[:len(valid)-1] + "," + fields + "}" }
	for name, wrong := range map[string]struct {
		body   string
		status int
		code   string
		field  string
	}{
		"no JSON":                  {"nonsense", 400, "invalid_request", "body"},
		"a list":                   {"[]", 400, "invalid_request", "body"},
		"an unknown field":         {with(`"price":0`), 400, "invalid_request", "price"},
		"a duplicate key":          {with(`"customer":"bob"`), 400, "invalid_request", "customer"},
		"a key in another case":    {with(`"Customer":"bob"`), 400, "invalid_request", "Customer"},
		"trailing data":            {valid + "{}", 400, "invalid_request", "body"},
		"deep nesting":             {with(`"model":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000)), 400, "invalid_request", "body"},
		"400 kB":                   {with(`"model":"` + strings.Repeat("x", 400_000) + `"`), 413, "too_large", "body"},
		"a fraction":               {with(`"outputs":1.5`), 400, "invalid_request", "outputs"},
		"a number as text":         {with(`"outputs":"1"`), 400, "invalid_request", "outputs"},
		"null":                     {with(`"outputs":null`), 400, "invalid_request", "outputs"},
		"no outputs":               {with(`"outputs":0`), 400, "invalid_request", "outputs"},
		"nine outputs":             {with(`"outputs":9`), 400, "invalid_request", "outputs"},
		"an unknown platform":      {strings.Replace(valid, "web", "fridge", 1), 400, "invalid_request", "platform"},
		"an unknown feature":       {strings.Replace(valid, "recolor", "time-travel", 1), 400, "unknown_feature", "feature"},
		"an impossible customer":   {strings.Replace(valid, alice, "al ice", 1), 400, "invalid_request", "customer"},
		"nothing":                  {"{}", 400, "missing_fields", "customer"},
		"no body":                  {"", 400, "missing_fields", "customer"},
		"too dear":                 {with(`"outputs":2`), 402, "insufficient_credits", ""},
		"a customer nobody knows ": {strings.Replace(valid, alice, unique("nobody"), 1), 402, "insufficient_credits", ""},
	} {
		got := ask(t, "POST", "/v1/generations", local.AppKey, []byte(wrong.body), "Idempotency-Key", unique("key"))
		assert.Equal(t, wrong.status, got.status, name)
		assert.Equal(t, wrong.code, got.body["code"], name)
		field, _ := got.body["field"].(string)
		assert.Equal(t, wrong.field, field, name)
	}
	missing := ask(t, "POST", "/v1/generations", local.AppKey, object{}, "Idempotency-Key", unique("key"))
	assert.Equal(t, []any{"customer", "feature", "platform"}, missing.body["fields"])
	wantBalance(t, alice, balance{available: 4})
}

func TestTheShapeIsJudgedBeforeTheCredentialAndTheCredentialBeforeTheFields(t *testing.T) {
	for name, want := range map[string]struct {
		bearer string
		body   string
		status int
	}{
		"a broken body of nobody":   {"", "nonsense", 400},
		"missing fields of nobody":  {"", "{}", 401},
		"missing fields of staff":   {local.OperatorKey, "{}", 403},
		"missing fields of the app": {local.AppKey, "{}", 400},
	} {
		got := ask(t, "POST", "/v1/generations", want.bearer, []byte(want.body), "Idempotency-Key", unique("key"))
		assert.Equal(t, want.status, got.status, name)
	}
}

func TestACommandWantsAnIdempotencyKeyAndUsesItForOneInput(t *testing.T) {
	alice := customer(t, 20)
	grant := object{"customer": alice, "credits": 5, "source": "promotion"}
	for path, body := range map[string]object{"/v1/generations": order(alice), "/v1/grants": grant} {
		got := ask(t, "POST", path, local.AppKey, body)
		require.Equal(t, []any{400, "Idempotency-Key"}, []any{got.status, got.body["field"]}, path)
		key := unique("key")
		first := ask(t, "POST", path, local.AppKey, body, "Idempotency-Key", key)
		again := ask(t, "POST", path, local.AppKey, body, "Idempotency-Key", key)
		require.Equal(t, []int{201, 201}, []int{first.status, again.status}, path)
		require.Equal(t, first.body, again.body, path)
		require.Equal(t, []string{"", "true"}, []string{first.header.Get("Idempotent-Replayed"), again.header.Get("Idempotent-Replayed")})
		other := object{}
		for name, value := range body {
			other[name] = value
		}
		other[map[string]string{"/v1/generations": "outputs", "/v1/grants": "credits"}[path]] = 2
		refused := ask(t, "POST", path, local.AppKey, other, "Idempotency-Key", key)
		require.Equal(t, []any{409, "idempotency_key_reused"}, []any{refused.status, refused.body["code"]}, path)
	}
	wantBalance(t, alice, balance{available: 21, held: 4})
}

func TestGoodwillIsStaffs(t *testing.T) {
	goodwill := object{"customer": unique("alice"), "credits": 5, "source": "goodwill", "note": "sorry"}
	require.Equal(t, 403, ask(t, "POST", "/v1/grants", local.AppKey, goodwill, "Idempotency-Key", unique("key")).status)
	given := ask(t, "POST", "/v1/grants", local.OperatorKey, goodwill, "Idempotency-Key", unique("key"))
	require.Equal(t, 201, given.status)
	require.Equal(t, "goodwill", given.body["source"])
}
