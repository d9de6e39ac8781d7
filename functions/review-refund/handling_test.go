package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"makegood/shared/api"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/refund"
)

func TestACaseIsLookedAtByOneOfStaffAndGivenBack(t *testing.T) {
	d := open(t)
	assigned := d.gets("assign")
	assert.Equal(t, map[string]any{"by": "operator", "until": d.Now.Add(15 * time.Minute).Format("2006-01-02T15:04:05.000Z")}, assigned)
	assert.Equal(t, httptest.Refusal{409, "assigned", nil}, d.Ask("assign", byAnother).Refusal())
	waits := map[string]any{"case": string(d.reported), "state": "in_review"}
	assert.Equal(t, waits, d.gets("unassign", byAnother), "it is not theirs to give back")
	assert.NotNil(t, d.stands().AssignedAt(d.Now))
	assert.Equal(t, waits, d.gets("unassign"))
	assert.Nil(t, d.stands().AssignedAt(d.Now))
}

func TestASkipIsNotedOnceAndGivesTheCaseBack(t *testing.T) {
	d := open(t)
	d.gets("assign")
	for range 2 {
		assert.Equal(t, "in_review", d.gets("skip")["state"])
	}
	assert.Nil(t, d.stands().AssignedAt(d.Now))
	table := d.Want(200, "skips-as-csv")
	assert.Equal(t, api.MediaCSV, table.Headers["content-type"])
	assert.NotContains(t, table.Headers, "link")
	assert.Equal(t, []string{
		"case,kind,state,clause,by,reason,at",
		string(d.reported) + ",bad_result,in_review," + d.stands().Decision.Clause + ",operator,'=no rule for mirrored text," + d.Now.UTC().Format(time.RFC3339),
		"",
	}, strings.Split(table.Body, "\n"))
}

func TestHandlingIsForStaffWhileTheCaseWaits(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"assign-by-app": {403, "forbidden", nil}, "unassign-by-app": {403, "forbidden", nil}, "skip-by-app": {403, "forbidden", nil},
		"preview-by-app": {403, "forbidden", nil}, "take-back-by-app": {403, "forbidden", nil},
		"skip-without-reason": {400, "missing_fields", "reason"}, "take-back-without-key": {400, "missing_fields", "key"},
		"take-back": {404, "not_found", nil},
	} {
		assert.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
	d.gets("approve")
	d.Deliver()
	for _, fixture := range []string{"assign", "unassign", "skip", "preview"} {
		assert.Equal(t, httptest.Refusal{409, "already_decided", nil}, d.Ask(fixture).Refusal(), fixture)
	}
	assert.Equal(t, httptest.Refusal{409, refund.CodeTakeBackLate, nil}, d.Ask("take-back").Refusal())
}

func TestAPreviewSaysWhatAVerdictMovesAndMovesNothing(t *testing.T) {
	d := open(t)
	before := d.stands()
	preview := d.gets("preview")
	assert.Equal(t, before, d.stands())
	assert.Equal(t, "approved", preview["state"])
	movements, lots := preview["movements"].([]any), preview["lots"].([]any)
	if assert.Len(t, movements, 1) && assert.Len(t, lots, 1) {
		movement, lot := movements[0].(map[string]any), lots[0].(map[string]any)
		assert.Equal(t, []any{"refund", "spent", "available", 4.0, lot["lot"]},
			[]any{movement["cause"], movement["from"], movement["to"], movement["credits"], movement["lot"]})
		assert.Equal(t, []any{36.0, 40.0}, []any{lot["before"], lot["after"]})
	}
	assert.Equal(t, []any{map[string]any{"available": 36.0, "owed": 0.0}, map[string]any{"available": 40.0, "owed": 0.0}}, []any{preview["before"], preview["after"]})
	assert.NotEmpty(t, preview["notice"].(map[string]any)["words"])
	assert.NotContains(t, preview, "money")
	assert.Equal(t, 400, d.Ask("preview-too-much").StatusCode)
	d.gets("approve")
	d.Deliver()
	d.WantAvailable("alice", 40)
}

func TestAVerdictThatWaitsIsTakenBackByWhoGaveIt(t *testing.T) {
	d := open(t)
	assert.Equal(t, "approved", d.gets("approve-and-wait")["state"])
	assert.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("take-back", byAnother).Refusal())
	taken := d.Want(200, "take-back")
	assert.Equal(t, map[string]any{"case": string(d.reported), "state": "in_review"}, taken.Fields)
	assert.False(t, taken.Replayed)
	assert.True(t, d.Want(200, "take-back").Replayed)
	d.Pass(refund.TakeBackWindow)
	d.Deliver()
	assert.True(t, d.stands().Waiting())
	d.WantAvailable("alice", 36)

	// One that is not taken back is carried out, and then it is too late.
	d.gets("approve-and-wait", under("verdict-2"))
	d.Pass(refund.TakeBackWindow)
	d.Deliver()
	d.WantAvailable("alice", 40)
}

// byAnother sends the event as another of staff.
func byAnother(event map[string]any) {
	event["headers"].(map[string]any)["authorization"] = "Bearer mk_local_operator_2"
}
