package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	demo "makegood/infra/demo/shop"
	"makegood/infra/local"
)

var (
	browser  *browsertest.Browser
	services *local.Endpoints
	stack    *local.Stack
	others   = map[string]*local.Stack{} // by policy

	// shop is the origin that the stacks list. The page that it serves is that of the last app.
	shop = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { open.Load().pages.ServeHTTP(w, r) }))
	open atomic.Pointer[app]
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	failed := func(what string, err error) int {
		fmt.Fprintln(os.Stderr, what, err)
		return 1
	}
	build := exec.CommandContext(ctx, "./build.sh")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return failed("the component does not build:", err)
	}
	var err error
	if services, err = local.Shared(ctx); err != nil {
		return failed("these tests need DynamoDB Local and ElasticMQ:", err)
	}
	defer services.Stop()
	if stack, err = start(ctx, "photoroom"); err != nil {
		return failed("the stack does not start:", err)
	}
	defer stack.Stop()
	defer func() {
		for _, other := range others {
			other.Stop()
		}
	}()
	defer shop.Close()
	browser, err = browsertest.Start(ctx)
	if err != nil {
		return failed("these tests need a browser:", err)
	}
	defer browser.Close()
	return m.Run()
}

func start(ctx context.Context, policy string) (*local.Stack, error) {
	return local.Start(ctx, local.Options{
		Endpoints: services, Policy: policy, Parameters: map[string]string{"AllowedOrigins": shop.URL},
		Prefix: fmt.Sprintf("web-%d-%s-", os.Getpid(), policy), Log: os.Stderr,
		LogDir: filepath.Join("..", "..", ".local", "logs", "web-"+policy),
	})
}

// under has the test play on a stack of another policy, which runs from the first such test to the
// end of all.
func under(t *testing.T, policy string) {
	t.Helper()
	if others[policy] == nil {
		other, err := start(context.WithoutCancel(t.Context()), policy)
		require.NoError(t, err)
		others[policy] = other
	}
	usual := stack
	stack = others[policy]
	t.Cleanup(func() { stack = usual })
}

// call asks the stack by a key and returns the answer's fields.
func call(t *testing.T, key, method, path string, body any) map[string]any {
	t.Helper()
	var text bytes.Buffer
	if body != nil {
		require.NoError(t, json.NewEncoder(&text).Encode(body))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, stack.BaseURL+path, &text)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano()))
	answer, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Less(t, answer.StatusCode, 300, "%s %s: %s", method, path, content)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(content, &fields))
	return fields
}

// until asks for a path until it holds.
func until(t *testing.T, path string, holds func(map[string]any) bool) map[string]any {
	t.Helper()
	for deadline := time.Now().Add(browsertest.Patience); ; time.Sleep(50 * time.Millisecond) {
		if seen := call(t, local.AppKey, http.MethodGet, path, nil); holds(seen) {
			return seen
		} else if time.Now().After(deadline) {
			require.Fail(t, "not in time", "%s: %v", path, seen)
		}
	}
}

// app is the page of somebody's app, and the API behind the same origin.
type app struct {
	pages    http.Handler
	customer string
	html     string
	gateway  string // an origin at which it asks the API, too

	mu     sync.Mutex
	keys   []string      // under which reports, claims and appeals came
	refuse []int         // the next of them are answered by these,
	code   string        // with this code
	field  string        // and this field
	lost   int           // so many after them are taken, and their answers do not come
	spoilt int           // so many of the next uploads lead nowhere
	proofs int           // how many attachments were asked for
	denied []int         // the next of them are answered by these,
	held   chan struct{} // and none before this is closed, if there is one
}

