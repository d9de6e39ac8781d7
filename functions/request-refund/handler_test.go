package main

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// claimed is the case that events/request-refund/claim.json opens.
var claimed = refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindNotCredited, "pi_3NqNotCredited")

// sent remembers what was put on refund-requests.
type sent struct{ messages []message.RefundRequested }

func (s *sent) Request(_ context.Context, request message.RefundRequested) error {
	s.messages = append(s.messages, request)
	return nil
}

// desk is the function over a store in memory, at noon.
type desk struct {
	httptest.Client
	t     *testing.T
	store *memory.Store
	shelf *storetest.Shelf
	now   time.Time
	sent  *sent
}

func open(t *testing.T) *desk {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	return openUnder(t, published)
}

// openUnder is open under another policy.
func openUnder(t *testing.T, published *policy.Policy) *desk {
	t.Helper()
	return (&desk{t: t, store: memory.New(), shelf: storetest.NewShelf(), now: noon, sent: &sent{}}).under(published)
}

// under puts the desk under a policy; what it has stored stays.
func (d *desk) under(published *policy.Policy) *desk {
	d.t.Helper()
	h := handler{
		claims: refund.Claimer{Store: d.store, Requests: d.sent, Attachments: attachment.Taker{Store: d.store, Uploads: d.shelf}},
		appeals: refund.Appealer{
			Store: d.store, Policy: published, Requests: d.sent,
		},
		opener:  attachment.Opener{Store: d.store},
		uploads: link.New("evidence"),
		inbox:   d.store,
		policy:  published,
		now:     func() time.Time { return d.now.Add(100 * time.Microsecond) },
	}
	d.Client = httptest.New(d.t, "request-refund", h.now, h.routes)
	return d
}

// opens has a fixture open a case, which it returns.
func (d *desk) opens(fixture string, edits ...func(event map[string]any)) refund.Case {
	d.t.Helper()
	return d.caseOf(d.Want(202, fixture, edits...).Fields["case"])
}

func (d *desk) caseOf(id any) refund.Case {
	d.t.Helper()
	found, err := d.store.FindCase(context.Background(), refund.CaseID(id.(string)))
	require.NoError(d.t, err)
	require.NotNil(d.t, found)
	return *found
}

func TestAClaimOpensACaseAndAsksForADecision(t *testing.T) {
	d := open(t)
	answer := d.Want(202, "claim")
	require.Equal(t, map[string]any{"case": string(claimed), "state": "received"}, answer.Fields)
	require.False(t, answer.Replayed)
	opened := d.caseOf(string(claimed))
	require.Equal(t, []any{policy.KindNotCredited, ledger.CustomerID("alice"), "pi_3NqNotCredited", refund.StateReceived, noon},
		[]any{opened.Kind, opened.Customer, opened.Payment, opened.State, opened.OpenedAt})
	require.Equal(t, refund.Statement{Claim: &refund.Claim{
		Email: "alice@example.com", PaidAt: time.Date(2026, 2, 27, 9, 30, 0, 0, time.UTC), Amount: money.Amount{Currency: "USD", Minor: 1000},
		Reason: "I paid for the starter package, and no credits came.", TransactionIDs: []string{"ch_3NqNotCredited"},
		Attachments: []string{"https://files.example.com/receipt.pdf"},
	}}, *opened.Statement)
	require.Equal(t, []refund.Event{{At: noon, State: refund.StateReceived, Actor: "app"}}, opened.History)
	require.Equal(t, []message.RefundRequested{message.NewCaseRequested(string(claimed), "", "pi_3NqNotCredited")}, d.sent.messages)
}

func TestEveryKindOfClaimIsTaken(t *testing.T) {
	d := open(t)
	for _, kind := range []policy.Kind{policy.KindDuplicateCharge, policy.KindOutage, policy.KindAbnormalCharge, policy.KindChangeOfMind} {
		require.Equal(t, kind, d.opens(strings.ReplaceAll(string(kind), "_", "-")).Kind)
	}
	require.Len(t, d.sent.messages, 4)
}

