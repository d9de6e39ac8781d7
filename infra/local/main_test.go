package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// stack is shared by the tests of this package: starting one costs seconds. Tests that need another
// start it themselves.
var stack = sync.OnceValues(func() (*local.Stack, error) { return local.Start(context.Background(), options()) })

func options() local.Options {
	root, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return local.Options{
		Root: root, Template: filepath.Join(root, "infra/local/testdata/template.yaml"), ManualSchedules: true, Log: os.Stderr,
		LogDir: filepath.Join(root, ".local/logs/testdata"), Parameters: map[string]string{"Greeting": "good day"},
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	if s, err := stack(); err == nil {
		s.Stop()
	}
	os.Exit(code)
}

// running gives the shared stack.
func running(t *testing.T) *local.Stack {
	t.Helper()
	s, err := stack()
	require.NoError(t, err)
	return s
}

// another starts a stack of the test's own on the shared services, so that it may break it.
func another(t *testing.T, prefix string, change func(*local.Options)) *local.Stack {
	t.Helper()
	o := options()
	o.Endpoints, o.Prefix = running(t).Endpoints, prefix
	if change != nil {
		change(&o)
	}
	s, err := local.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// echoed is what the echo function says about its invocation.
type echoed struct {
	Event struct {
		RouteKey              string            `json:"routeKey"`
		RawPath               string            `json:"rawPath"`
		RawQueryString        string            `json:"rawQueryString"`
		Headers               map[string]string `json:"headers"`
		Cookies               []string          `json:"cookies"`
		QueryStringParameters map[string]string `json:"queryStringParameters"`
		PathParameters        map[string]string `json:"pathParameters"`
		Body                  string            `json:"body"`
		IsBase64Encoded       bool              `json:"isBase64Encoded"`
	} `json:"event"`
	Raw         json.RawMessage   `json:"-"`
	RequestID   string            `json:"request_id"`
	ARN         string            `json:"arn"`
	PID         int               `json:"pid"`
	Env         map[string]string `json:"env"`
	RemainingMS int               `json:"remaining_ms"`
}

// answered is an answer without its body.
type answered struct {
	StatusCode int
	Header     http.Header
}

// call sends one request and reads the whole answer.
func call(t *testing.T, s *local.Stack, method, path string, body []byte, headers ...string) (answered, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.BaseURL+path, bytes.NewReader(body))
	require.NoError(t, err)
	for n := 0; n < len(headers); n += 2 {
		req.Header.Add(headers[n], headers[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answered{resp.StatusCode, resp.Header}, answer
}

func echo(t *testing.T, s *local.Stack, method, path string, body []byte, headers ...string) echoed {
	t.Helper()
	resp, answer := call(t, s, method, path, body, headers...)
	require.Equal(t, http.StatusOK, resp.StatusCode, string(answer))
	var e echoed
	require.NoError(t, json.Unmarshal(answer, &e))
	var raw struct {
		Event json.RawMessage `json:"event"`
	}
	require.NoError(t, json.Unmarshal(answer, &raw))
	e.Raw = raw.Event
	return e
}

// patience is how long a test waits for what must come: a loaded machine takes its time.
const patience = time.Minute

// eventually waits until the condition holds; it says what it waited for when it does not.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		require.False(t, time.Now().After(deadline), "not within %s: %s", patience, what)
		time.Sleep(20 * time.Millisecond)
	}
}
