package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// The fixtures name this generation of alice's, of two pictures, and its second one.
var (
	picture = generation.NewID("alice", "app", "picture-1")
	second  = refund.ReportCaseID(picture, 1)
)

// sent remembers what was put on refund-requests.
type sent struct{ messages []message.RefundRequested }

func (s *sent) Request(_ context.Context, request message.RefundRequested) error {
	s.messages = append(s.messages, request)
	return nil
}

// counter is the API over a world in which alice has started two pictures, at 4 credits each.
type counter struct {
	*storetest.World
	t        *testing.T
	handler  awshttp.Handler
	sessions access.Sessions
	sent     *sent
}

func open(t *testing.T) counter {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 20)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	known := func(keys ...string) access.Secrets {
		return func(context.Context) ([]string, error) { return keys, nil }
	}
	c := counter{World: w, t: t, sent: &sent{}, sessions: access.Sessions{Secrets: known("a secret of thirty-two bytes, or so")}}
	h := handler{
		reports: refund.Reporter{Store: w.Store, Requests: c.sent},
		now:     func() time.Time { return w.Now.Add(100 * time.Microsecond) },
	}
	c.handler = awshttp.New(h.routes(access.Gate{
		AppKeys: known("mk_local_app"), OperatorKeys: known("mk_local_operator"), Sessions: c.sessions, Now: h.now,
	}))
	return c
}

// came is open after both pictures came.
func came(t *testing.T) counter {
	t.Helper()
	c := open(t)
	c.Settles(picture, c.Success(-1))
	return c
}

// gets sends a fixture, as the customer of a session where one is named, and returns the answer's status and body, and whether it is a
// replay.
func (c counter) gets(fixture string, customer ...ledger.CustomerID) (int, map[string]any, bool) {
	c.t.Helper()
	text, err := os.ReadFile("../../events/report-bad-result/" + fixture + ".json")
	require.NoError(c.t, err)
	var event map[string]any
	require.NoError(c.t, json.Unmarshal(text, &event))
	if len(customer) > 0 {
		token, _, err := c.sessions.Open(context.Background(), customer[0], c.Now)
		require.NoError(c.t, err)
		event["headers"].(map[string]any)["authorization"] = "Bearer " + token
	}
	text, err = json.Marshal(event)
	require.NoError(c.t, err)
	out, err := c.handler.Invoke(context.Background(), text)
	require.NoError(c.t, err)
	var answer awshttp.Response
	require.NoError(c.t, json.Unmarshal(out, &answer))
	body := map[string]any{}
	require.NoError(c.t, json.Unmarshal([]byte(answer.Body), &body))
	return answer.StatusCode, body, answer.Headers["idempotent-replayed"] == "true"
}

func (c counter) caseOf(id refund.CaseID) *refund.Case {
	c.t.Helper()
	found, err := c.Store.FindCase(context.Background(), id)
	require.NoError(c.t, err)
	return found
}

func (c counter) wantRefused(fixture string, status int, code string, field any, customer ...ledger.CustomerID) {
	c.t.Helper()
	got, body, _ := c.gets(fixture, customer...)
	require.Equal(c.t, []any{status, code, field}, []any{got, body["code"], body["field"]}, "%s: %v", fixture, body)
}

func TestAReportOpensACaseAndAsksForADecision(t *testing.T) {
	c := came(t)
	status, body, replayed := c.gets("report")
	require.Equal(t, 202, status, body)
	require.Equal(t, map[string]any{"case": string(second), "state": "received"}, body)
	require.False(t, replayed)
	opened := c.caseOf(second)
	require.NotNil(t, opened)
	require.Equal(t, []any{policy.KindBadResult, ledger.CustomerID("alice"), string(picture), 1, refund.StateReceived, c.Now},
		[]any{opened.Kind, opened.Customer, opened.Generation, opened.Output, opened.State, opened.OpenedAt})
	require.Equal(t, refund.Asked{
		Description: "The second shirt has three sleeves.", Issue: policy.IssueDistortion, Usage: policy.UsageFacts{BulkDownloaded: true},
	}, *opened.Asked)
	require.Equal(t, []refund.Event{{At: c.Now, State: refund.StateReceived, Actor: "app"}}, opened.History)
	require.Equal(t, []message.RefundRequested{message.NewCaseRequested(string(second), string(picture), "")}, c.sent.messages)
}

func TestWithoutAnOutputTheFirstIsMeant(t *testing.T) {
	c := came(t)
	_, body, _ := c.gets("report-first-output")
	require.Equal(t, string(refund.ReportCaseID(picture, 0)), body["case"])
	require.Equal(t, refund.Asked{Description: "Blurred.", Usage: policy.UsageFacts{CommercialUse: true}},
		*c.caseOf(refund.ReportCaseID(picture, 0)).Asked)
}

