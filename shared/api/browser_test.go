package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
)

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, nil
}

// browse sends a request of a page to a route for customers and the app.
func browse(t *testing.T, method, origin, authorization string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	mux := api.NewMux(callers{})
	api.Handle(mux, "GET /v1/things", api.Route[api.NoBody]{
		Roles: []access.Role{access.RoleApp, access.RoleCustomer},
		Run: func(_ context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
			if request.Query("busy") != "" {
				return api.Answer{}, fault.Busy(nil)
			}
			return api.Answer{Status: http.StatusOK, Body: []string{}, Language: "de"}, nil
		},
	})
	r := httptest.NewRequest(method, "/v1/things"+strings.Join(header, ""), http.NoBody)
	r.Header.Set("Authorization", authorization)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if method == http.MethodOptions {
		r.Header.Set("Access-Control-Request-Method", "POST")
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

const (
	listed   = "https://app.example.com"
	unlisted = "https://evil.example"
)

func TestAPageOfAListedOriginReadsItsAnswers(t *testing.T) {
	for target, want := range map[string]int{"": 200, "?busy=1": 503} {
		w := browse(t, http.MethodGet, listed, "alice", target)
		require.Equal(t, want, w.Code, target)
		require.Equal(t, listed, w.Header().Get("Access-Control-Allow-Origin"), "a problem is readable, too")
		require.Contains(t, w.Header().Get("Access-Control-Expose-Headers"), "Retry-After")
		require.Equal(t, "Origin", w.Header().Values("Vary")[0])
		require.Empty(t, w.Header().Get("Access-Control-Allow-Credentials"), "no cookie is ever asked for")
	}
	throttled := browse(t, http.MethodGet, listed, "busybody")
	require.Equal(t, []any{http.StatusTooManyRequests, "1", listed},
		[]any{throttled.Code, throttled.Header().Get("Retry-After"), throttled.Header().Get("Access-Control-Allow-Origin")})
	require.Equal(t, http.StatusUnauthorized, browse(t, http.MethodGet, listed, "nobody").Code)
}

func TestAPageOfAnotherOriginIsRefusedBeforeAnythingIsRead(t *testing.T) {
	for _, origin := range []string{unlisted, "null", listed + ".evil.example", "*"} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			w := browse(t, method, origin, "alice")
			require.Equal(t, http.StatusForbidden, w.Code)
			require.Contains(t, w.Body.String(), `"code":"forbidden"`)
			require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
		}
	}
	mux := api.NewMux(callers{})
	api.Handle(mux, "POST /v1/things", api.Route[api.GrantCredits]{Roles: []access.Role{access.RoleCustomer}})
	r := httptest.NewRequest(http.MethodPost, "/v1/things", unread{t})
	r.Header.Set("Origin", unlisted)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	require.Equal(t, http.StatusForbidden, w.Code)
}

func TestAKeyInAPageIsRefused(t *testing.T) {
	w := browse(t, http.MethodGet, listed, "app")
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Equal(t, listed, w.Header().Get("Access-Control-Allow-Origin"), "so that whoever wrote the page reads why")
	require.Equal(t, http.StatusOK, browse(t, http.MethodGet, "", "app").Code, "a server has no origin")
}

func TestWhatABrowserAsksBeforehandIsAnsweredAndKept(t *testing.T) {
	w := browse(t, http.MethodOptions, listed, "")
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Empty(t, w.Body.String())
	require.Equal(t, "7200", w.Header().Get("Access-Control-Max-Age"))
	require.Equal(t, "GET, POST", w.Header().Get("Access-Control-Allow-Methods"))
	for _, header := range []string{"Authorization", "Content-Type", api.HeaderIdempotencyKey, "If-None-Match"} {
		require.Contains(t, w.Header().Get("Access-Control-Allow-Headers"), header)
	}
	require.Equal(t, http.StatusMethodNotAllowed, browse(t, http.MethodOptions, "", "").Code, "without a page nobody asks")
}
