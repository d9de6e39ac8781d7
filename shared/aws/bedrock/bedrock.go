// Package bedrock owns how a model of Amazon Bedrock is asked: one signed call of Converse, with a
// JSON schema for the answer.
//
// It refuses to know what is asked and what an answer means. Nothing of a question or of an answer
// gets into a log.
//
// Invariants: a question is one call, and a second one only where the model refused the
// temperature. No call is repeated because its answer did not come: it may have cost something.
// What is read of an answer is bounded.
//
// Words: as in adjudication; stop reason (why the model ended).
//
// Why no SDK client: infra/decisions/0060.
package bedrock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"makegood/shared/adjudication"
	"makegood/shared/aws/client"
	"makegood/shared/evidence"
)

// maxAnswer bounds what is read of an answer: the tokens of a question are some 6 KiB of text.
const maxAnswer = 64 << 10

// maxCount bounds a count of tokens that is believed.
const maxCount = 10_000_000

// Model is one model or inference profile of Bedrock. It is safe for concurrent use.
type Model struct {
	id         string
	untempered atomic.Bool // it refused the temperature once
}

// Open returns the model of that id: "eu.anthropic.claude-…", or the ARN of a profile. It makes no
// call.
func Open(id string) *Model { return &Model{id: id} }

// Ask implements adjudication.Model.
func (m *Model) Ask(ctx context.Context, question adjudication.Question) adjudication.Answer {
	untempered := m.untempered.Load()
	answer, refusal := m.converse(ctx, question, untempered)
	// Models that reason refuse any temperature. A list of their names would be old with the next
	// one, so the refusal is read; it costs nothing, and the process knows from then on.
	if !untempered && answer.Problem == evidence.OpinionRefused && strings.Contains(refusal, "temperature") {
		m.untempered.Store(true)
		untempered = true
		answer, _ = m.converse(ctx, question, untempered)
	}
	answer.Untempered = untempered
	return answer
}

// converse makes one call. The refusal's text is for this package alone: it may quote the question.
func (m *Model) converse(ctx context.Context, question adjudication.Question, untempered bool) (answer adjudication.Answer, refusal string) {
	// A call that had no connection cannot have cost anything; one that had may have.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	request, err := m.signed(ctx, newCall(question, untempered))
	if err != nil {
		return adjudication.Answer{Problem: evidence.OpinionUnavailable}, ""
	}
	response, err := patient().Do(request)
	if err != nil {
		return adjudication.Answer{Problem: problemOf(err), Uncounted: connected.Load()}, ""
	}
	defer func() { _ = response.Body.Close() }()
	// A byte more than the bound tells an answer that is too large from one that fits exactly.
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return adjudication.Answer{Problem: problemOf(err), Uncounted: true}, ""
	case response.StatusCode != http.StatusOK:
		return refusalOf(response, body)
	case len(body) > maxAnswer:
		return adjudication.Answer{Problem: evidence.OpinionMalformed, Uncounted: true}, ""
	}
	return parse(body), ""
}

// problemOf says what a call without an answer is.
func problemOf(err error) evidence.OpinionOutcome {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || os.IsTimeout(err) {
		return evidence.OpinionLate
	}
	return evidence.OpinionUnavailable
}

// signed returns the call with its signature.
func (m *Model) signed(ctx context.Context, call call) (*http.Request, error) {
	body, err := json.Marshal(call)
	if err != nil {
		return nil, err
	}
	base := client.Base()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address(base.Region)+"/model/"+segment(m.id)+"/converse", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if trace := os.Getenv("_X_AMZN_TRACE_ID"); trace != "" { // as in client.Call
		request.Header.Set("X-Amzn-Trace-Id", trace)
	}
	return request, client.Sign(ctx, request, "bedrock", body)
}

// segment escapes an id for a path as the SDKs do: a colon too, since the signature is over the
// escaped path.
func segment(id string) string { return strings.ReplaceAll(url.PathEscape(id), ":", "%3A") }

func address(region string) string {
	if local := client.Endpoint("BEDROCK_RUNTIME"); local != nil {
		return strings.TrimSuffix(*local, "/")
	}
	return "https://bedrock-runtime." + region + ".amazonaws.com"
}

// patient returns the client of all our calls with one difference: an answer begins when it is
// complete, which takes a model many seconds. The context bounds it.
var patient = sync.OnceValue(func() *http.Client {
	base := *client.Base().HTTPClient
	if transport, ours := base.Transport.(*http.Transport); ours {
		slow := transport.Clone()
		slow.ResponseHeaderTimeout = 0
		base.Transport = slow
	}
	return &base
})

// refusalOf returns what an answer without success means, and its text.
func refusalOf(response *http.Response, body []byte) (answer adjudication.Answer, refusal string) {
	var text struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &text) // a refusal without words has its status
	word, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
	if word == "" {
		word = text.Type[strings.LastIndexByte(text.Type, '#')+1:]
	}
	_, throttled := retry.DefaultThrottleErrorCodes[word]
	// The order decides: a throttling word counts whatever the status. What may have run may have
	// cost something.
	switch status := response.StatusCode; {
	case throttled, status == http.StatusTooManyRequests:
		answer.Problem = evidence.OpinionThrottled
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		answer.Problem, answer.Uncounted = evidence.OpinionLate, true
	case status == http.StatusFailedDependency, status >= http.StatusInternalServerError:
		answer.Problem, answer.Uncounted = evidence.OpinionUnavailable, true
	default:
		answer.Problem, refusal = evidence.OpinionRefused, text.Message
	}
	return answer, refusal
}
