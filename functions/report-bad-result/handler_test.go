package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/aws/http/httptest"
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

// sent remembers what was put on assessments.
type sent struct{ messages []message.ResultReported }

func (s *sent) Assess(_ context.Context, report message.ResultReported) error {
	s.messages = append(s.messages, report)
	return nil
}

// counter is the API over a world in which alice has started two pictures, at 4 credits each.
type counter struct {
	*storetest.World
	httptest.Client
	t    *testing.T
	sent *sent
}

func open(t *testing.T) counter {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 20)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	reports := &sent{}
	h := handler{
		reports: refund.Reporter{Store: w.Store, Assessments: reports, Attachments: w.Taker()},
		now:     func() time.Time { return w.Now.Add(100 * time.Microsecond) },
	}
	return counter{World: w, Client: httptest.New(t, "report-bad-result", h.now, h.routes), t: t, sent: reports}
}

// came is open after both pictures came.
func came(t *testing.T) counter {
	t.Helper()
	c := open(t)
	c.Settles(picture, c.Success(-1))
	return c
}

func (c counter) caseOf(id refund.CaseID) *refund.Case {
	c.t.Helper()
	found, err := c.Store.FindCase(context.Background(), id)
	require.NoError(c.t, err)
	return found
}

func TestAReportOpensACaseAndAsksForALook(t *testing.T) {
	c := came(t)
	answer := c.Want(202, "report")
	require.Equal(t, map[string]any{"case": string(second), "state": "received"}, answer.Fields)
	require.False(t, answer.Replayed)
	opened := c.caseOf(second)
	require.NotNil(t, opened)
	require.Equal(t, []any{policy.KindBadResult, ledger.CustomerID("alice"), string(picture), 1, refund.StateReceived, c.Now},
		[]any{opened.Kind, opened.Customer, opened.Generation, opened.Output, opened.State, opened.OpenedAt})
	require.Equal(t, refund.Statement{
		Description: "The second shirt has three sleeves.", Issue: policy.IssueDistortion, Usage: policy.UsageFacts{BulkDownloaded: true},
	}, *opened.Statement)
	require.Equal(t, []refund.Event{{At: c.Now, State: refund.StateReceived, Actor: "app"}}, opened.History)
	require.Equal(t, []message.ResultReported{message.NewResultReported(string(second), string(picture))}, c.sent.messages)
}

func TestWithoutAnOutputTheFirstIsMeant(t *testing.T) {
	c := came(t)
	require.Equal(t, string(refund.ReportCaseID(picture, 0)), c.Ask("report-first-output").Fields["case"])
	require.Equal(t, refund.Statement{Description: "Blurred.", Usage: policy.UsageFacts{CommercialUse: true}},
		*c.caseOf(refund.ReportCaseID(picture, 0)).Statement)
}

func TestAReportSentAgainGetsTheFirstAnswer(t *testing.T) {
	c := came(t)
	first := c.Ask("report")
	opened := c.caseOf(second)
	c.Pass(time.Hour)
	again := c.Ask("report")
	require.Equal(t, []any{202, first.Fields, true}, []any{again.StatusCode, again.Fields, again.Replayed})
	require.Equal(t, opened, c.caseOf(second))
	require.Len(t, c.sent.messages, 2, "while nothing is decided a repeat asks again")
}

func TestAReportPointsAtAPartOfThePicture(t *testing.T) {
	c := came(t)
	c.Want(202, "report-with-region")
	require.Equal(t, &refund.Region{X: 620, Y: 80, Width: 250, Height: 400}, c.caseOf(second).Statement.Region)
	require.True(t, c.Want(202, "report-with-region").Replayed)
	for _, other := range []string{"report", "report-same-key-other-region"} {
		require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, c.Ask(other).Refusal(), other)
	}
}

// proof is the attachment that the fixtures name.
var proof = attachment.NewID("alice", "app", "proof-1")

func TestAReportTakesAnAttachmentOnceItsBytesHaveCome(t *testing.T) {
	c := came(t)
	file := attachment.File{MediaType: attachment.PDF, Bytes: 9, SHA256: strings.Repeat("0f", 32)}
	_, err := c.Opener().Open(t.Context(), attachment.Request{Customer: "alice", File: file, Principal: "app", Key: "proof-1"}, c.Now)
	require.NoError(t, err)
	require.Equal(t, httptest.Refusal{409, "attachment_missing", "attachments[0]"}, c.Ask("report-with-attachment").Refusal())
	require.NoError(t, c.Shelf.Put(t.Context(), proof.Object(), "", []byte("<html>")))
	require.Equal(t, httptest.Refusal{400, "attachment_type", "attachments[0]"}, c.Ask("report-with-attachment").Refusal())
	require.NoError(t, c.Shelf.Put(t.Context(), proof.Object(), "", []byte("%PDF-1.7\n")))
	c.Want(202, "report-with-attachment")
	require.Equal(t, []attachment.Taken{{ID: proof, File: file}}, c.caseOf(second).Statement.Attachments)
	require.True(t, c.Want(202, "report-with-attachment").Replayed)
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, c.Ask("report").Refusal())
}

func TestAKeyIsForOneReport(t *testing.T) {
	c := came(t)
	c.Ask("report")
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, c.Ask("report-same-key-other-words").Refusal())
	require.Equal(t, "The second shirt has three sleeves.", c.caseOf(second).Statement.Description)
}

func TestAnOutputIsReportedOnceWhoeverReportsIt(t *testing.T) {
	c := came(t)
	c.Ask("report")
	for _, again := range []httptest.Answer{c.Ask("report-again-by-another-key"), c.Ask("report", c.As("alice"))} {
		require.Equal(t, httptest.Refusal{409, "already_reported", nil}, again.Refusal(), "another caller's key is another")
		require.Equal(t, string(second), again.Fields["case"])
	}
	require.Len(t, c.sent.messages, 1)
}

