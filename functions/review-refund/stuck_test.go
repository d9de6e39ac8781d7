package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

// item names another item in a retry's event.
func item(kind todo.Kind, id string) func(event map[string]any) {
	return func(event map[string]any) {
		http := event["requestContext"].(map[string]any)["http"].(map[string]any)
		event["rawPath"] = "/v1/stuck/" + id + "/retry"
		http["path"] = event["rawPath"]
		event["body"] = `{"kind": "` + string(kind) + `"}`
	}
}

// sticks loses every message until the sweep gives up.
func (d desk) sticks() {
	d.t.Helper()
	for range due.MaxAttempts + 2 {
		d.Pass(2 * time.Hour)
		d.Sweep()
		d.Lose()
	}
}

func TestWhatIsStuckIsDueAgainWhenStaffSaySoAndTheNextSweepTakesIt(t *testing.T) {
	d := empty(t)
	d.Grants("alice", 4)
	id := d.StartsUnder("alice", 1, "picture-3")
	d.Now = d.Generation(id).Deadline
	d.sticks()
	// Asked twice, it is due as it was.
	for range 2 {
		got := d.gets("retry", item(todo.KindGeneration, string(id)))
		assert.Equal(t, map[string]any{"by": "operator", "kind": "generation", "id": string(id), "steps": []any{"settle"}, "due_at": got["due_at"]}, got)
		at, err := time.Parse(time.RFC3339, got["due_at"].(string))
		require.NoError(t, err)
		assert.False(t, at.After(d.Now.Add(time.Hour)), "its last attempt put it off by an hour at the most")
	}
	d.Pass(time.Hour)
	require.Equal(t, 1, d.Sweep().Claimed)
	d.Deliver()
	require.Equal(t, generation.StateReleased, d.Generation(id).State)
}

func TestEveryKindThatMayBeStuckMayBeTriedAgain(t *testing.T) {
	d := shop(t)
	d.Misses(d.Paid("pi_1", "alice"))
	d.Receives(d.Paid("pi_1", "alice"))
	_, err := payment.Receiver{Store: d.Store, Rules: payment.Rules{Catalog: d.World}}.Receive(t.Context(), payment.Facts{Payment: "pi_1", Provider: "stripe", RefundedInAll: 100}, d.Now)
	require.NoError(t, err)
	outageID := d.Declares(d.Now.Add(-50*time.Hour), d.Now).ID
	d.MakesGood(outageID, outage.GiveMoney)
	d.Lose()
	claim := d.claims("alice", "pi_1")
	d.sticks()
	for kind, id := range map[todo.Kind]string{todo.KindPayment: "pi_1", todo.KindOutage: string(outageID), todo.KindCase: string(claim)} {
		got := d.gets("retry", item(kind, id))
		assert.Equal(t, []any{string(kind), id}, []any{got["kind"], got["id"]})
	}
	stuck, _, err := d.Store.Stuck(t.Context(), nil, due.MaxItems)
	require.NoError(t, err)
	assert.Empty(t, stuck)
}

func TestARetryOfNothingIsRefused(t *testing.T) {
	d := empty(t)
	assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask("retry-by-app").Refusal())
	assert.Equal(t, httptest.Refusal{400, "invalid_request", "kind"}, d.Ask("retry-wallet").Refusal(), "a wallet is tried each hour")
	assert.Equal(t, []any{400, "missing_fields"}, []any{d.Ask("retry-without-kind").StatusCode, d.Ask("retry-without-kind").Fields["code"]})
	assert.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("retry-of-nobody").Refusal())
	for _, kind := range []todo.Kind{todo.KindGeneration, todo.KindCase, todo.KindOffer, todo.KindStanding, todo.KindAttachment, todo.KindOutage, todo.KindPayment} {
		assert.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("retry", item(kind, strings.Repeat("x", 60))).Refusal(), kind)
	}
}
