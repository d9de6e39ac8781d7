package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
)

// callers is a gate that knows people by name.
type callers struct{}

func (callers) Count(_ context.Context, caller access.Caller) error {
	if caller.Customer == "busybody" {
		return fault.Errorf(fault.KindThrottled, fault.CodeThrottled, "too many")
	}
	return nil
}

func (callers) AllowsOrigin(origin string) bool { return origin == "https://app.example.com" }

func (callers) Caller(_ context.Context, authorization string) (access.Caller, error) {
	switch authorization {
	case "app":
		return access.Caller{Role: access.RoleApp}, nil
	case "alice":
		return access.Caller{Role: access.RoleCustomer, Customer: "alice"}, nil
	case "busybody":
		return access.Caller{Role: access.RoleCustomer, Customer: "busybody"}, nil
	case "vault-shut":
		return access.Caller{}, fault.Busy(errors.New("the vault is shut"))
	}
	return access.Caller{}, fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "who?")
}

type asked struct {
	authorization, key, body string
}

// ask sends a grant through a route whose check refuses odd credits and whose use case knows nobody
// but alice.
func ask(t *testing.T, a asked) (*httptest.ResponseRecorder, api.Problem) {
	t.Helper()
	mux := api.NewMux(callers{})
	api.Handle(mux, "POST /v1/{kind}", api.Route[api.GrantCredits]{
		Roles:      []access.Role{access.RoleApp},
		Idempotent: true,
		Check: func(request api.Request[api.GrantCredits]) error {
			if request.Body.Credits%2 == 1 {
				return fault.Invalid("credits", "must be even")
			}
			return nil
		},
		Run: func(_ context.Context, request api.Request[api.GrantCredits]) (api.Answer, error) {
			if request.Body.Customer != "alice" {
				return api.Answer{}, fault.NotFound("customer")
			}
			words := []string{request.Path("kind"), request.IdempotencyKey, string(request.Caller.Role), request.Query("q")}
			return api.Answer{Status: http.StatusCreated, Body: words, Replayed: request.IdempotencyKey == "again"}, nil
		},
	})
	r := httptest.NewRequest(http.MethodPost, "/v1/grants?q=1", strings.NewReader(a.body))
	r.Header.Set("Authorization", a.authorization)
	if a.key != "" {
		r.Header.Set("Idempotency-Key", a.key)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	var problem api.Problem
	if w.Code >= 400 {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		assert.Equal(t, w.Code, problem.Status)
		assert.Equal(t, "urn:makegood:problem:"+problem.Code, problem.Type)
	}
	return w, problem
}

const gift = `{"customer":"alice","credits":2,"source":"promotion"}`

func TestFaultsAreLookedForInTheContractsOrder(t *testing.T) {
	huge := strings.Repeat(" ", 400_000)
	missing, unknown, odd := `{"credits":1}`, `{"customer":"x","credits":1,"source":"lottery"}`, `{"customer":"x","credits":1,"source":"promotion"}`
	nobody := `{"customer":"x","credits":2,"source":"promotion"}`
	for name, c := range map[string]struct {
		asked
		status int
		code   string
		field  string
	}{
		"size before all":                  {asked{"nobody", "", huge}, 413, "too_large", "body"},
		"shape before the credential":      {asked{"nobody", "", `{"x":1}`}, 400, "invalid_request", "x"},
		"an absent body is no bad shape":   {asked{"nobody", "", ``}, 401, "unauthenticated", ""},
		"the credential before the fields": {asked{"nobody", "", missing}, 401, "unauthenticated", ""},
		"the credential before the role":   {asked{"", "k", gift}, 401, "unauthenticated", ""},
		"a vault that is shut is busy":     {asked{"vault-shut", "k", gift}, 503, "busy", ""},
		"the role before the fields":       {asked{"alice", "", missing}, 403, "forbidden", ""},
		"the key before the fields":        {asked{"app", "", missing}, 400, "invalid_request", "Idempotency-Key"},
		"missing fields before bad ones":   {asked{"app", "k", missing}, 400, "missing_fields", "customer"},
		"words before the route's check":   {asked{"app", "k", unknown}, 400, "invalid_request", "source"},
		"the check before existence":       {asked{"app", "k", odd}, 400, "invalid_request", "credits"},
		"existence last":                   {asked{"app", "k", nobody}, 404, "not_found", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, problem := ask(t, c.asked)
			assert.Equal(t, c.status, w.Code)
			assert.Equal(t, c.code, problem.Code)
			assert.Equal(t, c.field, problem.Field)
		})
	}
}

func TestAnAnswerIsJSONAndNotStored(t *testing.T) {
	w, _ := ask(t, asked{"app", "first", gift})
	assert.Equal(t, http.StatusCreated, w.Code)
	assert.JSONEq(t, `["grants","first","app","1"]`, w.Body.String())
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.Empty(t, w.Header().Values("Idempotent-Replayed"))
}

