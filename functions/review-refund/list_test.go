package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

func TestACaseThatWaitsIsShownWithAllThatIsKnown(t *testing.T) {
	d := open(t)
	page := d.gets("list")
	require.Len(t, page["cases"], 1)
	waits := page["cases"].([]any)[0].(map[string]any)
	assert.Equal(t, []any{string(d.reported), "bad_result", "alice", 0.0, "in_review"},
		[]any{waits["id"], waits["kind"], waits["customer"], waits["output"], waits["state"]})
	assert.Equal(t, map[string]any{"description": "the hand has six fingers", "issue": "distortion"}, waits["asked"])
	assert.Equal(t, "2026-03-31T12:01:01Z", waits["review_by"], "photoroom promises no answer: thirty days")

	decision := waits["decision"].(map[string]any)
	assert.Equal(t, []any{"in_review", "R8"}, []any{decision["outcome"], decision["clause"]})
	trace := decision["trace"].([]any)
	assert.Equal(t, map[string]any{"clause": "R8", "rule": decision["rule"], "matched": true}, trace[len(trace)-1])
	assert.Greater(t, len(trace), 5, "every rule tried")

	facts := waits["facts"].(map[string]any)
	assert.Equal(t, map[string]any{"standing": "good", "requests_30d": 0.0, "refunds_30d": 0.0, "generations_30d": 2.0}, facts["customer"])
	assert.Equal(t, map[string]any{"url": "https://images.example/hand.png", "sha256": "ab12", "media_type": "image/png"}, facts["output"])
	assert.Equal(t, map[string]any{"url": "https://images.example/me.jpg"}, facts["input"])
	made := facts["generation"].(map[string]any)
	assert.Equal(t, []any{waits["generation"], "recolor", "web", "captured", 4.0, 0.0, []any{waits["id"]}},
		[]any{made["id"], made["feature"], made["platform"], made["state"], made["price"], made["refunded"], made["cases"]})
	assert.NotContains(t, facts, "payment")
	assert.NotContains(t, page, "next")
}

func TestAPictureWithoutLinksIsShownWithoutThem(t *testing.T) {
	d := open(t)
	d.Pass(time.Second)
	bare := d.Starts("alice", 1)
	d.Settles(bare, d.Success(-1))
	d.reports(bare, 0, "nothing like it")
	waits := d.gets("list")["cases"].([]any)[1].(map[string]any)
	facts := waits["facts"].(map[string]any)
	assert.NotContains(t, facts, "output")
	assert.NotContains(t, facts, "input")
	assert.Equal(t, string(bare), facts["generation"].(map[string]any)["id"])
	assert.Equal(t, 1.0, facts["customer"].(map[string]any)["requests_30d"])
}

func TestAClaimIsShownWithThePaymentItNamesAndWhoseItIs(t *testing.T) {
	d := empty(t)
	d.Receives(d.Paid("pi_1", "alice"))
	d.Receives(d.Refunded("pi_1", "re_1", 250, payment.RefundSucceeded))
	var facts []map[string]any
	for _, claim := range [][2]string{{"alice", "pi_1"}, {"mallory", "pi_1"}, {"carol", "pi_nobody"}, {"alice", ""}} {
		d.Pass(time.Second)
		d.claims(ledger.CustomerID(claim[0]), claim[1])
	}
	for _, waits := range d.gets("list")["cases"].([]any) {
		facts = append(facts, waits.(map[string]any)["facts"].(map[string]any))
	}
	require.Len(t, facts, 4)
	paid := facts[0]["payment"].(map[string]any)
	assert.Equal(t, []any{"pi_1", "alice", "granted", 100.0, 25.0, map[string]any{"currency": "USD", "minor": 250.0}},
		[]any{paid["id"], paid["customer"], paid["state"], paid["granted"], paid["taken"], paid["gone_back"]})
	assert.Equal(t, facts[0]["payment"], facts[1]["payment"], "staff sees that it is another's")
	assert.NotContains(t, facts[2], "payment")
	assert.Equal(t, facts[0]["payment"], facts[3]["payment"], "what alice paid on that day is found")
	claimed, record := facts[3]["claimed"].(map[string]any), facts[3]["record"].(map[string]any)
	assert.Equal(t, []any{"alice", "pi_1", record["amount"]}, []any{record["customer"], record["payment"], claimed["amount"]})
	assert.Equal(t, "not mine", claimed["reason"])
	assert.Equal(t, []any{map[string]any{
		"payment": "pi_1", "customer": "alice", "package": record["package"], "amount": record["amount"], "ordered_at": record["ordered_at"], "paid_at": record["paid_at"],
	}}, facts[1]["candidates"])
	assert.NotContains(t, facts[0], "candidates", "it decides itself")
	assert.NotContains(t, facts[2], "record")
}

