package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/standing"
	"makegood/shared/text"
)

// inbox returns alice's notices, each as its type, its outcome, and whether she has read it.
func (c counter) inbox() (rows [][]any, ids map[any]bool) {
	c.t.Helper()
	ids = map[any]bool{}
	at := ""
	for _, row := range c.gets("notices", c.As("alice"))["notices"].([]any) {
		notice := row.(map[string]any)
		rows = append(rows, []any{notice["type"], notice["outcome"], notice["read"]})
		require.NotContains(c.t, ids, notice["id"], "each once")
		ids[notice["id"]] = true
		require.True(c.t, at == "" || notice["at"].(string) <= at, "newest first")
		at = notice["at"].(string)
	}
	return rows, ids
}

func TestEveryMessageOfACasesLifeIsInTheInboxOnceNewestFirst(t *testing.T) {
	c := open(t)
	rows, _ := c.inbox()
	require.Equal(t, [][]any{{"refund.decided", "approved", false}}, rows, "the picture that failed")
	seen := c.Now
	_, err := c.Store.MarkRead(t.Context(), "alice", seen)
	require.NoError(t, err)

	c.Pass(time.Minute)
	reported := c.Reports(c.Generated("alice", 1), 0)
	c.Deliver()
	c.Pass(time.Minute)
	c.Rules(reported, policy.OutcomeDeclined)
	c.Deliver()
	rows, ids := c.inbox()
	require.Equal(t, [][]any{
		{"refund.decided", "declined", false}, {"refund.received", "in_review", false}, {"refund.decided", "approved", true},
	}, rows)
	for _, due := range c.CaseOf(reported).Owed() {
		require.Contains(t, ids, due.ID(reported), "the id under which it is posted")
	}
	page := c.gets("notices")
	require.Equal(t, c.gets("case", func(event map[string]any) { event["rawPath"] = "/v1/cases/" + string(reported) })["words"], page["notices"].([]any)[0].(map[string]any)["words"])
	require.NotEmpty(t, page["read_up_to"])
}

func TestAChangeOfStandingIsInTheInboxInThePolicysWords(t *testing.T) {
	c := open(t)
	c.Pass(time.Minute)
	c.SetsStanding("alice", ledger.StandingRestricted)
	change := string(standing.NewID(ledger.CustomerID("alice").Key(), c.Now))
	require.Equal(t, map[string]any{
		"id": change + ".standing.changed", "type": "standing.changed", "at": text.Moment(c.Now), "read": false, "standing": "restricted",
		"words": "Your access is restricted, so you can't use AI features, and refunds for results aren't available.",
	}, c.gets("notices")["notices"].([]any)[0], "without staff's note")
	rows, _ := c.inbox()
	require.Equal(t, [][]any{{"standing.changed", nil, false}, {"refund.decided", "approved", false}}, rows)
}

func TestAnOfferIsInTheInboxUntilWhenItMayBeClaimed(t *testing.T) {
	c := open(t)
	began := c.Now.Add(-time.Hour)
	offer := outage.Offer{
		ID: outage.NewOfferID("alice", "pi_1", began), Customer: "alice", Payment: "pi_1", Outage: "out_1", Met: policy.OutageFacts{StartedAt: began, EndedAt: &c.Now},
		Remedy: *policy.InMoney(money.Amount{Currency: "USD", Minor: 500}), ClaimUntil: began.Add(30 * 24 * time.Hour), MadeAt: c.Now,
	}
	_, err := c.Store.MakeOffer(t.Context(), offer)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"id": string(offer.ID) + ".outage.offered", "type": "outage.offered", "at": text.Moment(c.Now), "read": false,
		"offer": string(offer.ID), "outage": "out_1", "payment": "pi_1", "remedy": map[string]any{"money": map[string]any{"currency": "USD", "minor": 500.0}, "to": "payment_method"},
		"started_at": text.Moment(began), "ended_at": text.Moment(c.Now), "claim_until": text.Moment(offer.ClaimUntil),
		"words": "Our service was down. You may claim a refund of 5.00 USD until March 31, 2026.",
	}, c.gets("notices")["notices"].([]any)[0])
}

func TestOnlyTheCustomerAndTheAppReadNotices(t *testing.T) {
	c := open(t)
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("notices-by-staff").Refusal())
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, c.Ask("notices", c.As("mallory")).Refusal())
}
