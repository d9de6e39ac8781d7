package view_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shown returns what a caller reads.
func shown(t *testing.T, body any) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(text, &fields))
	return fields
}

// ruled is a report that staff approved.
func ruled() refund.Case {
	respondBy := noon.Add(72 * time.Hour)
	return refund.Case{
		ID: "cas_1", Kind: policy.KindBadResult, Customer: "alice", Generation: "gen_1", Output: 0, State: refund.StateApproved,
		Origin:    origin.Origin{Key: "hash of a key", Input: "hash of an input"},
		Statement: &refund.Statement{Description: "six fingers", Issue: policy.IssueDistortion, Usage: policy.UsageFacts{CommercialUse: true}},
		Known:     &policy.CustomerFacts{Standing: ledger.StandingGood, Requests30d: 2},
		Decision: &policy.Decision{
			Outcome: policy.OutcomeApproved, Clause: "R8", Reason: "We looked at it.", RespondBy: &respondBy,
			Remedy: policy.InCredits(3), Policy: policy.Ref{Name: "photoroom", Revision: "2026-01-01", Digest: "d"}, Notice: "refunded",
			Trace: []policy.Step{{Clause: "R10", Rule: 1}, {Clause: "R8", Rule: 2, Matched: true}},
		},
		Ruling: &refund.Ruling{
			Ruling: policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: policy.InCredits(3)},
			Note:   "regular, be kind", By: "ann", At: noon.Add(time.Hour), Origin: origin.Origin{Key: "k", Input: "i"},
		},
		Returned: &refund.Returned{Restored: 2, Extended: 1},
		Notice:   "refunded.2", OpenedAt: noon, NotifiedAt: noon.Add(2 * time.Hour), ReviewBy: noon.Add(time.Hour),
		History: []refund.Event{
			{At: noon, State: refund.StateReceived, Actor: ledger.ActorCustomer},
			{At: noon, State: refund.StateInReview, Actor: ledger.ActorSystem, Note: "waits for staff"},
			{At: noon.Add(time.Hour), State: refund.StateApproved, Actor: ledger.ActorStaff, By: "ann", Note: "regular, be kind"},
		},
	}
}

func TestStaffAndAppAreShownTheWholeCase(t *testing.T) {
	for _, role := range []access.Role{access.RoleStaff, access.RoleApp} {
		got := shown(t, view.Case(ruled(), role))
		for _, line := range []any{got["ruling"], got["history"].([]any)[2]} {
			if by, named := line.(map[string]any)["by"]; role == access.RoleStaff {
				require.Equal(t, "ann", by)
			} else {
				require.False(t, named, "which of staff it was is staff's")
			}
			delete(line.(map[string]any), "by")
		}
		_, kept := got["verdicts"]
		require.Equal(t, role == access.RoleStaff, kept, "what verdicts rest on is staff's")
		delete(got, "verdicts")
		require.Equal(t, map[string]any{
			"id": "cas_1", "kind": "bad_result", "customer": "alice", "generation": "gen_1", "output": 0.0, "state": "approved",
			"asked": map[string]any{"description": "six fingers", "issue": "distortion", "usage": map[string]any{"commercial_use": true}},
			"decision": map[string]any{
				"outcome": "approved", "clause": "R8", "reason": "We looked at it.", "respond_by": "2026-03-04T12:00:00Z",
				"remedy": map[string]any{"credits": 3.0, "to": "balance"},
				"policy": map[string]any{"name": "photoroom", "revision": "2026-01-01", "digest": "d"},
				"trace":  []any{map[string]any{"clause": "R10", "rule": 1.0, "matched": false}, map[string]any{"clause": "R8", "rule": 2.0, "matched": true}},
			},
			"ruling": map[string]any{
				"outcome": "approved", "remedy": map[string]any{"credits": 3.0, "to": "balance"}, "note": "regular, be kind", "at": "2026-03-01T13:00:00.000Z",
			},
			"returned": map[string]any{"restored": 2.0, "extended": 1.0, "expired": 0.0},
			"notice":   "refunded", "opened_at": "2026-03-01T12:00:00.000Z", "told_at": "2026-03-01T14:00:00.000Z",
			"history": []any{
				map[string]any{"at": "2026-03-01T12:00:00.000Z", "state": "received", "actor": "customer"},
				map[string]any{"at": "2026-03-01T12:00:00.000Z", "state": "in_review", "actor": "system", "note": "waits for staff"},
				map[string]any{"at": "2026-03-01T13:00:00.000Z", "state": "approved", "actor": "staff", "note": "regular, be kind"},
			},
		}, got, role)
	}
}