func TestAClaimNeedNotNameAPayment(t *testing.T) {
	d := open(t)
	opened := d.opens("claim-without-payment")
	require.Empty(t, opened.Payment)
	again := d.Ask("claim-without-payment")
	require.Equal(t, map[string]any{"case": string(opened.ID), "state": "received"}, again.Fields)
	require.True(t, again.Replayed)
}

func TestAClaimSentAgainGetsTheFirstAnswer(t *testing.T) {
	d := open(t)
	first := d.Ask("claim")
	opened := d.caseOf(first.Fields["case"])
	d.now = noon.Add(time.Hour)
	again := d.Ask("claim")
	require.Equal(t, []any{202, first.Fields, true}, []any{again.StatusCode, again.Fields, again.Replayed})
	require.Equal(t, opened, d.caseOf(first.Fields["case"]))
	require.Len(t, d.sent.messages, 2, "while nothing is decided a repeat asks again")
}

func TestAKeyIsForOneClaim(t *testing.T) {
	d := open(t)
	d.Ask("claim")
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("claim-same-key-other-reason").Refusal())
	for _, again := range []httptest.Answer{d.Ask("claim-again-by-another-key"), d.Ask("claim", d.As("alice"))} {
		require.Equal(t, httptest.Refusal{409, "already_reported", nil}, again.Refusal(), "another caller's key is another")
		require.Equal(t, string(claimed), again.Fields["case"])
	}
	require.Len(t, d.sent.messages, 1)
}

func TestACustomerClaimsForThemselvesAndStaffForAnybody(t *testing.T) {
	d := open(t)
	require.Equal(t, "customer", d.opens("claim", d.As("alice")).History[0].Actor)
	require.Equal(t, "staff", d.opens("claim-by-staff").History[0].Actor)
}

func TestAnotherCustomerDoesNotExistForACustomer(t *testing.T) {
	d := open(t)
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("claim-for-another", d.As("alice")).Refusal())
	require.Equal(t, httptest.Refusal{400, "missing_fields", "claim.amount"}, d.Ask("claim-for-another-without-amount", d.As("alice")).Refusal())
	require.Equal(t, httptest.Refusal{400, "invalid_request", "claim.paid_at"}, d.Ask("claim-for-another-ahead", d.As("alice")).Refusal())
	require.Empty(t, d.sent.messages)
	require.Equal(t, 202, d.Ask("claim-for-another").StatusCode, "the app speaks for all")
}

func TestEveryMissingFieldIsNamedAtOnce(t *testing.T) {
	d := open(t)
	inAClaim := []any{"claim.amount", "claim.email", "claim.paid_at", "claim.reason"}
	for fixture, want := range map[string][]any{
		"without-fields": append([]any{"claim", "customer", "kind"}, inAClaim...),
		"without-claim":  append([]any{"claim"}, inAClaim...),
		"empty-claim":    inAClaim,
		"blank-claim":    {"claim.email", "claim.paid_at", "claim.reason"},
	} {
		answer := d.Want(400, fixture)
		require.Equal(t, "missing_fields", answer.Fields["code"], fixture)
		require.ElementsMatch(t, want, answer.Fields["fields"], fixture)
	}
}

