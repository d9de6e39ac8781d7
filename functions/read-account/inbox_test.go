package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/policy"
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

func TestOnlyTheCustomerAndTheAppReadNotices(t *testing.T) {
	c := open(t)
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("notices-by-staff").Refusal())
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, c.Ask("notices", c.As("mallory")).Refusal())
}