func TestStaffSeeWhatEachVerdictRestsOnInTheCaseByItself(t *testing.T) {
	c := ruled()
	waits := *c.Decision
	waits.Outcome, waits.Remedy, waits.Basis = policy.OutcomeInReview, nil, &policy.Basis{Digest: "d", Facts: json.RawMessage(`{"kind":"bad_result"}`)}
	c.Earlier = []policy.Decision{waits}
	verdicts := shown(t, view.Case(c, access.RoleStaff))["verdicts"].([]any)
	require.Len(t, verdicts, 2)
	first, last := verdicts[0].(map[string]any), verdicts[1].(map[string]any)
	assert.Equal(t, map[string]any{"digest": "d", "facts": map[string]any{"kind": "bad_result"}}, first["basis"])
	assert.Equal(t, []any{"in_review", "approved"}, []any{first["decision"].(map[string]any)["outcome"], last["decision"].(map[string]any)["outcome"]})
	assert.NotContains(t, last, "basis", "that was not kept")
	assert.NotContains(t, shown(t, view.Listed(c, access.RoleStaff)), "verdicts")
	assert.NotContains(t, shown(t, view.Case(c, access.RoleCustomer)), "verdicts")
}

func TestACustomerIsShownTheirWordsAndTheClauseAndNotWhatStaffNotes(t *testing.T) {
	whole, own := shown(t, view.Case(ruled(), access.RoleStaff)), shown(t, view.Case(ruled(), access.RoleCustomer))
	require.NotContains(t, own, "ruling")
	text, err := json.Marshal(own)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "be kind")
	assert.NotContains(t, string(text), "ann")
	history := own["history"].([]any)
	assert.Equal(t, map[string]any{"at": "2026-03-01T13:00:00.000Z", "state": "approved", "actor": "staff"}, history[2])
	assert.Equal(t, "waits for staff", history[1].(map[string]any)["note"])
	for _, field := range []string{"asked", "decision", "returned", "notice", "output", "told_at", "opened_at", "state"} {
		assert.Equal(t, whole[field], own[field], field)
	}
}

func TestAClaimIsShownAsItWasMade(t *testing.T) {
	claimed := refund.Case{
		ID: "cas_2", Kind: policy.KindDuplicateCharge, Customer: "alice", Payment: "pi_1", State: refund.StateReceived, OpenedAt: noon,
		Statement: &refund.Statement{Claim: &refund.Claim{
			Email: "alice@example.com", PaidAt: noon, Amount: money.Amount{Currency: "USD", Minor: 500}, Reason: "charged twice",
			TransactionIDs: []string{"tx_1"}, Attachments: []string{"https://files.example/bill.pdf"},
		}},
		History: []refund.Event{},
	}
	require.Equal(t, map[string]any{
		"id": "cas_2", "kind": "duplicate_charge", "customer": "alice", "payment": "pi_1", "state": "received", "opened_at": "2026-03-01T12:00:00.000Z",
		"asked": map[string]any{"claim": map[string]any{
			"email": "alice@example.com", "paid_at": "2026-03-01T12:00:00Z", "amount": map[string]any{"currency": "USD", "minor": 500.0},
			"reason": "charged twice", "transaction_ids": []any{"tx_1"}, "attachments": []any{"https://files.example/bill.pdf"},
		}},
		"history": []any{},
	}, shown(t, view.Case(claimed, access.RoleCustomer)))
}