// newApp serves a page to a new customer with credits.
func newApp(t *testing.T, html string) *app {
	t.Helper()
	a := &app{html: html, customer: fmt.Sprintf("c%d", time.Now().UnixNano())}
	call(t, local.AppKey, http.MethodPost, "/v1/grants", map[string]any{"customer": a.customer, "credits": 1000, "source": "allowance"})
	api, err := url.Parse(stack.BaseURL)
	require.NoError(t, err)
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(api) }}
	mux := http.NewServeMux()
	mux.Handle("/v1/", behind)
	sends := func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.keys = append(a.keys, r.Header.Get("Idempotency-Key"))
		status, loses := 0, false
		switch {
		case len(a.refuse) > 0:
			status, a.refuse = a.refuse[0], a.refuse[1:]
		case a.lost > 0:
			a.lost, loses = a.lost-1, true
		}
		a.mu.Unlock()
		switch {
		case status != 0:
			if a.code != "" {
				w.Header().Set("Retry-After", "120") // longer than the element waits by itself
			}
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"code": a.code, "field": a.field})
		case loses:
			behind.ServeHTTP(httptest.NewRecorder(), r)
			w.Header().Set("Retry-After", "120") // longer than the element waits by itself
			w.WriteHeader(http.StatusGatewayTimeout)
		default:
			behind.ServeHTTP(w, r)
		}
	}
	mux.HandleFunc("POST /v1/reports", sends)
	mux.HandleFunc("POST /v1/cases/{id}/appeal", sends)
	mux.HandleFunc("POST /v1/refund-requests", sends)
	mux.HandleFunc("POST /v1/attachments", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		spoils := a.spoilt > 0
		a.spoilt, a.proofs = a.spoilt-1, a.proofs+1
		denied, held := 0, a.held
		if len(a.denied) > 0 {
			denied, a.denied = a.denied[0], a.denied[1:]
		}
		a.mu.Unlock()
		if held != nil {
			<-held
		}
		if denied != 0 {
			w.Header().Set("Retry-After", "120") // longer than the element waits by itself
			w.WriteHeader(denied)
			_ = json.NewEncoder(w).Encode(map[string]string{"code": a.code})
			return
		}
		if !spoils {
			behind.ServeHTTP(w, r)
			return
		}
		kept := httptest.NewRecorder()
		behind.ServeHTTP(kept, r)
		w.WriteHeader(kept.Code)
		_, _ = w.Write(bytes.ReplaceAll(kept.Body.Bytes(), []byte(stack.S3URL()), []byte(shop.URL+"/nowhere")))
	})
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, a.token(t)) })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /picture.png", func(w http.ResponseWriter, _ *http.Request) {
		picture, err := demo.Picture("sound-00000001.png")
		assert.NoError(t, err)
		_, _ = w.Write(picture)
	})
	mux.Handle("GET /dist/", http.StripPrefix("/dist/", http.FileServer(http.Dir("../../.local/web/dist"))))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// Nothing but the API may be asked, and no style or script stands in the page.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self' "+stack.BaseURL+" "+stack.S3URL()+" "+a.gateway+"; base-uri 'none'")
		_, _ = io.WriteString(w, a.html)
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, script)
	})
	a.pages = mux
	open.Store(a)
	return a
}

// script is what an app adds to the element; events are noted for the tests.
const script = `
const report = document.querySelector("makegood-report, makegood-claim");
report.generation = new URLSearchParams(location.search).get("generation");
report.getSession = async () => { window.sessions = (window.sessions ?? 0) + 1; return (await fetch("/token")).text(); };
window.events = [];
for (const type of ["mg-open", "mg-sent", "mg-answered", "mg-error"]) document.addEventListener(type, event => events.push([type, event.detail]));
`

// page is a whole page of an app.
func page(lang, element string) string {
	return `<!doctype html>
<html lang="` + lang + `">
<title>Shop</title>
<script src="/dist/makegood-report.script.js"></script>
<script src="/dist/makegood-claim.script.js"></script>
<main>
<h1>Your pictures</h1>
` + element + `
</main>
<script src="/page.js"></script>
</html>`
}

func (a *app) token(t *testing.T) string {
	return call(t, local.AppKey, http.MethodPost, "/v1/sessions", map[string]any{"customer": a.customer})["token"].(string)
}

// generation starts a generation of the app's customer.
func (a *app) generation(t *testing.T, feature string) string {
	t.Helper()
	return call(t, local.AppKey, http.MethodPost, "/v1/generations", map[string]any{"customer": a.customer, "feature": feature, "platform": "web"})["id"].(string)
}

// picture is a generation whose result came.
func (a *app) picture(t *testing.T) string { return a.made(t, "recolor", nil) }

// made is a generation of a feature whose result has these outputs; nil where it names none.
func (a *app) made(t *testing.T, feature string, outputs []map[string]any) string {
	t.Helper()
	id := a.generation(t, feature)
	result := map[string]any{"status": "succeeded", "finished_at": time.Now().UTC()}
	if outputs != nil {
		result["outputs"] = outputs
	}
	call(t, local.AppKey, http.MethodPost, "/v1/generations/"+id+"/result", result)
	until(t, "/v1/generations/"+id, func(g map[string]any) bool { return g["state"] == "captured" })
	return id
}

// rule has staff decide a case.
func rule(t *testing.T, id, outcome string) {
	t.Helper()
	call(t, local.OperatorKey, http.MethodPost, "/v1/cases/"+id+"/verdict", map[string]any{"outcome": outcome, "note": "looked at"})
	until(t, "/v1/cases/"+id, func(c map[string]any) bool { return c["state"] == outcome })
}
