package bedrock_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/aws/bedrock"
	"makegood/shared/evidence"
)

var question = adjudication.Question{
	System: "You look at pictures.", Name: "look", Schema: `{"type":"object"}`, MaxTokens: 1500, Parts: []adjudication.Part{
		{Text: "This is the result <ü>:"}, {JPEG: []byte("\xff\xd8\xff picture")}, {Text: "<data>\n{\"claim\":\"\\u003c/data\\u003e\"}\n</data>"},
	},
}

// converse serves Converse on loopback, each call answered by handle, and counts the calls.
func converse(t *testing.T, handle http.HandlerFunc) *atomic.Int64 {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	reached(t, server.URL)
	return &calls
}

func reached(t *testing.T, url string) {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
}

func answering(status int, word, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if word != "" {
			w.Header().Set("X-Amzn-ErrorType", word)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// usual is an answer as Bedrock gives it; the SDK reads the same of it.
func usual(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/answer.json")
	require.NoError(t, err)
	return string(text)
}

// requests are what the SDK's own client sends for the question, at a temperature and without one.
func requests(t *testing.T) (all []struct {
	Path string
	Body json.RawMessage
},
) {
	t.Helper()
	file, err := os.Open("testdata/requests.sdk.jsonl")
	require.NoError(t, err)
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var one struct {
			Path string
			Body json.RawMessage
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &one))
		all = append(all, one)
	}
	require.Len(t, all, 2)
	return all
}

// signature signs the call as it came by the SDK's own signer.
func signature(t *testing.T, r *http.Request, body []byte) string {
	t.Helper()
	again, err := http.NewRequestWithContext(t.Context(), r.Method, "http://"+r.Host+r.RequestURI, bytes.NewReader(body))
	assert.NoError(t, err)
	again.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	assert.NoError(t, err)
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hidden"}
	assert.NoError(t, v4.NewSigner().SignHTTP(t.Context(), credentials, again, hex.EncodeToString(sum[:]), "bedrock", os.Getenv("AWS_REGION"), at))
	return again.Header.Get("Authorization")
}

func TestAQuestionIsOneSignedConverseAsTheSDKSendsIt(t *testing.T) {
	for i, id := range []string{"eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-8"} {
		want := requests(t)[i]
		calls := converse(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			// The second is what a model gets that refused the temperature of the first call.
			if i == 1 && bytes.Contains(body, []byte("temperature")) {
				answering(400, "ValidationException", `{"message":"temperature is deprecated for this model."}`)(w, r)
				return
			}
			assert.Equal(t, "POST "+want.Path, r.Method+" "+r.RequestURI)
			assert.JSONEq(t, string(want.Body), string(body))
			assert.Equal(t, signature(t, r, body), r.Header.Get("Authorization"))
			_, _ = io.WriteString(w, usual(t))
		})
		answer := bedrock.Open(id).Ask(t.Context(), question)
		assert.Equal(t, adjudication.Answer{Text: `{"seen":"a bag"}`, InputTokens: 3120, OutputTokens: 214, Untempered: i == 1}, answer)
		assert.EqualValues(t, 1+i, calls.Load())
	}
}

func TestAModelThatRefusesTheTemperatureIsAskedWithoutFromThenOn(t *testing.T) {
	calls := converse(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte("temperature")) {
			answering(400, "ValidationException", `{"message":"The model returned the following errors: temperature is deprecated for this model."}`)(w, r)
			return
		}
		_, _ = io.WriteString(w, usual(t))
	})
	model := bedrock.Open("model")
	assert.True(t, model.Ask(t.Context(), question).Untempered)
	assert.True(t, model.Ask(t.Context(), question).Untempered)
	assert.EqualValues(t, 3, calls.Load())
	// One that refuses all the same is not asked for ever.
	calls = converse(t, answering(400, "ValidationException", `{"message":"temperature"}`))
	answer := bedrock.Open("model").Ask(t.Context(), question)
	assert.Equal(t, evidence.OpinionRefused, answer.Problem)
	assert.EqualValues(t, 2, calls.Load())
}

func TestARefusalSaysWhatItIsAndWhetherItMayHaveCostSomething(t *testing.T) {
	for _, c := range []struct {
		status    int
		word      string
		want      evidence.OpinionOutcome
		uncounted bool
	}{
		{400, "ValidationException", evidence.OpinionRefused, false}, // a wrong schema, too
		{403, "AccessDeniedException", evidence.OpinionRefused, false},
		{404, "ResourceNotFoundException", evidence.OpinionRefused, false},
		{400, "", evidence.OpinionRefused, false},
		{302, "", evidence.OpinionRefused, false},
		{429, "ThrottlingException", evidence.OpinionThrottled, false},
		{429, "ModelNotReadyException", evidence.OpinionThrottled, false},
		{400, "ThrottlingException", evidence.OpinionThrottled, false},
		{408, "ModelTimeoutException", evidence.OpinionLate, true},
		{504, "", evidence.OpinionLate, true},
		{424, "ModelErrorException", evidence.OpinionUnavailable, true},
		{500, "InternalServerException", evidence.OpinionUnavailable, true},
		{503, "ServiceUnavailableException", evidence.OpinionUnavailable, true},
	} {
		for place, handle := range map[string]http.HandlerFunc{
			"header": answering(c.status, c.word, `{"message":"hunter2"}`),
			"body":   answering(c.status, "", fmt.Sprintf(`{"__type":"com.amazonaws.bedrock#%s","message":"hunter2"}`, c.word)),
		} {
			calls := converse(t, handle)
			answer := bedrock.Open("model").Ask(t.Context(), question)
			assert.Equal(t, adjudication.Answer{Problem: c.want, Uncounted: c.uncounted}, answer, "%d %s in %s", c.status, c.word, place)
			assert.EqualValues(t, 1, calls.Load(), "one attempt: another may be paid for")
		}
	}
}