func TestTheSoonestDueComesFirstFiftyToAPage(t *testing.T) {
	d := empty(t)
	d.Grants("bob", 4*110)
	var want []string
	for range 101 {
		d.Pass(time.Second)
		picture := d.Starts("bob", 1)
		d.Settles(picture, d.Success(-1))
		want = append(want, string(d.reports(picture, 0, "again")))
	}
	var got []string
	var sizes []int
	query := "state=in_review"
	for query != "" && len(sizes) < 4 {
		page := d.gets("list", func(event map[string]any) { event["rawQueryString"] = query })
		for _, waits := range page["cases"].([]any) {
			got = append(got, waits.(map[string]any)["id"].(string))
		}
		sizes, query = append(sizes, len(page["cases"].([]any))), ""
		if next, more := page["next"]; more {
			query = fmt.Sprint("state=in_review&cursor=", next)
		}
	}
	assert.Equal(t, []int{50, 50, 1}, sizes)
	assert.Equal(t, want, got)
}

// counting counts what is looked up. The fails-th look-up finds the table busy.
type counting struct {
	storetest.Store
	reads int
	fails int
	seen  map[string]int
}

func (c *counting) FindGenerations(ctx context.Context, ids ...generation.ID) ([]generation.Generation, error) {
	return lookUp(ctx, c, c.Store.FindGenerations, ids)
}

func (c *counting) FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error) {
	return lookUp(ctx, c, c.Store.FindCases, ids)
}

func (c *counting) FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	return lookUp(ctx, c, c.Store.FindPayments, ids)
}

func lookUp[ID ~string, T any](ctx context.Context, c *counting, find func(context.Context, ...ID) ([]T, error), ids []ID) ([]T, error) {
	c.reads++
	for _, id := range ids {
		c.seen[string(id)]++
	}
	if c.reads == c.fails {
		return nil, fault.Busy(assert.AnError)
	}
	return find(ctx, ids...)
}

func TestWhatSeveralCasesAreAboutIsReadOnce(t *testing.T) {
	d := empty(t)
	d.Grants("alice", 40)
	picture := d.Starts("alice", 3)
	d.Settles(picture, d.Success(-1))
	for output := range 3 {
		d.reports(picture, output, "no good")
	}
	d.claims("alice", "pi_1")
	d.claims("bob", "pi_1")
	store := &counting{Store: d.Store, seen: map[string]int{}}
	cases, _, err := store.ListReview(context.Background(), nil, casePage)
	require.NoError(t, err)
	require.Len(t, cases, 5)
	found, err := view.LookUp(context.Background(), store, cases...)
	require.NoError(t, err)
	assert.Equal(t, 3, store.reads, "one of generations, one of their cases, one of payments")
	assert.Equal(t, map[string]int{
		string(picture): 1, "pi_1": 1, string(refund.FailureCaseID(picture)): 1, string(refund.ReportCaseID(picture, 0)): 1,
		string(refund.ReportCaseID(picture, 1)): 1, string(refund.ReportCaseID(picture, 2)): 1,
	}, store.seen)
	reported := slices.IndexFunc(cases, func(c refund.Case) bool { return c.Generation != "" })
	assert.Len(t, found.Listed(cases[reported]).Facts.Generation.Cases, 3)

	store.reads = 0
	_, err = view.LookUp(context.Background(), store)
	require.NoError(t, err)
	assert.Zero(t, store.reads)
}

func TestAListOfWhichAPartCannotBeReadIsNoList(t *testing.T) {
	d := open(t)
	d.claims("alice", "pi_1")
	for n := range 4 {
		answer := over(t, d.World, &counting{Store: d.Store, seen: map[string]int{}, fails: n}).Ask("list")
		assert.Equal(t, map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable}[n == 0], answer.StatusCode, answer.Body)
	}
}
