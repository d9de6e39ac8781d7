package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
	"makegood/shared/storetest"
)

// stuffed is a store whose rows have as much in them as makes a page end by its bytes.
type stuffed struct{ storetest.Store }

var stuffing = strings.Repeat("\"", api.MaxPage/10)

func (s stuffed) ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error) {
	cases, more, err := s.Store.ListCases(ctx, customer, after, limit)
	for i := range cases {
		cases[i].Outage, cases[i].Payment = stuffing, stuffing
	}
	return cases, more, err
}

func (s stuffed) ListEntries(ctx context.Context, customer ledger.CustomerID, after string, limit int) ([]ledger.Entry, bool, error) {
	entries, more, err := s.Store.ListEntries(ctx, customer, after, limit)
	for i := range entries {
		entries[i].Cause.Payment = stuffing
	}
	return entries, more, err
}

func (s stuffed) ListGenerations(
	ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int,
) ([]generation.Generation, bool, error) {
	listed, more, err := s.Store.ListGenerations(ctx, customer, after, limit)
	for i := range listed {
		listed[i].Reference = stuffing
	}
	return listed, more, err
}

func (s stuffed) Stuck(ctx context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error) {
	items, next, err := s.Store.Stuck(ctx, after, limit)
	for i := range items {
		items[i].Customer = ledger.CustomerID(stuffing)
	}
	return items, next, err
}

// pages reads a list to its end and returns the ids of its rows and how many stood on each page.
func (c counter) pages(fixture, rows string) (ids []any, sizes []int) {
	c.t.Helper()
	next := ""
	for len(sizes) < 100 {
		page := c.gets(fixture, func(event map[string]any) {
			if next != "" {
				event["rawQueryString"] = "cursor=" + url.QueryEscape(next)
			}
		})
		shown := page[rows].([]any)
		for _, row := range shown {
			ids = append(ids, row.(map[string]any)["id"])
		}
		sizes = append(sizes, len(shown))
		var more bool
		if next, more = page["next"].(string); !more {
			break
		}
	}
	return ids, sizes
}

func TestEveryListEndsItsPagesByBytesAndGoesOnWhereItStopped(t *testing.T) {
	plain := open(t)
	full := plain.over(stuffed{plain.Store})
	for n := range 12 {
		plain.Grants("alice", 4)
		plain.Pass(time.Second)
		plain.claims(fmt.Sprint("pi_", n))
		waiting := plain.Starts("alice", 1)
		plain.Now = plain.Generation(waiting).Deadline.Add(-time.Minute)
	}
	plain.Pass(time.Hour)
	for range due.MaxAttempts + 1 {
		plain.Sweep()
		plain.Lose()
		plain.Pass(2 * time.Hour)
	}
	for fixture, rows := range map[string]string{"cases": "cases", "statement": "entries", "generations": "generations", "stuck": "stuck"} {
		want, sizes := plain.pages(fixture, rows)
		assert.Len(t, sizes, 1, fixture)
		require.Greater(t, len(want), 10, fixture)
		got, sizes := full.pages(fixture, rows)
		assert.Equal(t, want, got, fixture)
		assert.Greater(t, len(sizes), 2, fixture)
	}
}

func TestAnInboxEndsItsPagesByBytesAndByItsTopicsAndLosesNothing(t *testing.T) {
	plain := open(t)
	for n := range 60 {
		plain.Grants("alice", 4)
		plain.Pass(time.Second)
		plain.Settles(plain.Starts("alice", 1), plain.Failure(generation.CausePlatform))
		plain.Deliver()
		if n%20 == 0 {
			plain.SetsStanding("alice", ledger.StandingRestricted)
			plain.Pass(time.Second)
			plain.SetsStanding("alice", ledger.StandingGood)
		}
	}
	want, sizes := plain.pages("notices", "notices")
	assert.Equal(t, []int{50, 17}, sizes, "one of the picture before, sixty, and six changes")
	got, sizes := plain.over(stuffed{plain.Store}).pages("notices", "notices")
	assert.Equal(t, want, got)
	assert.Greater(t, len(sizes), 6)
}

func TestGenerationsAreListedFiftyToAPage(t *testing.T) {
	c := open(t)
	c.Grants("alice", 1000)
	for range 49 {
		c.Pass(time.Second)
		c.Starts("alice", 1)
	}
	ids, sizes := c.pages("generations", "generations")
	assert.Equal(t, []int{50, 1}, sizes)
	seen := map[any]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	assert.Len(t, seen, 51)
}

func TestWhatIsStuckIsListedLongestFirstAHundredToAPage(t *testing.T) {
	c := open(t)
	c.Grants("alice", 1000)
	for range 105 {
		c.Starts("alice", 1)
	}
	c.Pass(24 * time.Hour)
	for range due.MaxAttempts + 1 {
		c.Sweep()
		c.Lose()
		c.Pass(2 * time.Hour)
	}
	ids, sizes := c.pages("stuck", "stuck")
	assert.Equal(t, []int{100, 6}, sizes, "the holds, and the verdict that nobody was told of")
	seen := map[any]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	assert.Len(t, seen, 106)
}

// claims opens the case of a claim of the longest words.
func (c counter) claims(paid string) {
	c.t.Helper()
	_, err := refund.Claimer{Store: c.Store, Requests: c.World}.File(c.t.Context(), refund.Request{
		Kind: policy.KindAbnormalCharge, Customer: "alice", Payment: paid, Principal: "app", Key: c.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: "a@example.com", PaidAt: c.Now, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: strings.Repeat("指", refund.MaxWords),
			TransactionIDs: []string{"tx_1"}, Attachments: []string{"https://bank.example/1"},
		},
	}, c.Now)
	require.NoError(c.t, err)
}

func TestAListShowsACutAndTheCaseTheWhole(t *testing.T) {
	c := open(t)
	c.claims("pi_1")
	listed := c.gets("cases")["cases"].([]any)[0].(map[string]any)
	claim := listed["asked"].(map[string]any)["claim"].(map[string]any)
	assert.Equal(t, strings.Repeat("指", 199)+"…", claim["reason"])
	assert.NotContains(t, claim, "transaction_ids")
	assert.NotContains(t, claim, "attachments")
	whole := c.gets("case", func(event map[string]any) { event["rawPath"] = "/v1/cases/" + listed["id"].(string) })
	claim = whole["asked"].(map[string]any)["claim"].(map[string]any)
	assert.Equal(t, strings.Repeat("指", refund.MaxWords), claim["reason"])
	assert.Equal(t, []any{"tx_1"}, claim["transaction_ids"])
	assert.Equal(t, []any{"https://bank.example/1"}, claim["attachments"])
}
