package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
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
	t        *testing.T
	store    *memory.Store
	now      time.Time
	handler  awshttp.Handler
	sessions access.Sessions
	sent     *sent
}

func open(t *testing.T) *desk {
	t.Helper()
	known := func(keys ...string) access.Secrets {
		return func(context.Context) ([]string, error) { return keys, nil }
	}
	d := &desk{t: t, store: memory.New(), now: noon, sent: &sent{}, sessions: access.Sessions{Secrets: known("a secret of thirty-two bytes, or so")}}
	h := handler{claims: refund.Claimer{Store: d.store, Requests: d.sent}, now: func() time.Time { return d.now.Add(100 * time.Microsecond) }}
	d.handler = awshttp.New(h.routes(access.Gate{
		AppKeys: known("mk_local_app"), OperatorKeys: known("mk_local_operator"), Sessions: d.sessions, Now: h.now,
	}))
	return d
}

// gets sends a fixture, as the customer of a session where one is named, and returns the answer's status and body, and whether it is a
// replay.
func (d *desk) gets(fixture string, customer ...ledger.CustomerID) (int, map[string]any, bool) {
	d.t.Helper()
	text, err := os.ReadFile("../../events/request-refund/" + fixture + ".json")
	require.NoError(d.t, err)
	var event map[string]any
	require.NoError(d.t, json.Unmarshal(text, &event))
	if len(customer) > 0 {
		token, _, err := d.sessions.Open(context.Background(), customer[0], d.now)
		require.NoError(d.t, err)
		event["headers"].(map[string]any)["authorization"] = "Bearer " + token
	}
	text, err = json.Marshal(event)
	require.NoError(d.t, err)
	out, err := d.handler.Invoke(context.Background(), text)
	require.NoError(d.t, err)
	var answer awshttp.Response
	require.NoError(d.t, json.Unmarshal(out, &answer))
	body := map[string]any{}
	require.NoError(d.t, json.Unmarshal([]byte(answer.Body), &body))
	return answer.StatusCode, body, answer.Headers["idempotent-replayed"] == "true"
}

func (d *desk) caseOf(id any) refund.Case {
	d.t.Helper()
	found, err := d.store.FindCase(context.Background(), refund.CaseID(id.(string)))
	require.NoError(d.t, err)
	require.NotNil(d.t, found)
	return *found
}

func (d *desk) wantRefused(fixture string, status int, code string, field any, customer ...ledger.CustomerID) {
	d.t.Helper()
	got, body, _ := d.gets(fixture, customer...)
	require.Equal(d.t, []any{status, code, field}, []any{got, body["code"], body["field"]}, "%s: %v", fixture, body)
}

func TestAClaimOpensACaseAndAsksForADecision(t *testing.T) {
	d := open(t)
	status, body, replayed := d.gets("claim")
	require.Equal(t, 202, status, body)
	require.Equal(t, map[string]any{"case": string(claimed), "state": "received"}, body)
	require.False(t, replayed)
	opened := d.caseOf(body["case"])
	require.Equal(t, []any{policy.KindNotCredited, ledger.CustomerID("alice"), "pi_3NqNotCredited", refund.StateReceived, noon},
		[]any{opened.Kind, opened.Customer, opened.Payment, opened.State, opened.OpenedAt})
	require.Equal(t, refund.Asked{Claim: &refund.Claim{
		Email: "alice@example.com", PaidAt: time.Date(2026, 2, 27, 9, 30, 0, 0, time.UTC), Amount: money.Amount{Currency: "USD", Minor: 1000},
		Reason: "I paid for the starter package, and no credits came.", TransactionIDs: []string{"ch_3NqNotCredited"},
		Attachments: []string{"https://files.example.com/receipt.pdf"},
	}}, *opened.Asked)
	require.Equal(t, []refund.Event{{At: noon, State: refund.StateReceived, Actor: "app"}}, opened.History)
	require.Equal(t, []message.RefundRequested{message.NewCaseRequested(string(claimed), "", "pi_3NqNotCredited")}, d.sent.messages)
}

func TestEveryKindOfClaimIsTaken(t *testing.T) {
	d := open(t)
	for _, kind := range []policy.Kind{policy.KindDuplicateCharge, policy.KindOutage, policy.KindAbnormalCharge, policy.KindChangeOfMind} {
		status, body, _ := d.gets(strings.ReplaceAll(string(kind), "_", "-"))
		require.Equal(t, 202, status, body)
		require.Equal(t, kind, d.caseOf(body["case"]).Kind)
	}
	require.Len(t, d.sent.messages, 4)
}

