package local_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestARequestArrivesInPayloadFormatTwo(t *testing.T) {
	s := running(t)
	e := echo(t, s, http.MethodPost, "/echo/al%40ice?b=2&a=1&a=%2B3&empty=", []byte(`{"x":1}`),
		"Content-Type", "application/json; charset=utf-8", "X-Twice", "one", "X-Twice", "two", "Cookie", "c=1; d=2")
	assert.Equal(t, "ANY /echo/{id}", e.Event.RouteKey)
	assert.Equal(t, "/echo/al@ice", e.Event.RawPath)
	assert.Equal(t, "b=2&a=1&a=%2B3&empty=", e.Event.RawQueryString)
	assert.Equal(t, map[string]string{"a": "1,+3", "b": "2", "empty": ""}, e.Event.QueryStringParameters)
	assert.Equal(t, map[string]string{"id": "al@ice"}, e.Event.PathParameters)
	assert.Equal(t, "one,two", e.Event.Headers["x-twice"])
	assert.Equal(t, []string{"c=1", "d=2"}, e.Event.Cookies)
	assert.NotContains(t, e.Event.Headers, "cookie")
	assert.Equal(t, `{"x":1}`, e.Event.Body)
	assert.False(t, e.Event.IsBase64Encoded)
}

func TestAnEventHasTheShapeOfTheRealOne(t *testing.T) {
	text, err := os.ReadFile("testdata/lambda_events.json")
	require.NoError(t, err)
	var samples map[string]map[string]any
	var known map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &known))
	samples = map[string]map[string]any{}
	for _, name := range []string{"http_api_v2_get_go", "http_api_v2_post"} {
		var sample map[string]any
		require.NoError(t, json.Unmarshal(known[name], &sample))
		samples[name] = sample
	}
	var got map[string]any
	require.NoError(t, json.Unmarshal(echo(t, running(t), http.MethodGet, "/echo/x", nil, "Accept", "*/*").Raw, &got))
	sameShape(t, "", samples["http_api_v2_get_go"], got, "content-length")
	require.NoError(t, json.Unmarshal(echo(t, running(t), http.MethodPost, "/echo/x?parameter1=value1&parameter1=value2&parameter2=value",
		[]byte("{}"), "Cookie", "cookie1", "Cookie", "cookie2", "Header1", "value1", "Header2", "value1", "Header2", "value2",
		"Content-Type", "application/json").Raw, &got))
	sameShape(t, "", samples["http_api_v2_post"], got, "authorizer", "stageVariables", "Header1", "Header2", "parameter1")
	assert.Equal(t, samples["http_api_v2_post"]["queryStringParameters"], got["queryStringParameters"])
	assert.Equal(t, samples["http_api_v2_post"]["cookies"], got["cookies"])
}

// sameShape wants every key of the sample in what we got, with the same kind of value.
func sameShape(t *testing.T, at string, sample, got map[string]any, except ...string) {
	t.Helper()
	for key, want := range sample {
		if strings.Contains(strings.Join(except, " "), key) {
			continue
		}
		value, ok := got[key]
		if !assert.True(t, ok, "no %s%s", at, key) {
			continue
		}
		assert.IsType(t, want, value, at+key)
		inner, deep := want.(map[string]any)
		if other, same := value.(map[string]any); deep && same {
			sameShape(t, at+key+".", inner, other, except...)
		}
	}
}

func TestBytesThatAreNoTextArriveAsBase64(t *testing.T) {
	s := running(t)
	for _, c := range []struct {
		contentType, body, want string
		encoded                 bool
	}{
		{"application/octet-stream", "abc", "YWJj", true},
		{"application/x-www-form-urlencoded", "a=b", "YT1i", true},
		{"application/json", "\xff\x00", "/wA=", true},
		{"", "{}", "e30=", true},
		{"application/problem+json", "{}", "{}", false},
		{"text/plain", "grüße", "grüße", false},
		{"image/png", "", "", false},
	} {
		e := echo(t, s, http.MethodPut, "/echo/x", []byte(c.body), "Content-Type", c.contentType)
		assert.Equal(t, c.want, e.Event.Body, c.contentType)
		assert.Equal(t, c.encoded, e.Event.IsBase64Encoded, c.contentType)
	}
}

