package http_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	nethttp "net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/aws/http"
	"makegood/shared/correlation"
)

// heard is what a handler saw of a request.
type heard struct {
	request *nethttp.Request
	body    []byte
}

// send passes an event through the adapter to a handler that remembers the request and answers 204.
func send(t *testing.T, payload []byte) (heard, events.APIGatewayV2HTTPResponse) {
	t.Helper()
	var h heard
	response := answer(t, payload, func(w nethttp.ResponseWriter, r *nethttp.Request) {
		h.request = r
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		h.body = body
		w.WriteHeader(nethttp.StatusNoContent)
	})
	return h, response
}

func answer(t *testing.T, payload []byte, handler nethttp.HandlerFunc) events.APIGatewayV2HTTPResponse {
	t.Helper()
	out, err := http.New(handler).Invoke(context.Background(), payload)
	require.NoError(t, err)
	var response events.APIGatewayV2HTTPResponse
	require.NoError(t, json.Unmarshal(out, &response))
	return response
}

func sample(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	return text
}

// changed returns the published POST event with one change.
func changed(t *testing.T, change func(*events.APIGatewayV2HTTPRequest)) []byte {
	t.Helper()
	var e events.APIGatewayV2HTTPRequest
	require.NoError(t, json.Unmarshal(sample(t, "http_api_v2_post.json"), &e))
	change(&e)
	payload, err := json.Marshal(e)
	require.NoError(t, err)
	return payload
}

func TestAPublishedPostIsReadAsItWasSent(t *testing.T) {
	h, response := send(t, sample(t, "http_api_v2_post.json"))
	assert.Equal(t, nethttp.StatusNoContent, response.StatusCode)
	assert.Equal(t, "POST", h.request.Method)
	assert.Equal(t, "/my/path", h.request.URL.Path)
	assert.Equal(t, []string{"value1", "value2"}, h.request.URL.Query()["parameter1"])
	assert.Equal(t, "/my/path?parameter1=value1&parameter1=value2&parameter2=value", h.request.RequestURI)
	assert.Equal(t, "value1,value2", h.request.Header.Get("header2"), "names in any case, values as joined")
	assert.Equal(t, "cookie1; cookie2", h.request.Header.Get("Cookie"))
	assert.JSONEq(t, `{"message": "hello world", "username": "tom"}`, string(h.body))
	assert.EqualValues(t, len(h.body), h.request.ContentLength)
	assert.Equal(t, "192.168.0.1/32", h.request.RemoteAddr)
	assert.Equal(t, "id.execute-api.us-east-1.amazonaws.com", h.request.Host)
	assert.Equal(t, "id", api.RequestID(h.request.Context()))
}

func TestAPublishedGetIsReadAsItWasSent(t *testing.T) {
	h, _ := send(t, sample(t, "http_api_v2_get_go.json"))
	assert.Equal(t, "GET", h.request.Method)
	assert.Equal(t, "/", h.request.URL.Path)
	assert.Empty(t, h.body)
	assert.Equal(t, "aaaaaaaaaa.execute-api.us-west-2.amazonaws.com", h.request.Host)
	assert.Empty(t, h.request.Header.Values("Host"), "net/http keeps the host apart")
	assert.Equal(t, "1.2.3.4", h.request.RemoteAddr)
}

func TestABodyInBase64ArrivesAsItsBytes(t *testing.T) {
	raw := []byte("{\"a\": 1}\r\n\x00\xff\xfe")
	h, _ := send(t, changed(t, func(e *events.APIGatewayV2HTTPRequest) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(raw), true
	}))
	assert.Equal(t, raw, h.body)
}

func TestABodyAsTextArrivesByteForByte(t *testing.T) {
	raw := "{ \"a\" : \"é \\u00e9 <&> \u2028\" }\n\n"
	h, _ := send(t, changed(t, func(e *events.APIGatewayV2HTTPRequest) { e.Body = raw }))
	assert.Equal(t, raw, string(h.body))
}