func TestAReportSentAgainGetsTheFirstAnswer(t *testing.T) {
	c := came(t)
	_, first, _ := c.gets("report")
	opened := c.caseOf(second)
	c.Pass(time.Hour)
	status, again, replayed := c.gets("report")
	require.Equal(t, []any{202, first, true}, []any{status, again, replayed})
	require.Equal(t, opened, c.caseOf(second))
	require.Len(t, c.sent.messages, 2, "while nothing is decided a repeat asks again")
}

func TestAKeyIsForOneReport(t *testing.T) {
	c := came(t)
	c.gets("report")
	c.wantRefused("report-same-key-other-words", 409, "idempotency_key_reused", nil)
	require.Equal(t, "The second shirt has three sleeves.", c.caseOf(second).Asked.Description)
}

func TestAnOutputIsReportedOnceWhoeverReportsIt(t *testing.T) {
	c := came(t)
	c.gets("report")
	status, body, _ := c.gets("report-again-by-another-key")
	require.Equal(t, []any{409, "already_reported", string(second)}, []any{status, body["code"], body["case"]})
	status, body, _ = c.gets("report", "alice")
	require.Equal(t, []any{409, "already_reported", string(second)}, []any{status, body["code"], body["case"]}, "another caller's key is another")
	require.Len(t, c.sent.messages, 1)
}

func TestACustomerReportsTheirOwnAndStaffAnybodys(t *testing.T) {
	c := came(t)
	status, body, _ := c.gets("report", "alice")
	require.Equal(t, 202, status, body)
	require.Equal(t, "customer", c.caseOf(second).History[0].Actor)
	status, body, _ = c.gets("report-by-staff")
	require.Equal(t, 202, status, body)
	require.Equal(t, "staff", c.caseOf(refund.ReportCaseID(picture, 0)).History[0].Actor)
}

func TestWhatIsAnothersIsNotFoundForACustomer(t *testing.T) {
	c := came(t)
	_, nobodys, _ := c.gets("report-of-nobody", "mallory")
	status, theirs, _ := c.gets("report", "mallory")
	require.Equal(t, 404, status)
	require.Equal(t, nobodys, theirs, "as if it did not exist")
	c.wantRefused("report-output-nobody-asked-for", 404, "not_found", nil, "mallory")
	c.gets("report")
	c.wantRefused("report", 404, "not_found", nil, "mallory")
	require.Len(t, c.sent.messages, 1)
}

func TestARefusedReportNamesItsCodeAndItsField(t *testing.T) {
	c := came(t)
	for fixture, want := range map[string]struct {
		status int
		code   string
		field  any
	}{
		"report-repeated-field":          {400, "invalid_request", "description"},
		"report-trailing-data":           {400, "invalid_request", "body"},
		"report-unknown-field":           {400, "invalid_request", "price"},
		"report-without-credential":      {401, "unauthenticated", nil},
		"report-unknown-credential":      {401, "unauthenticated", nil},
		"report-without-key":             {400, "invalid_request", "Idempotency-Key"},
		"report-without-fields":          {400, "missing_fields", "description"},
		"report-blank-description":       {400, "missing_fields", "description"},
		"report-long-description":        {400, "invalid_request", "description"},
		"report-unknown-issue":           {400, "invalid_request", "issue"},
		"report-negative-output":         {400, "invalid_request", "output"},
		"report-ninth-output":            {400, "invalid_request", "output"},
		"report-fields-before-existence": {400, "invalid_request", "output"},
		"report-output-nobody-asked-for": {400, "invalid_request", "output"},
		"report-of-nobody":               {404, "not_found", nil},
		"report-of-no-id-of-ours":        {404, "not_found", nil},
	} {
		c.wantRefused(fixture, want.status, want.code, want.field)
	}
	_, body, _ := c.gets("report-without-fields")
	require.Equal(t, []any{"description", "generation"}, body["fields"])
	require.Nil(t, c.caseOf(second))
	require.Empty(t, c.sent.messages)
}

func TestADescriptionMayHaveTwoThousandCharacters(t *testing.T) {
	status, body, _ := came(t).gets("report-longest-description")
	require.Equal(t, 202, status, body)
}

func TestOnlyAnOutputThatCameCanBeReported(t *testing.T) {
	c := open(t)
	c.wantRefused("report", 400, "invalid_request", "generation")
	c.Settles(picture, c.Success(1))
	c.wantRefused("report", 400, "invalid_request", "output")
	status, body, _ := c.gets("report-first-output")
	require.Equal(t, 202, status, body)

	failed := open(t)
	failed.Settles(picture, failed.Failure(generation.CauseInput))
	failed.wantRefused("report", 400, "invalid_request", "generation")
	require.Empty(t, failed.sent.messages)
}