func TestAClaimNeedNotNameAPayment(t *testing.T) {
	d := open(t)
	status, body, _ := d.gets("claim-without-payment")
	require.Equal(t, 202, status, body)
	require.Empty(t, d.caseOf(body["case"]).Payment)
	_, again, replayed := d.gets("claim-without-payment")
	require.Equal(t, body, again)
	require.True(t, replayed)
}

func TestAClaimSentAgainGetsTheFirstAnswer(t *testing.T) {
	d := open(t)
	_, first, _ := d.gets("claim")
	opened := d.caseOf(first["case"])
	d.now = noon.Add(time.Hour)
	status, again, replayed := d.gets("claim")
	require.Equal(t, []any{202, first, true}, []any{status, again, replayed})
	require.Equal(t, opened, d.caseOf(first["case"]))
	require.Len(t, d.sent.messages, 2, "while nothing is decided a repeat asks again")
}

func TestAKeyIsForOneClaim(t *testing.T) {
	d := open(t)
	d.gets("claim")
	d.wantRefused("claim-same-key-other-reason", 409, "idempotency_key_reused", nil)
	status, body, _ := d.gets("claim-again-by-another-key")
	require.Equal(t, []any{409, "already_reported", string(claimed)}, []any{status, body["code"], body["case"]})
	status, body, _ = d.gets("claim", "alice")
	require.Equal(t, []any{409, "already_reported"}, []any{status, body["code"]}, "another caller's key is another")
	require.Len(t, d.sent.messages, 1)
}

func TestACustomerClaimsForThemselvesAndStaffForAnybody(t *testing.T) {
	d := open(t)
	status, body, _ := d.gets("claim", "alice")
	require.Equal(t, 202, status, body)
	require.Equal(t, "customer", d.caseOf(body["case"]).History[0].Actor)
	status, body, _ = d.gets("claim-by-staff")
	require.Equal(t, 202, status, body)
	require.Equal(t, "staff", d.caseOf(body["case"]).History[0].Actor)
}

func TestAnotherCustomerDoesNotExistForACustomer(t *testing.T) {
	d := open(t)
	d.wantRefused("claim-for-another", 404, "not_found", nil, "alice")
	d.wantRefused("claim-for-another-without-amount", 400, "missing_fields", "claim.amount", "alice")
	d.wantRefused("claim-for-another-ahead", 400, "invalid_request", "claim.paid_at", "alice")
	require.Empty(t, d.sent.messages)
	status, _, _ := d.gets("claim-for-another")
	require.Equal(t, 202, status, "the app speaks for all")
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
		status, body, _ := d.gets(fixture)
		require.Equal(t, []any{400, "missing_fields"}, []any{status, body["code"]}, fixture)
		require.ElementsMatch(t, want, body["fields"], fixture)
	}
}

func TestARefusedClaimNamesItsCodeAndItsField(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]struct {
		status int
		code   string
		field  any
	}{
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
		"too-many-attachments":  {400, "invalid_request", "claim.attachments"},
		"long-attachment":       {400, "invalid_request", "claim.attachments[0]"},
	} {
		d.wantRefused(fixture, want.status, want.code, want.field)
	}
	require.Empty(t, d.sent.messages)
}

func TestAClaimAtItsLimitsIsTaken(t *testing.T) {
	d := open(t)
	for _, fixture := range []string{"full-claim", "paid-just-ahead"} {
		status, body, _ := d.gets(fixture)
		require.Equal(t, 202, status, body)
	}
}

func TestACustomersClaimsOfOneDayAreBounded(t *testing.T) {
	d := open(t)
	for i := range refund.MaxClaims {
		_, err := refund.Claimer{Store: d.store, Requests: d.sent}.File(t.Context(), refund.Request{
			Kind: policy.KindOutage, Customer: "alice", Principal: "app", Key: strconv.Itoa(i), Actor: refund.ActorApp,
			Claim: refund.Claim{Email: "alice@shop.example", PaidAt: noon, Amount: money.Amount{Currency: "USD", Minor: 500}, Reason: "down"},
		}, noon)
		require.NoError(t, err)
	}
	status, answer, _ := d.gets("claim")
	require.Equal(t, 429, status)
	require.Equal(t, "throttled", answer["code"])
	require.Len(t, d.sent.messages, refund.MaxClaims)
	d.now = noon.Add(12 * time.Hour)
	status, _, _ = d.gets("claim")
	require.Equal(t, 202, status)
}
