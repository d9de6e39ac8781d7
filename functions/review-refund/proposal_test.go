package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// needsTwo returns the desk of a stack whose policy wants two people to answer an appeal, with
// one that waits.
func needsTwo(t *testing.T) desk {
	t.Helper()
	d := open(t)
	d.Rules(d.reported, policy.OutcomeDeclined)
	d.Deliver()
	d.NeedsTwo()
	d.Appeals(d.reported)
	d.Deliver()
	return d.over()
}

// over returns the desk with the policy that the world has by now.
func (d desk) over() desk {
	again := over(d.t, d.World, d.Store.(store))
	again.reported = d.reported
	return again
}

// naming puts the proposal's name into an answer to it.
func naming(proposal string) func(event map[string]any) {
	return func(event map[string]any) {
		var body map[string]any
		if err := json.Unmarshal([]byte(event["body"].(string)), &body); err != nil {
			panic(err)
		}
		body["proposal"] = proposal
		text, _ := json.Marshal(body)
		event["body"] = string(text)
	}
}

func TestAVerdictThatNeedsTwoIsProposedAndMovesOnceTheSecondConfirms(t *testing.T) {
	d := needsTwo(t)
	first := d.Want(202, "approve")
	proposal, _ := first.Fields["proposal"].(string)
	require.NotEmpty(t, proposal)
	assert.Equal(t, map[string]any{"case": string(d.reported), "state": "in_review", "proposal": proposal}, first.Fields)
	assert.Equal(t, httptest.Refusal{409, "proposed", nil}, d.Ask("approve-under-another-key").Refusal())
	assert.Zero(t, d.Deliver())
	d.WantAvailable("alice", 36)
	row := d.gets("list")["cases"].([]any)[0].(map[string]any)
	proposed := row["proposed"].(map[string]any)
	assert.Equal(t, []any{"operator", "the hand has six fingers", "approved", proposal, nil}, []any{proposed["by"], proposed["note"], proposed["outcome"], proposed["proposal"], row["ruling"]})

	assert.Equal(t, httptest.Refusal{409, "same_person", nil}, d.Ask("confirm-own-proposal", naming(proposal)).Refusal())
	assert.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("confirm-proposal").Refusal(), "another one's name")
	for range 2 { // before it is carried out, and after
		confirmed := d.Want(200, "confirm-proposal", naming(proposal))
		assert.Equal(t, map[string]any{"case": string(d.reported), "state": "approved"}, confirmed.Fields)
		replay := d.Ask("approve")
		assert.Equal(t, []any{202, first.Body, true}, []any{replay.StatusCode, replay.Body, replay.Replayed})
		assert.Equal(t, httptest.Refusal{409, "proposal_gone", nil}, d.Ask("send-proposal-back", naming(proposal)).Refusal())
		d.Deliver()
		d.WantAvailable("alice", 40)
	}
	ruled := d.stands()
	assert.Equal(t, []any{refund.StateApproved, "operator", "operator-2"}, []any{ruled.State, ruled.Ruling.By, ruled.Ruling.Second.By})
}

func TestAProposalIsSentBackWithAReasonOrWithdrawnByItsOwn(t *testing.T) {
	d := needsTwo(t)
	proposal, _ := d.Want(202, "approve").Fields["proposal"].(string)
	assert.Equal(t, httptest.Refusal{400, "missing_fields", "note"}, d.Ask("send-proposal-back-without-note", naming(proposal)).Refusal())
	assert.Equal(t, "in_review", d.gets("send-proposal-back", naming(proposal))["state"])
	assert.True(t, d.Ask("send-proposal-back", naming(proposal)).Replayed)
	assert.Equal(t, httptest.Refusal{409, "proposal_gone", nil}, d.Ask("confirm-proposal", naming(proposal)).Refusal())
	next, _ := d.Want(202, "approve-under-another-key").Fields["proposal"].(string)
	require.NotEqual(t, proposal, next)
	assert.Equal(t, "in_review", d.gets("withdraw-proposal", naming(next))["state"])
	d.Deliver()
	assert.True(t, d.stands().Waiting())
	d.WantAvailable("alice", 36)
}

func TestWhoMayNotAnswerAProposalIsRefused(t *testing.T) {
	d := needsTwo(t)
	proposal, _ := d.Want(202, "approve").Fields["proposal"].(string)
	before := d.stands()
	for fixture, want := range map[string]httptest.Refusal{
		"proposal-by-app":         {403, "forbidden", nil},
		"proposal-unknown-answer": {400, "invalid_request", "answer"},
		"proposal-without-fields": {400, "missing_fields", "answer"},
	} {
		edits := []func(map[string]any){}
		if fixture != "proposal-without-fields" {
			edits = append(edits, naming(proposal))
		}
		assert.Equal(t, want, d.Ask(fixture, edits...).Refusal(), fixture)
	}
	assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask("confirm-proposal", d.As("alice")).Refusal())
	assert.Equal(t, before, d.stands())
}