func TestWhichPaymentsADoubleChargeMayBeAmongIsShownToStaffAlone(t *testing.T) {
	c := ruled()
	c.Kind, c.Payment, c.Ruling.Payment = policy.KindDuplicateCharge, "pi_1", "pi_2"
	for i, id := range []payment.ID{"pi_1", "pi_2"} {
		at := noon.Add(time.Duration(i) * time.Hour)
		c.Candidates = append(c.Candidates, refund.Candidate{
			Payment: id, Package: "starter", Amount: money.Amount{Currency: "USD", Minor: 500}, OrderedAt: at, PaidAt: at.Add(time.Minute),
		})
	}
	for _, read := range []api.Case{view.Known{}.Case(c), view.Known{}.Listed(c)} {
		got := shown(t, read)
		require.NotContains(t, got, "candidates", "but among the facts")
		facts := got["facts"].(map[string]any)
		require.Len(t, facts["candidates"], 2)
		require.Equal(t, map[string]any{
			"payment": "pi_2", "package": "starter", "amount": map[string]any{"currency": "USD", "minor": 500.0},
			"ordered_at": "2026-03-01T13:00:00Z", "paid_at": "2026-03-01T13:01:00Z",
		}, facts["candidates"].([]any)[1])
		require.Equal(t, "pi_2", got["ruling"].(map[string]any)["payment"])
	}
	for _, role := range []access.Role{access.RoleCustomer, access.RoleApp} {
		text, err := json.Marshal(view.Case(c, role))
		require.NoError(t, err)
		require.NotContains(t, string(text), "pi_2", role)
		require.NotContains(t, string(text), "candidates", role)
	}
	c.Candidates = nil
	require.NotContains(t, shown(t, view.Known{}.Case(c))["facts"], "candidates")
}

func TestACaseOfAnOutageNamesItAndThePaymentThatTheMoneyGoesBackOf(t *testing.T) {
	made := refund.Case{
		ID: "cas_3", Kind: policy.KindOutage, Customer: "alice", Payment: "pi_1", Outage: "out_1", State: refund.StatePaying, OpenedAt: noon,
	}
	got := shown(t, view.Case(made, access.RoleCustomer))
	assert.Equal(t, []any{"outage", "pi_1", "out_1", "paying"}, []any{got["kind"], got["payment"], got["outage"], got["state"]})
	assert.NotContains(t, shown(t, view.Case(ruled(), access.RoleStaff)), "outage")
}

func TestAMoneyRemedyIsShownWithWhenItIsPaid(t *testing.T) {
	payBy, amount := noon.Add(24*time.Hour), money.Amount{Currency: "USD", Minor: 500}
	c := ruled()
	c.Kind, c.Returned = policy.KindDuplicateCharge, nil
	c.Decision.Remedy, c.Decision.PayBy = policy.InMoney(amount), &payBy
	c.Ruling.Remedy = c.Decision.Remedy
	got := shown(t, view.Case(c, access.RoleStaff))
	decision := got["decision"].(map[string]any)
	assert.Equal(t, "2026-03-02T12:00:00Z", decision["pay_by"])
	assert.Equal(t, map[string]any{"money": map[string]any{"currency": "USD", "minor": 500.0}, "to": "payment_method"}, decision["remedy"])
	assert.Equal(t, decision["remedy"], got["ruling"].(map[string]any)["remedy"])
	assert.NotContains(t, got, "returned")
	assert.NotContains(t, got, "output", "only a bad result is about one output")
	c.Ruling.Remedy = nil
	assert.NotContains(t, shown(t, view.Case(c, access.RoleStaff))["ruling"], "remedy")
}

func TestAGenerationNamesItsCasesAndWhatWentBackOfAllOutputs(t *testing.T) {
	g := generation.Generation{
		ID: "gen_1", Customer: "alice", Feature: "recolor", Platform: "web", Surface: "editor", Mode: "paid", Reference: "job-17",
		Options: generation.Options{Model: "m2", Size: "hd", Seconds: 7},
		Outputs: 3, State: generation.StateCaptured, Price: 12, Captured: 8, Released: 4, Refunded: 2, StartedAt: noon, Hash: "h",
		Result: &generation.Result{Status: generation.StatusSucceeded, FinishedAt: noon.Add(time.Second), Outputs: make([]generation.Output, 2)},
		Late:   &generation.Late{Status: generation.StatusFailed, At: noon.Add(time.Minute)},
		Draws:  []ledger.Draw{{Lot: "lot_a", Credits: 3}, {Lot: "lot_b", Credits: 5}},
	}
	want := map[string]any{
		"id": "gen_1", "customer": "alice", "feature": "recolor", "platform": "web", "surface": "editor", "mode": "paid", "model": "m2", "size": "hd", "seconds": 7.0,
		"reference": "job-17", "outputs": 3.0, "came": 2.0, "state": "captured", "price": 12.0, "charged": 8.0, "released": 4.0, "refunded": 2.0,
		"started_at":  "2026-03-01T12:00:00.000Z",
		"finished_at": "2026-03-01T12:00:01Z", "late": map[string]any{"status": "failed", "at": "2026-03-01T12:01:00.000Z"},
		"draws": []any{map[string]any{"lot": "lot_a", "credits": 3.0}, map[string]any{"lot": "lot_b", "credits": 5.0}},
		"case":  "cas_a", "cases": []any{"cas_a", "cas_b"},
	}
	require.Equal(t, want, shown(t, view.Generation(g, []refund.Case{{ID: "cas_a"}, {ID: "cas_b"}})))

	delete(want, "case")
	want["cases"] = []any{}
	require.Equal(t, want, shown(t, view.Generation(g, nil)))

	delete(want, "cases")
	delete(want, "draws")
	require.Equal(t, want, shown(t, view.ListedGeneration(g)))
}

