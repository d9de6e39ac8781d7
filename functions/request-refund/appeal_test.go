package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// declined is the desk with the case that the fixtures appeal, which the policy declined an hour
// before noon.
func declined(t *testing.T) *desk {
	t.Helper()
	d := open(t)
	p, err := policy.Open("goopter")
	require.NoError(t, err)
	at := noon.Add(-time.Hour)
	_, err = d.store.OpenCase(t.Context(), refund.Case{
		ID: claimed, Kind: policy.KindNotCredited, Customer: "alice", State: refund.StateDeclined, OpenedAt: at,
		Decision: &policy.Decision{Outcome: policy.OutcomeDeclined, Clause: "G2.1", Policy: p.At(at).Ref()},
		History:  []refund.Event{{At: at, State: refund.StateReceived, Actor: ledger.ActorApp}, {At: at, State: refund.StateDeclined, Actor: ledger.ActorSystem}},
	})
	require.NoError(t, err)
	return d
}

func TestADeclinedCaseIsAppealedOnceByWhoMaySeeIt(t *testing.T) {
	for fixture, edit := range map[string]func(d *desk) func(event map[string]any){
		"appeal":          func(d *desk) func(event map[string]any) { return d.As("alice") },
		"appeal-by-staff": nil,
		"appeal-again":    nil,
	} {
		d := declined(t)
		var edits []func(event map[string]any)
		if edit != nil {
			edits = append(edits, edit(d))
			require.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask(fixture, d.As("mallory")).Refusal(), "another's case does not exist")
		}
		first := d.Want(202, fixture, edits...)
		require.Equal(t, map[string]any{"case": string(claimed), "state": "in_review"}, first.Fields)
		stands := d.caseOf(string(claimed))
		line := stands.History[len(stands.History)-1]
		want := map[string]refund.Event{
			"appeal":          {Actor: ledger.ActorCustomer},
			"appeal-by-staff": {Actor: ledger.ActorStaff, By: "operator"},
			"appeal-again":    {Actor: ledger.ActorApp},
		}[fixture]
		want.At, want.State, want.Note = noon, refund.StateInReview, "appealed"
		require.Equal(t, want, line)
		require.Equal(t, "I was charged, and nothing came. Please look again.", stands.Statement.Appeal)
		require.Equal(t, []message.RefundRequested{message.NewCaseRequested(string(claimed), "", "")}, d.sent.messages)
		again := d.Want(202, fixture, edits...)
		require.Equal(t, []any{first.Fields, true}, []any{again.Fields, again.Replayed})
		d.Want(409, "appeal-same-key-other-words", edits...)
	}
}

func TestARefusedAppealNamesItsCodeAndItsField(t *testing.T) {
	d := declined(t)
	for fixture, want := range map[string]httptest.Refusal{
		"appeal-without-words":      {400, "missing_fields", "words"},
		"appeal-blank-words":        {400, "missing_fields", "words"},
		"appeal-long-words":         {400, "invalid_request", "words"},
		"appeal-unknown-field":      {400, "invalid_request", "clause"},
		"appeal-without-key":        {400, "invalid_request", "Idempotency-Key"},
		"appeal-without-credential": {401, "unauthenticated", nil},
		"appeal-of-nobody":          {404, "not_found", nil},
		"appeal-of-no-form":         {404, "not_found", nil},
	} {
		require.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
	d.now = noon.Add(14 * 24 * time.Hour)
	late := d.Ask("appeal")
	require.Equal(t, httptest.Refusal{409, "appeal_late", nil}, late.Refusal())
	require.Contains(t, late.Fields["detail"], "2026-03-15T11:00:00.000Z")
	d.now = noon
	d.Want(202, "appeal")
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("appeal-same-key-other-words").Refusal())
	other := d.Ask("appeal-again")
	require.Equal(t, httptest.Refusal{409, "already_appealed", nil}, other.Refusal())
	require.Equal(t, string(claimed), other.Fields["case"])
	d.Want(202, "claim-without-payment")
	received := d.Ask("claim-without-payment").Fields["case"].(string)
	require.Equal(t, httptest.Refusal{409, "not_declined", nil}, d.Ask("appeal", func(event map[string]any) {
		event["rawPath"] = "/v1/cases/" + received + "/appeal"
		event["requestContext"].(map[string]any)["http"].(map[string]any)["path"] = event["rawPath"]
	}).Refusal())
}
