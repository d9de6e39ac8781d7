package main

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/audit"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/evidence"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func TestASecondLookIsShownWithoutTheVerdictAndAnsweredOnce(t *testing.T) {
	d := open(t)
	assert.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("second-look").Refusal(), "it was not drawn")
	look := d.Samples(t, d.reported, policy.OutcomeApproved, evidence.Blank)
	before, wallet := d.stands(), d.Wallet("alice")
	list := d.gets("second-looks")
	assert.Equal(t, []any{map[string]any{"case": string(d.reported), "feature": look.Feature, "waits_since": "2026-03-01T12:01:01.000Z"}}, list["looks"])
	// Nothing of it says what was decided, by which clause, or what the customer was told.
	for _, body := range []string{d.Want(200, "second-looks").Body, d.Want(200, "second-look").Body} {
		for _, word := range []string{"approved", "declined", look.Clause, "thanks", "verdict", "outcome", "notice"} {
			assert.NotContains(t, body, word)
		}
	}

	shown := d.gets("second-look")
	assert.Equal(t, []any{"the hand has six fingers", "distortion"}, fieldsOf(shown, "description", "issue"))
	assert.NotEmpty(t, shown["evidence"].(map[string]any)["problems"], "why there is no copy")

	first := d.Want(200, "answer-second-look")
	assert.Equal(t, map[string]any{
		"case": string(d.reported), "finding": "usable", "note": "a white shoe on white, sharp", "by": "operator", "at": "2026-03-01T12:01:01.000Z",
	}, first.Fields)
	assert.False(t, first.Replayed)
	d.Pass(time.Hour)
	replay := d.Want(200, "answer-second-look")
	assert.Equal(t, []any{first.Body, true}, []any{replay.Body, replay.Replayed})
	assert.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("answer-second-look-otherwise").Refusal())
	again := d.Ask("answer-second-look-again")
	assert.Equal(t, httptest.Refusal{409, "already_decided", nil}, again.Refusal())
	assert.Equal(t, string(d.reported), again.Fields["case"])
	assert.Empty(t, d.gets("second-looks")["looks"])
	assert.Equal(t, first.Fields, d.gets("second-look")["answer"])
	assert.Equal(t, before, d.stands(), "the case is as it was")
	assert.Equal(t, wallet, d.Wallet("alice"))
	assert.Zero(t, d.Deliver())
}

func TestSecondLooksAreForStaffAlone(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"second-looks-by-app":        {403, "forbidden", nil},
		"second-looks-bad-cursor":    {400, "invalid_request", "cursor"},
		"second-look-of-nobody":      {404, "not_found", nil},
		"answer-second-look":         {404, "not_found", nil},
		"answer-second-look-unknown": {400, "invalid_request", "finding"},
		"answer-second-look-by-app":  {403, "forbidden", nil},
		"accuracy-bad-since":         {400, "invalid_request", "since"},
		"labels-by-app":              {403, "forbidden", nil},
		"lift-signal-of-nobody":      {404, "not_found", nil},
	} {
		assert.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
}

func TestASignalThatPaidWronglyTooOftenIsShownAndLiftedByName(t *testing.T) {
	d := open(t)
	limit := d.At(d.Now).Evidence.Stops
	require.Positive(t, limit.From, "photoroom has a limit")
	d.Grants("alice-2", ledger.Credits(4*limit.From))
	for range limit.From {
		id := d.reports(d.Generated("alice-2", 1), 0, "it is blank")
		look := d.Samples(t, id, policy.OutcomeApproved, evidence.Blank)
		_, _, err := d.auditor().Answer(context.Background(), look.Case, audit.Order{
			Finding: evidence.VerdictUsable, Note: "a shoe", By: "ann", Principal: "staff:ann", Key: d.Key(),
		}, d.Now)
		require.NoError(t, err)
	}
	n := float64(limit.From)
	blank := d.gets("signals")["signals"].([]any)[0].(map[string]any)
	assert.Equal(t, []any{"blank", n, n, 100.0}, []any{blank["signal"], blank["looks"], blank["wrongly_paid"], blank["wrongly_paid_at_most"]})
	stop := blank["stopped"].(map[string]any)
	assert.Equal(t, []any{n, n, float64(limit.WronglyPaidPercent), n}, []any{stop["looks"], stop["wrongly_paid"], stop["limit_percent"], stop["limit_from"]})
	counts := d.gets("accuracy")["counts"].([]any)
	assert.Equal(t, []any{"2026-W09", "blank", n, n}, fieldsOf(counts[0], "week", "signal", "paid", "wrongly_paid"))
	assert.Equal(t, []any{"2026-W09", nil, n, n}, fieldsOf(counts[1], "week", "signal", "paid", "wrongly_paid"))
	assert.Empty(t, d.gets("accuracy-since")["counts"])

	first := d.Want(200, "lift-signal")
	assert.Equal(t, map[string]any{
		"signal": "blank", "looks": 0.0, "wrongly_paid": 0.0, "wrongly_paid_at_most": 100.0,
		"lifts": []any{map[string]any{"at": first.Fields["lifts"].([]any)[0].(map[string]any)["at"], "by": "operator", "note": "the model was taken back"}},
	}, first.Fields)
	assert.True(t, d.Want(200, "lift-signal").Replayed)
	assert.Equal(t, httptest.Refusal{409, "not_possible", nil}, d.Ask("lift-signal", under("lift-9")).Refusal())
}