func TestARefusedClaimNamesItsCodeAndItsField(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"repeated-field":        {400, "invalid_request", "claim.amount.currency"},
		"trailing-data":         {400, "invalid_request", "body"},
		"unknown-field":         {400, "invalid_request", "claim.phone"},
		"fraction":              {400, "invalid_request", "claim.amount.minor"},
		"no-instant":            {400, "invalid_request", "claim.paid_at"},
		"without-credential":    {401, "unauthenticated", nil},
		"unknown-credential":    {401, "unauthenticated", nil},
		"without-key":           {400, "invalid_request", "Idempotency-Key"},
		"bad-result":            {400, "invalid_request", "kind"},
		"technical-failure":     {400, "invalid_request", "kind"},
		"unknown-kind":          {400, "invalid_request", "kind"},
		"bad-customer":          {400, "invalid_request", "customer"},
		"blank-payment":         {400, "invalid_request", "payment"},
		"long-payment":          {400, "invalid_request", "payment"},
		"no-address":            {400, "invalid_request", "claim.email"},
		"named-address":         {400, "invalid_request", "claim.email"},
		"long-address":          {400, "invalid_request", "claim.email"},
		"paid-tomorrow":         {400, "invalid_request", "claim.paid_at"},
		"paid-ahead":            {400, "invalid_request", "claim.paid_at"},
		"no-money":              {400, "invalid_request", "claim.amount.minor"},
		"negative-money":        {400, "invalid_request", "claim.amount.minor"},
		"lower-case-currency":   {400, "invalid_request", "claim.amount.currency"},
		"long-reason":           {400, "invalid_request", "claim.reason"},
		"too-many-transactions": {400, "invalid_request", "claim.transaction_ids"},
		"empty-transaction":     {400, "invalid_request", "claim.transaction_ids[1]"},
		"six-attachments":       {400, "invalid_request", "claim.attachments"},
		"attachment-twice":      {400, "invalid_request", "claim.attachments[1]"},
		"attachment-of-no-form": {400, "invalid_request", "claim.attachments[0]"},
		"claim-with-attachment": {404, "attachment_not_found", "claim.attachments[1]"},
		"too-many-attachments":  {400, "invalid_request", "claim.attachments"},
		"long-attachment":       {400, "invalid_request", "claim.attachments[0]"},
	} {
		require.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
	require.Empty(t, d.sent.messages)
}

func TestAClaimTakesAnAttachmentOnceItsBytesHaveCome(t *testing.T) {
	d := open(t)
	file := attachment.File{MediaType: attachment.PNG, Bytes: 8, SHA256: strings.Repeat("0f", 32)}
	proof, err := attachment.Opener{Store: d.store}.Open(t.Context(), attachment.Request{Customer: "alice", File: file, Principal: "app", Key: "proof-1"}, noon)
	require.NoError(t, err)
	require.Equal(t, httptest.Refusal{409, "attachment_missing", "claim.attachments[1]"}, d.Ask("claim-with-attachment").Refusal())
	require.NoError(t, d.shelf.Put(t.Context(), proof.ID.Object(), "", []byte("%PDF-1.7\n")))
	require.Equal(t, httptest.Refusal{400, "attachment_type", "claim.attachments[1]"}, d.Ask("claim-with-attachment").Refusal())
	require.NoError(t, d.shelf.Put(t.Context(), proof.ID.Object(), "", []byte("\x89PNG\r\n\x1a\n")))
	require.Equal(t, []attachment.Taken{{ID: proof.ID, File: file}}, d.opens("claim-with-attachment").Statement.Attachments)
	require.True(t, d.Want(202, "claim-with-attachment").Replayed)
}

func TestAClaimAtItsLimitsIsTaken(t *testing.T) {
	d := open(t)
	for _, fixture := range []string{"full-claim", "paid-just-ahead"} {
		d.opens(fixture)
	}
}

func TestACustomersClaimsOfOneDayAreBounded(t *testing.T) {
	d := open(t)
	for i := range refund.MaxClaims {
		_, err := refund.Claimer{Store: d.store, Requests: d.sent}.File(t.Context(), refund.Request{
			Kind: policy.KindOutage, Customer: "alice", Principal: "customer:alice", Key: strconv.Itoa(i), Actor: ledger.ActorCustomer,
			Claim: refund.Claim{Email: "alice@shop.example", PaidAt: noon, Amount: money.Amount{Currency: "USD", Minor: 500}, Reason: "down"},
		}, noon)
		require.NoError(t, err)
	}
	require.Equal(t, httptest.Refusal{429, "throttled", nil}, d.Ask("claim", d.As("alice")).Refusal())
	require.Len(t, d.sent.messages, refund.MaxClaims)
	d.Want(202, "claim-without-payment") // the app's server may
	d.now = noon.Add(12 * time.Hour)
	d.Want(202, "claim", d.As("alice"))
}
