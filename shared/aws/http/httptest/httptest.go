// Package httptest owns how a test sends requests to a function behind /v1: by a recorded event, as
// a caller whom the gate knows, for an answer that is read whole.
//
// It refuses to know what a function answers, and the worlds and stores it answers from.
//
// Invariants: an event is sent byte for byte as it is recorded, unless the test changes it. The
// gate knows the keys of the fixtures, mk_local_app, mk_local_operator and mk_local_operator_2, and
// no other; pages of https://app.example.com may call. An answer is a JSON object, or a table, a
// problem exactly from status 400 on, and as the contract has it for its route.
//
// Words: client (of a function's routes behind that gate), fixture (a file of events/<function>,
// without its ending), refusal (what a problem says to a program).
package httptest

import (
	"context"
	"encoding/json"
	nethttp "net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/aws/http"
	"makegood/shared/ledger"
)

// Client is a client of one function, which sends it its fixtures.
type Client struct {
	t        *testing.T
	fixtures string
	gate     access.Gate
	handler  http.Handler
}

// New returns a client of a function (the name of its folder, in which the test runs), whose gate
// and sessions go by now.
func New(t *testing.T, function string, now func() time.Time, routes func(api.Gate) nethttp.Handler) Client {
	t.Helper()
	gate := access.Gate{
		AppKeys: known("mk_local_app"), OperatorKeys: known("operator:mk_local_operator", "operator-2:mk_local_operator_2"),
		Sessions: access.Sessions{Secrets: known("a secret of thirty-two bytes, or so")}, Now: now,
		Pages: access.PageOrigins{"https://app.example.com"},
	}
	return Client{t: t, fixtures: filepath.Join("../../events", function), gate: gate, handler: http.New(routes(gate))}
}

func known(keys ...string) access.Secrets {
	return func(context.Context) ([]string, error) { return keys, nil }
}

// As returns an edit that sends the event with a session of the customer, opened now.
func (d Client) As(customer ledger.CustomerID) func(event map[string]any) {
	return func(event map[string]any) {
		token, _, err := d.gate.Sessions.Open(context.Background(), access.Session{Customer: customer}, d.gate.Now())
		require.NoError(d.t, err)
		event["headers"].(map[string]any)["authorization"] = "Bearer " + token
	}
}

// Ask sends a fixture, changed by edits, and returns the answer. A fixture that does not exist and
// an answer that is none end the test.
func (d Client) Ask(fixture string, edits ...func(event map[string]any)) Answer {
	d.t.Helper()
	// The media type and the status must agree: a client tells a problem by either.
	answer := Answer{Response: d.Raw(fixture, edits...)}
	if strings.HasPrefix(answer.Headers["content-type"], api.MediaCSV) {
		return answer
	}
	require.NoError(d.t, json.Unmarshal([]byte(answer.Body), &answer.Fields), fixture)
	require.NotNil(d.t, answer.Fields, fixture)
	problem := answer.StatusCode >= nethttp.StatusBadRequest
	require.Equal(d.t, problem, answer.Headers["content-type"] == "application/problem+json", "%s: %s", fixture, answer.Body)
	if problem {
		require.EqualValues(d.t, answer.StatusCode, answer.Fields["status"], "%s: %s", fixture, answer.Body)
	}
	var header string
	if header, answer.Replayed = answer.Headers["idempotent-replayed"]; answer.Replayed {
		require.Equal(d.t, "true", header, fixture)
	}
	return answer
}

// Raw sends a fixture, changed by edits, and returns what the gateway got, which may have no body.
func (d Client) Raw(fixture string, edits ...func(event map[string]any)) http.Response {
	d.t.Helper()
	event := d.event(fixture, edits)
	out, err := d.handler.Invoke(context.Background(), event)
	require.NoError(d.t, err, fixture)
	var response http.Response
	require.NoError(d.t, json.Unmarshal(out, &response), fixture)
	keepsContract(d.t, event, response)
	return response
}

// Want is Ask, and ends the test when the answer has another status.
func (d Client) Want(status int, fixture string, edits ...func(event map[string]any)) Answer {
	d.t.Helper()
	answer := d.Ask(fixture, edits...)
	require.Equal(d.t, status, answer.StatusCode, "%s: %s", fixture, answer.Body)
	return answer
}

// event returns the bytes of a fixture. Without edits they are sent as they are recorded.
func (d Client) event(fixture string, edits []func(event map[string]any)) []byte {
	d.t.Helper()
	fixtureText, err := os.ReadFile(filepath.Join(d.fixtures, fixture+".json"))
	require.NoError(d.t, err)
	if len(edits) == 0 {
		return fixtureText
	}
	var event map[string]any
	require.NoError(d.t, json.Unmarshal(fixtureText, &event))
	for _, edit := range edits {
		edit(event)
	}
	text, err := json.Marshal(event)
	require.NoError(d.t, err)
	return text
}

// Answer is what the gateway got.
type Answer struct {
	http.Response
	Fields   map[string]any // the body's fields, nil of a table
	Replayed bool           // it is the first answer once more
}

// Refusal is what a problem says to a program: status, code, and the field at fault, nil where
// there is none.
type Refusal [3]any

// Refusal returns what the answer refuses, with nil for a code where it refuses nothing.
func (a Answer) Refusal() Refusal { return Refusal{a.StatusCode, a.Fields["code"], a.Fields["field"]} }