// auditor returns the use case as the function has it.
func (d desk) auditor() audit.Auditor {
	return audit.Auditor{Store: d.Store, Stops: func(at time.Time) policy.Stops { return d.At(at).Evidence.Stops }}
}

func fieldsOf(row any, names ...string) []any {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = row.(map[string]any)[name]
	}
	return values
}

func TestEachRulingAndSecondLookIsALabelWithoutWordsOfTheCustomerOrLinks(t *testing.T) {
	d := open(t)
	d.Grants("alice", 400)
	// One that staff approved, one that was declined automatically and looked at again, and many
	// that nobody has ruled on.
	d.Rules(d.reported, policy.OutcomeApproved)
	d.Deliver()
	d.Pass(time.Minute)
	other := d.reports(d.Generated("alice", 1), 0, "six fingers")
	look := d.Samples(t, other, policy.OutcomeDeclined)
	d.Want(200, "answer-second-look", func(event map[string]any) {
		event["rawPath"] = "/v1/second-looks/" + string(other)
		event["requestContext"].(map[string]any)["http"].(map[string]any)["path"] = event["rawPath"]
	})
	for range casePage {
		again := d.Starts("alice", 1)
		d.Settles(again, d.Success(-1))
		d.reports(again, 0, "nothing like it")
	}
	labels := map[any]map[string]any{}
	next := ""
	for page := 0; ; page++ {
		require.Less(t, page, 4)
		answer := d.Want(200, "labels", func(event map[string]any) {
			if next != "" {
				event["rawQueryString"] = "cursor=" + next
			}
		})
		for _, label := range answer.Fields["labels"].([]any) {
			row := label.(map[string]any)
			labels[row["source"]] = row
			text, err := json.Marshal(row)
			require.NoError(t, err)
			for _, word := range []string{"fingers", "alice", "https", "nothing like it"} {
				assert.NotContains(t, string(text), word)
			}
		}
		var more bool
		if next, more = answer.Fields["next"].(string); !more {
			break
		}
	}
	require.Len(t, labels, 2)
	ruling, seen := labels["ruling"], labels["second_look"]
	assert.Equal(t, []any{string(d.reported), "approved", "R2"}, fieldsOf(ruling, "case", "outcome", "clause"))
	assert.Equal(t, []any{string(other), "usable", "declined", look.Clause, "operator"}, fieldsOf(seen, "case", "finding", "automatic", "clause", "by"))
	since := d.gets("labels-since")
	assert.Empty(t, since["labels"], fmt.Sprint("nothing was found on the second of March: ", since))
}

func TestTheRulingsOfACaseAreLabelsInTheOrderOfTime(t *testing.T) {
	at := func(minutes int, by string, outcome policy.Outcome) refund.Ruling {
		return refund.Ruling{Ruling: policy.Ruling{Outcome: outcome}, By: by, At: time.Date(2026, 3, 1, 12, minutes, 0, 0, time.UTC)}
	}
	first, last := at(1, "ann", policy.OutcomeDeclined), at(3, "bob", policy.OutcomeApproved)
	c := refund.Case{
		ID: "cas_1", State: refund.StateApproved, Decision: &policy.Decision{Outcome: policy.OutcomeApproved, Clause: "R2"}, Ruling: &last,
		Earlier:   []policy.Decision{{Outcome: policy.OutcomeDeclined, Clause: "R8"}},
		Appeal:    &refund.Appeal{Ruling: &first},
		Overruled: []refund.Ruling{at(2, "cid", policy.OutcomeApproved)},
	}
	look := audit.Look{Outcome: policy.OutcomeDeclined, Clause: "R5", Answer: &audit.Answer{Finding: evidence.VerdictUnsure, By: "dot", At: first.At.Add(-time.Second)}}
	var got [][]any
	for _, label := range labelsOf(c, look) {
		got = append(got, []any{label.Source, label.By, label.Outcome, label.Finding, label.Clause, label.Overruled})
	}
	assert.Equal(t, [][]any{
		{"second_look", "dot", "", "unsure", "R5", false},
		{"ruling", "ann", "declined", "", "R8", false},
		{"ruling", "cid", "approved", "", "", true},
		{"ruling", "bob", "approved", "", "R2", false},
	}, got)
}