func TestABodyThatIsNoBase64IsAProblem(t *testing.T) {
	response := answer(t, changed(t, func(e *events.APIGatewayV2HTTPRequest) { e.IsBase64Encoded = true }), func(nethttp.ResponseWriter, *nethttp.Request) {
		t.Error("the handler must not see it")
	})
	assert.Equal(t, nethttp.StatusBadRequest, response.StatusCode)
	assert.Contains(t, response.Body, `"field":"body"`)
}

func TestTheStageIsNoPartOfThePath(t *testing.T) {
	for _, c := range []struct{ stage, raw, path, escaped string }{
		{"$default", "/v1/policy", "/v1/policy", "/v1/policy"},
		{"prod", "/prod/v1/policy", "/v1/policy", "/v1/policy"},
		{"prod", "/prod", "/", "/"},
		{"prod", "/prod/", "/", "/"},
		{"prod", "/v1/policy", "/v1/policy", "/v1/policy"}, // behind a domain of one's own
		{"prod", "/production/v1", "/production/v1", "/production/v1"},
		{"", "/v1/customers/a%2Fb%40c", "/v1/customers/a/b@c", "/v1/customers/a%2Fb%40c"},
		{"", "/v1/customers/a@b", "/v1/customers/a@b", "/v1/customers/a@b"},
		{"", "/v1/customers/auth0%7C5f%2B%3D%24", "/v1/customers/auth0|5f+=$", "/v1/customers/auth0%7C5f%2B%3D%24"},
		{"", "/v1/customers/auth0|5f+=$", "/v1/customers/auth0|5f+=$", "/v1/customers/auth0%7C5f+=$"}, // decoded by the gateway
		{"", "/v1/customers/50%", "/v1/customers/50%", "/v1/customers/50%25"},
		{"", "/v1/customers/é x", "/v1/customers/é x", "/v1/customers/%C3%A9%20x"},
	} {
		h, _ := send(t, changed(t, func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.Stage, e.RawPath = c.stage, c.raw }))
		assert.Equal(t, c.path, h.request.URL.Path, c)
		assert.Equal(t, c.escaped, h.request.URL.EscapedPath(), c)
	}
}

func TestAnAnswersHeadersAndCookiesAreSent(t *testing.T) {
	response := answer(t, sample(t, "http_api_v2_post.json"), func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Add("Vary", "Accept")
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		w.Header().Add("Set-Cookie", "b=2; Path=/")
		w.WriteHeader(nethttp.StatusCreated)
		w.Header().Set("Too", "late")
		w.WriteHeader(nethttp.StatusTeapot)
		_, _ = w.Write([]byte("h<é"))
		_, _ = w.Write([]byte("llo"))
	})
	assert.Equal(t, nethttp.StatusCreated, response.StatusCode)
	assert.Equal(t, map[string]string{"vary": "Accept, Origin", "correlation-id": "id"}, response.Headers)
	assert.Equal(t, []string{"a=1; Path=/", "b=2; Path=/"}, response.Cookies)
	assert.Equal(t, "h<éllo", response.Body)
	assert.False(t, response.IsBase64Encoded)
}

func TestAnAnswerThatIsNoTextIsSentInBase64(t *testing.T) {
	response := answer(t, sample(t, "http_api_v2_post.json"), func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		_, _ = w.Write([]byte("\x89PNG\xff"))
	})
	assert.Equal(t, nethttp.StatusOK, response.StatusCode)
	require.True(t, response.IsBase64Encoded)
	raw, err := base64.StdEncoding.DecodeString(response.Body)
	require.NoError(t, err)
	assert.Equal(t, "\x89PNG\xff", string(raw))
}

func TestAHandlerThatWritesNothingAnswers200(t *testing.T) {
	response := answer(t, sample(t, "http_api_v2_post.json"), func(nethttp.ResponseWriter, *nethttp.Request) {})
	assert.Equal(t, nethttp.StatusOK, response.StatusCode)
}