func TestAnAnswerThatIsNotWholeIsNone(t *testing.T) {
	good := usual(t)
	for name, c := range map[string]struct {
		body      string
		want      evidence.OpinionOutcome
		uncounted bool
	}{
		"no JSON":           {"<html>", evidence.OpinionMalformed, true},
		"nothing":           {"", evidence.OpinionMalformed, true},
		"no message":        {`{"stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":0,"totalTokens":5}}`, evidence.OpinionMalformed, false},
		"a tool":            {strings.Replace(good, `{"text":"{\"seen\":\"a bag\"}"}`, `{"toolUse":{"name":"approve"}}`, 1), evidence.OpinionMalformed, false},
		"two texts":         {strings.Replace(good, `[{"text"`, `[{"text":"approve"},{"text"`, 1), evidence.OpinionMalformed, false},
		"too many tokens":   {strings.Replace(good, "end_turn", "max_tokens", 1), evidence.OpinionStopped, false},
		"a guardrail":       {strings.Replace(good, "end_turn", "guardrail_intervened", 1), evidence.OpinionStopped, false},
		"a filter":          {strings.Replace(good, "end_turn", "content_filtered", 1), evidence.OpinionStopped, false},
		"a malformed text":  {strings.Replace(good, "end_turn", "malformed_model_output", 1), evidence.OpinionMalformed, false},
		"a reason of 2027":  {strings.Replace(good, "end_turn", "bored", 1), evidence.OpinionStopped, false},
		"no reason":         {strings.Replace(good, "end_turn", "", 1), evidence.OpinionMalformed, false},
		"an answer too big": {strings.Replace(good, "a bag", strings.Repeat("a", 64<<10), 1), evidence.OpinionMalformed, true},
	} {
		converse(t, answering(200, "", c.body))
		answer := bedrock.Open("model").Ask(t.Context(), question)
		assert.Equal(t, c.want, answer.Problem, name)
		assert.Equal(t, c.uncounted, answer.Uncounted, name)
		assert.Empty(t, answer.Text, name)
	}
}

func TestTokensAreBelievedWhereTheyCanBe(t *testing.T) {
	good := usual(t)
	reasoning := strings.Replace(good, `[{"text"`, `[{"reasoningContent":{"reasoningText":{"text":"Hm."}}},{"text"`, 1)
	for name, c := range map[string]struct {
		body string
		want adjudication.Answer
	}{
		"a model that reasons": {reasoning, adjudication.Answer{Text: `{"seen":"a bag"}`, InputTokens: 3120, OutputTokens: 214}},
		"tokens of a cache":    {strings.Replace(good, `"totalTokens":3334`, `"totalTokens":4334`, 1), adjudication.Answer{Text: `{"seen":"a bag"}`, InputTokens: 4120, OutputTokens: 214}},
		"no count":             {strings.Replace(good, `"usage"`, `"used"`, 1), adjudication.Answer{Text: `{"seen":"a bag"}`, Uncounted: true}},
		"a negative count":     {strings.Replace(good, `"outputTokens":214`, `"outputTokens":-1`, 1), adjudication.Answer{Text: `{"seen":"a bag"}`, Uncounted: true}},
		"a count of millions":  {strings.Replace(good, `"inputTokens":3120`, `"inputTokens":99999999`, 1), adjudication.Answer{Text: `{"seen":"a bag"}`, Uncounted: true}},
	} {
		converse(t, answering(200, "", c.body))
		assert.Equal(t, c.want, bedrock.Open("model").Ask(t.Context(), question), name)
	}
}

func TestASlowAnswerEndsWithItsTime(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
		"a byte at a time": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		},
	} {
		converse(t, handle)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a call that is not sent by then costs nothing
		start := time.Now()
		answer := bedrock.Open("model").Ask(ctx, question)
		cancel()
		assert.Equal(t, adjudication.Answer{Problem: evidence.OpinionLate, Uncounted: true}, answer, name)
		assert.Less(t, time.Since(start), 10*time.Second, name)
	}
}

func TestAnAnswerWithoutEndIsReadNoFurtherThanItsBound(t *testing.T) {
	converse(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 8<<10)); err != nil {
				return
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	assert.Equal(t, adjudication.Answer{Problem: evidence.OpinionMalformed, Uncounted: true}, bedrock.Open("model").Ask(ctx, question))
	require.NoError(t, ctx.Err())
}

func TestACallThatReachedNobodyCostNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	reached(t, "http://"+listener.Addr().String())
	assert.Equal(t, adjudication.Answer{Problem: evidence.OpinionUnavailable}, bedrock.Open("model").Ask(t.Context(), question))
	calls := converse(t, answering(200, "", "{}"))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	assert.Equal(t, adjudication.Answer{Problem: evidence.OpinionUnavailable}, bedrock.Open("model").Ask(t.Context(), question))
	assert.Zero(t, calls.Load())
}

func TestAnAnswerThatBreaksOffMayHaveCostSomething(t *testing.T) {
	converse(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "4000")
		_, _ = io.WriteString(w, `{"output":`)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	})
	assert.Equal(t, adjudication.Answer{Problem: evidence.OpinionUnavailable, Uncounted: true}, bedrock.Open("model").Ask(t.Context(), question))
}

func TestNoClientOfAServiceIsLinked(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for path := range strings.FieldsSeq(string(list)) {
		assert.NotContains(t, path, "aws-sdk-go-v2/service/")
	}
}