func TestACustomerReportsTheirOwnAndStaffAnybodys(t *testing.T) {
	c := came(t)
	c.Want(202, "report", c.As("alice"))
	require.Equal(t, "customer", c.caseOf(second).History[0].Actor)
	c.Want(202, "report-by-staff")
	require.Equal(t, "staff", c.caseOf(refund.ReportCaseID(picture, 0)).History[0].Actor)
}

func TestWhatIsAnothersIsNotFoundForACustomer(t *testing.T) {
	c := came(t)
	theirs := c.Want(404, "report", c.As("mallory"))
	require.Equal(t, c.Ask("report-of-nobody", c.As("mallory")).Fields, theirs.Fields, "as if it did not exist")
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, c.Ask("report-output-nobody-asked-for", c.As("mallory")).Refusal())
	c.Ask("report")
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, c.Ask("report", c.As("mallory")).Refusal())
	require.Len(t, c.sent.messages, 1)
}

func TestARefusedReportNamesItsCodeAndItsField(t *testing.T) {
	c := came(t)
	for fixture, want := range map[string]httptest.Refusal{
		"report-repeated-field":                {400, "invalid_request", "description"},
		"report-trailing-data":                 {400, "invalid_request", "body"},
		"report-unknown-field":                 {400, "invalid_request", "price"},
		"report-without-credential":            {401, "unauthenticated", nil},
		"report-unknown-credential":            {401, "unauthenticated", nil},
		"report-without-key":                   {400, "invalid_request", "Idempotency-Key"},
		"report-without-fields":                {400, "missing_fields", "description"},
		"report-blank-description":             {400, "missing_fields", "description"},
		"report-long-description":              {400, "invalid_request", "description"},
		"report-unknown-issue":                 {400, "invalid_request", "issue"},
		"report-negative-output":               {400, "invalid_request", "output"},
		"report-ninth-output":                  {400, "invalid_request", "output"},
		"report-region-outside":                {400, "invalid_request", "region.x"},
		"report-region-wider-than-the-picture": {400, "invalid_request", "region.width"},
		"report-region-without-height":         {400, "invalid_request", "region.height"},
		"report-region-in-part":                {400, "missing_fields", "region.height"},
		"report-fields-before-existence":       {400, "invalid_request", "output"},
		"report-output-nobody-asked-for":       {400, "invalid_request", "output"},
		"report-with-six-attachments":          {400, "invalid_request", "attachments"},
		"report-attachment-twice":              {400, "invalid_request", "attachments[1]"},
		"report-attachment-of-no-form":         {404, "attachment_not_found", "attachments[0]"},
		"report-with-attachment":               {404, "attachment_not_found", "attachments[0]"},
		"report-of-nobody":                     {404, "not_found", nil},
		"report-of-no-id-of-ours":              {404, "not_found", nil},
	} {
		require.Equal(t, want, c.Ask(fixture).Refusal(), fixture)
	}
	require.Equal(t, []any{"description", "generation"}, c.Ask("report-without-fields").Fields["fields"])
	require.Nil(t, c.caseOf(second))
	require.Empty(t, c.sent.messages)
}

func TestADescriptionMayHaveTwoThousandCharacters(t *testing.T) {
	came(t).Want(202, "report-longest-description")
}

func TestOnlyAnOutputThatCameCanBeReported(t *testing.T) {
	c := open(t)
	pending := c.Ask("report")
	require.Equal(t, httptest.Refusal{409, "result_pending", nil}, pending.Refusal(), "its result may be on its way")
	require.Equal(t, "1", pending.Headers["retry-after"])
	require.Equal(t, httptest.Refusal{400, "invalid_request", "output"}, c.Ask("report-output-nobody-asked-for").Refusal(), "it will never come")
	c.Settles(picture, c.Success(1))
	require.Equal(t, httptest.Refusal{400, "invalid_request", "output"}, c.Ask("report").Refusal())
	c.Want(202, "report-first-output")

	failed := open(t)
	failed.Settles(picture, failed.Failure(generation.CauseInput))
	require.Equal(t, httptest.Refusal{400, "invalid_request", "generation"}, failed.Ask("report").Refusal())
	require.Empty(t, failed.sent.messages)
}

func TestAPageOfAListedOriginReportsByItsCustomersSession(t *testing.T) {
	c := came(t)
	answer := c.Want(202, "report-from-a-page", c.As("alice"))
	require.Equal(t, "https://app.example.com", answer.Headers["access-control-allow-origin"])
	require.Equal(t, "customer", c.caseOf(second).History[0].Actor)
	ended := c.Ask("report-from-a-page")
	require.Equal(t, httptest.Refusal{401, "unauthenticated", nil}, ended.Refusal())
	require.Equal(t, "https://app.example.com", ended.Headers["access-control-allow-origin"], "the page reads that it needs another session")
}

func TestWhatAPageMayNotReportOpensNoCase(t *testing.T) {
	c := came(t)
	for fixture, want := range map[string]string{"report-from-an-unlisted-page": "", "report-by-a-key-in-a-page": "https://app.example.com"} {
		answer := c.Ask(fixture)
		require.Equal(t, httptest.Refusal{403, "forbidden", nil}, answer.Refusal(), fixture)
		require.Equal(t, want, answer.Headers["access-control-allow-origin"], fixture)
	}
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("report-from-an-unlisted-page", c.As("alice")).Refusal(), "whoever's session it has")
	require.Nil(t, c.caseOf(second))
	require.Empty(t, c.sent.messages)
}