func TestAPanicIsLoggedAndAnsweredAsAProblem(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(correlation.Handler(slog.NewJSONHandler(&log, nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	response := answer(t, sample(t, "http_api_v2_post.json"), func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.WriteHeader(nethttp.StatusOK)
		_, _ = w.Write([]byte("half an ans"))
		panic("the wallet is inside out")
	})
	assert.Equal(t, nethttp.StatusInternalServerError, response.StatusCode)
	assert.Equal(t, "application/problem+json", response.Headers["content-type"])
	assert.Contains(t, response.Body, `"code":"internal"`)
	assert.NotContains(t, response.Body, "inside out")
	assert.NotContains(t, response.Body, "half an ans")
	assert.Contains(t, log.String(), "inside out")
	assert.Contains(t, log.String(), `"request":"id"`)
	assert.Equal(t, 2, strings.Count(log.String(), `"correlation_id":"id"`), "both lines of it")
	assert.Equal(t, "id", response.Headers["correlation-id"])
	assert.Contains(t, log.String(), "http_test.go", "the stack says where")
}

func TestARequestIsWorkedOnUnderItsCallersIDOrTheGateways(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(correlation.Handler(slog.NewJSONHandler(&log, nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	routes := nethttp.NewServeMux()
	routes.HandleFunc("/my/{name}", func(w nethttp.ResponseWriter, r *nethttp.Request) {
		w.Header().Set("Worked-Under", correlation.ID(r.Context()))
		w.WriteHeader(nethttp.StatusAccepted)
	})
	for _, c := range []struct{ method, own, want, line string }{
		{"POST", "", "id", ""},
		{"POST", "order-4711", "order-4711", `"msg":"request answered","route":"/my/{name}","status":202,"request":"id","correlation_id":"order-4711"`},
		{"GET", "order-4711", "order-4711", ""}, // nothing comes of it that one could look for
		{"POST", "alice@example.com", "id", ""},
		{"POST", strings.Repeat("x", 65), "id", ""},
	} {
		log.Reset()
		payload := changed(t, func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.HTTP.Method = c.method
			e.Headers["correlation-id"] = c.own
		})
		out, err := http.New(routes).Invoke(correlation.With(context.Background(), "invocation"), payload)
		require.NoError(t, err)
		var response http.Response
		require.NoError(t, json.Unmarshal(out, &response))
		assert.Equal(t, []string{c.want, c.want}, []string{response.Headers["worked-under"], response.Headers["correlation-id"]}, c.own)
		assert.Contains(t, log.String(), c.line)
		assert.Equal(t, c.line == "", log.Len() == 0, "%s %s: %s", c.method, c.own, log.String())
	}
}

func TestWhatIsNoHTTPEventIsAnError(t *testing.T) {
	for _, payload := range []string{``, `{}`, `[]`, `{"Records":[]}`, `{"rawPath":"/"}`, `{"requestContext":{"http":{"method":"GET"}}}`} {
		_, err := http.New(nethttp.NotFoundHandler()).Invoke(context.Background(), []byte(payload))
		assert.Error(t, err, payload)
	}
}

func TestTheHandlersTimeEndsBeforeTheInvocations(t *testing.T) {
	end := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()
	_, err := http.New(nethttp.HandlerFunc(func(_ nethttp.ResponseWriter, r *nethttp.Request) {
		deadline, ok := r.Context().Deadline()
		assert.True(t, ok)
		assert.Equal(t, 500*time.Millisecond, end.Sub(deadline), "left to tell the caller")
	})).Invoke(ctx, sample(t, "http_api_v2_get_go.json"))
	require.NoError(t, err)
}

func BenchmarkInvoke(b *testing.B) {
	payload, err := os.ReadFile("testdata/http_api_v2_post.json")
	require.NoError(b, err)
	handler := http.New(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) { _, _ = w.Write([]byte(`{}`)) }))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := handler.Invoke(context.Background(), payload); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWhatIsNoHTMLIsNotEscapedAsHTML(t *testing.T) {
	out, err := http.New(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		_, _ = w.Write([]byte(`{"said":"<&>"}`))
	})).Invoke(context.Background(), sample(t, "http_api_v2_post.json"))
	require.NoError(t, err)
	require.Contains(t, string(out), `{\"said\":\"<&>\"}`)
}