func TestAHoldThatRanOutHasAFailureAndNoInstantOfFinishing(t *testing.T) {
	overdue := generation.Generation{ID: "gen_1", StartedAt: noon, State: generation.StateReleased, Result: &generation.Result{
		Status: generation.StatusFailed, FinishedAt: noon.Add(time.Hour),
		Failure: &generation.Failure{Cause: generation.CausePlatform, Code: generation.CodeOverdue, Message: "no result came in time"},
	}}
	got := shown(t, view.Generation(overdue, nil))
	assert.NotContains(t, got, "finished_at")
	assert.Equal(t, map[string]any{"cause": "platform", "code": generation.CodeOverdue, "message": "no result came in time"}, got["failure"])
}

// appealed is a report that ann declined, appealed by its customer.
func appealed(finding refund.Finding) refund.Case {
	c := ruled()
	first := *c.Decision
	first.Outcome, first.Remedy = policy.OutcomeDeclined, nil
	c.Earlier = []policy.Decision{first}
	c.Appeal = &refund.Appeal{At: noon.Add(2 * time.Hour), Ruling: c.Ruling, Reviewer: "ann", Finding: finding}
	c.State, c.Ruling, c.Statement.Appeal = refund.StateInReview, nil, "it has six fingers"
	c.Decision = &policy.Decision{Outcome: policy.OutcomeInReview, Clause: "X3", Reason: "We've received your appeal.", Notice: "appeal_received"}
	c.History[2].State = refund.StateDeclined
	c.History = append(c.History, refund.Event{At: noon.Add(2 * time.Hour), State: refund.StateInReview, Actor: ledger.ActorCustomer, Note: "appealed"})
	return c
}

func TestTheFirstAnswerIsKeptFromStaffUntilTheAppealIsAnswered(t *testing.T) {
	open := appealed("")
	for _, show := range []func(refund.Case, access.Role) api.Case{view.Case, view.Listed} {
		text, err := json.Marshal(show(open, access.RoleStaff))
		require.NoError(t, err)
		for _, told := range []string{"R8", "R10", "ann", "regular", "declined", "We looked at it"} {
			require.NotContains(t, string(text), told)
		}
		got := shown(t, show(open, access.RoleStaff))
		require.Equal(t, true, got["appeal"])
		require.Equal(t, map[string]any{"at": "2026-03-01T14:00:00.000Z"}, got["appealed"])
		require.Equal(t, "it has six fingers", got["asked"].(map[string]any)["appeal"])
		require.Len(t, got["history"], 2)

		answered := shown(t, show(appealed(refund.FindingUpheld), access.RoleStaff))
		told := answered["appealed"].(map[string]any)
		require.Equal(t, "upheld", told["finding"])
		require.Equal(t, "R8", told["first"].(map[string]any)["clause"])
		require.Equal(t, "ann", told["ruling"].(map[string]any)["by"])
		require.Len(t, answered["history"], 4)
	}
	require.Len(t, open.History, 4, "what is shown is a copy")
}

func TestACustomerSeesTheFirstAnswerOfTheirAppeal(t *testing.T) {
	got := shown(t, view.Case(appealed(""), access.RoleCustomer))
	told := got["appealed"].(map[string]any)
	require.Equal(t, "We looked at it.", told["first"].(map[string]any)["reason"])
	require.NotContains(t, told, "ruling")
	require.Len(t, got["history"], 4)
}