func TestTheMostExactRouteIsChosen(t *testing.T) {
	s := running(t)
	assert.Equal(t, "GET /echo/fixed", echo(t, s, http.MethodGet, "/echo/fixed", nil).Event.RouteKey)
	assert.Equal(t, "ANY /echo/{id}", echo(t, s, http.MethodPost, "/echo/fixed", nil).Event.RouteKey)
	e := echo(t, s, http.MethodGet, "/files/a/b/c", nil)
	assert.Equal(t, map[string]string{"rest": "a/b/c"}, e.Event.PathParameters)
}

func TestARouteThatTheTemplateHasNotIsNotFound(t *testing.T) {
	for _, at := range []string{"GET /", "GET /echo", "GET /echo/", "GET /echo/a/b", "POST /files/a", "GET /v1/policy/", "GET /_local/status"} {
		method, path, _ := strings.Cut(at, " ")
		resp, body := call(t, running(t), method, path, nil)
		assert.Equal(t, http.StatusNotFound, resp.StatusCode, at)
		assert.JSONEq(t, `{"message":"Not Found"}`, string(body), at)
	}
}

func TestABodyOverTenMegabytesIsRefused(t *testing.T) {
	resp, body := call(t, running(t), http.MethodPost, "/echo/x", bytes.Repeat([]byte("a"), 10<<20+1), "Content-Type", "text/plain")
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	assert.JSONEq(t, `{"message":"Request Entity Too Large"}`, string(body))
}

func TestAnswersOfAFunctionBecomeHTTP(t *testing.T) {
	s := running(t)
	resp, body := call(t, s, http.MethodGet, "/echo/x?do=binary", nil)
	assert.Equal(t, http.StatusCreated, resp.StatusCode)
	assert.Equal(t, "image/png", resp.Header.Get("Content-Type"))
	assert.Equal(t, []string{"a=1", "b=2"}, resp.Header.Values("Set-Cookie"))
	assert.Equal(t, []byte{0x89, 'P', 'N', 'G'}, body)

	resp, body = call(t, s, http.MethodGet, "/echo/x?do=plain", nil)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.JSONEq(t, `{"just":"a value"}`, string(body))

	resp, body = call(t, s, http.MethodGet, "/echo/x?do=text", nil)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.JSONEq(t, `"no status code"`, string(body))
}

func TestFailuresOfAFunctionAreTheGatewaysOwnAnswers(t *testing.T) {
	s := running(t)
	for do, status := range map[string]int{"fail": 500, "panic": 500, "exit": 503} {
		resp, body := call(t, s, http.MethodGet, "/echo/x?do="+do, nil)
		assert.Equal(t, status, resp.StatusCode, do)
		assert.JSONEq(t, `{"message":"`+map[int]string{500: "Internal Server Error", 503: "Service Unavailable"}[status]+`"}`, string(body), do)
	}
	echo(t, s, http.MethodGet, "/echo/x", nil) // and the next request is served
}

func TestADemoAnswersAtItsOwnPathsAlone(t *testing.T) {
	s := another(t, "demo-", func(o *local.Options) {
		o.Demo = func(s *local.Stack) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte("demo of " + s.BaseURL + r.URL.Path))
			})
		}
	})
	for path, want := range map[string]string{
		"/demo": "demo of " + s.BaseURL + "/demo", "/demo/a/b": "demo of " + s.BaseURL + "/demo/a/b", "/demos": `{"message":"Not Found"}`,
	} {
		answer, err := http.Get(s.BaseURL + path)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, want, string(body), path)
	}
}