func TestAReplaySaysSo(t *testing.T) {
	w, _ := ask(t, asked{"app", "again", gift})
	assert.Equal(t, "true", w.Header().Get("Idempotent-Replayed"))
}

func TestATableIsForWhoeverNamesItAndItsHeaderLeadsOn(t *testing.T) {
	mux := api.NewMux(callers{})
	api.Handle(mux, "GET /v1/rows", api.Route[api.NoBody]{
		Roles: []access.Role{access.RoleApp},
		Run: func(_ context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
			if request.Accepts(api.MediaCSV) {
				return api.Answer{Status: http.StatusOK, CSV: []byte("a,b\n"), Next: "e30"}, nil
			}
			return api.Answer{Status: http.StatusOK, Body: "rows"}, nil
		},
	})
	for accept, want := range map[string][]string{
		"text/csv": {"text/csv", "a,b", `<?cursor=e30>; rel="next"`}, "text/html, text/csv;q=0.5": {"text/csv", "a,b", `<?cursor=e30>; rel="next"`},
		"*/*": {"application/json", `"rows"`, ""}, "": {"application/json", `"rows"`, ""}, "text/csvx": {"application/json", `"rows"`, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/v1/rows", nil)
		r.Header.Set("Authorization", "app")
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		assert.Equal(t, want, []string{w.Header().Get("Content-Type"), strings.TrimSpace(w.Body.String()), w.Header().Get("Link")}, accept)
	}
}

func TestABadIdempotencyKeyIsNamed(t *testing.T) {
	for name, key := range map[string]string{
		"blank": "  ", "seen by nobody": "\u200b", "too long": strings.Repeat("k", 256), "a line break": "a\nb", "a null": "a\x00b", "delete": "a\x7fb", "a C1 control": "a\u0085b", "not UTF-8": "a\xff",
	} {
		w, problem := ask(t, asked{"app", key, gift})
		assert.Equal(t, http.StatusBadRequest, w.Code, name)
		assert.Equal(t, "invalid_request", problem.Code, name)
		assert.Equal(t, "Idempotency-Key", problem.Field, name)
	}
	w, _ := ask(t, asked{"app", strings.Repeat("k", 255), gift})
	assert.Equal(t, http.StatusCreated, w.Code, "255 characters are allowed")
	w, _ = ask(t, asked{"app", strings.Repeat("鍵", 255), gift})
	assert.Equal(t, http.StatusCreated, w.Code, "whatever they are")
}

func TestWhatHasNoRouteIsAProblem(t *testing.T) {
	mux := api.NewMux(callers{})
	api.Handle(mux, "GET /v1/customers/{id}", api.Route[api.NoBody]{})
	api.Handle(mux, "POST /v1/customers/{id}", api.Route[api.NoBody]{})
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 404},
		{"GET", "/v1/nothing", 404},
		{"GET", "/v1/customers", 404},
		{"GET", "/v1/customers/", 404},
		{"GET", "/v1//customers/alice", 404},
		{"GET", "/v1/customers/alice/", 404},
		{"GET", "/v1/customers/..", 404},
		{"GET", "/v1/customers/%2e%2e", 404},
		{"GET", "/v1/customers/../customers/alice", 404},
		{"DELETE", "/v1/customers/alice", 405},
		{"GET", "/v1/customers/alice", 401},
		{"POST", "/v1/customers/alice", 401},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		assert.Equal(t, c.status, w.Code, c)
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), c)
		if c.status == 405 {
			assert.Contains(t, w.Header().Get("Allow"), "POST")
			assert.Contains(t, w.Body.String(), api.CodeMethodNotAllowed)
		}
	}
}

func TestAWebhookGetsTheExactBytes(t *testing.T) {
	var got []byte
	mux := api.NewMux(nil)
	api.HandleRaw(mux, "POST /webhooks/stripe", func(_ context.Context, header http.Header, raw []byte) (api.Answer, error) {
		got = raw
		if header.Get("Stripe-Signature") == "" {
			return api.Answer{}, fault.Invalid("Stripe-Signature", "is required")
		}
		return api.Answer{Status: http.StatusOK, Body: api.Acknowledged{Received: true}}, nil
	})
	send := func(body, signature string) int {
		r := httptest.NewRequest(http.MethodPost, "/webhooks/stripe", strings.NewReader(body))
		r.Header.Set("Stripe-Signature", signature)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code
	}
	body := "{ \"a\":1,\"a\":2,\n\"b\":\"\xff\" } trailing"
	assert.Equal(t, http.StatusOK, send(body, "t=1"))
	assert.Equal(t, body, string(got))
	assert.Equal(t, http.StatusBadRequest, send(body, ""))
	assert.Equal(t, http.StatusOK, send(strings.Repeat("x", api.MaxEvent), "t=1"))
	assert.Equal(t, http.StatusRequestEntityTooLarge, send(strings.Repeat("x", api.MaxEvent+1), "t=1"))
}
