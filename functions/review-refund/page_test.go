package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// lambdaLimit is what an answer of Lambda may have, in bytes.
const lambdaLimit = 6 << 20

// pages reads a list to its end, and demands of each page that Lambda can answer with it and that
// it has rows. It returns all rows.
func (d desk) pages(fixture, rows string) (all []map[string]any, pages int) {
	d.t.Helper()
	next := ""
	for {
		answer := d.Want(200, fixture, func(event map[string]any) {
			if next != "" {
				event["rawQueryString"] = event["rawQueryString"].(string) + "&cursor=" + url.QueryEscape(next)
			}
		})
		require.Less(d.t, 2*len(answer.Body), lambdaLimit, "each quotation mark takes two bytes")
		shown := answer.Fields[rows].([]any)
		require.NotEmpty(d.t, shown)
		for _, row := range shown {
			all = append(all, row.(map[string]any))
		}
		pages++
		var more bool
		if next, more = answer.Fields["next"].(string); !more {
			return all, pages
		}
	}
}

// quotes are words that JSON writes longest.
func quotes(characters int) string { return strings.Repeat("\"", characters) }

func TestTheReviewListOfTheLargestCasesIsReadToItsEnd(t *testing.T) {
	d := empty(t)
	d.Grants("bob", 10_000)
	d.full("pi_1")
	want := map[string]bool{}
	for range 18 {
		want[string(d.reports(d.vastPicture(), 0, quotes(refund.MaxWords)))] = true
	}
	for n := range 30 {
		want[string(d.claimsVastly(ledger.CustomerID(fmt.Sprint("claimant-", n)), "pi_1"))] = true
	}
	got, pages := d.pages("list", "cases")
	assert.Greater(t, pages, 1, "fewer than casePage, but more bytes than a page has")
	require.Len(t, got, len(want))
	for _, row := range got {
		require.Contains(t, want, row["id"])
	}
}

// link returns a link of n characters, as many as can be of those that JSON writes longest.
func link(n int) string {
	const begins = "https://x.example/"
	return begins + quotes(n-len(begins))
}

// vastPicture makes pictures whose links are as long as links may be.
func (d desk) vastPicture() generation.ID {
	d.t.Helper()
	id, came := d.Starts("bob", generation.MaxOutputs), d.Success(0)
	came.InputURL = link(generation.MaxURL)
	for range generation.MaxOutputs {
		came.Outputs = append(came.Outputs, generation.Output{URL: link(generation.MaxURL), MediaType: quotes(100)})
	}
	d.Settles(id, came)
	return id
}

// claimsVastly opens the case of a claim of the longest words.
func (d desk) claimsVastly(customer ledger.CustomerID, paid string) refund.CaseID {
	d.t.Helper()
	proofs := slices.Repeat([]string{quotes(refund.MaxProof)}, refund.MaxProofs)
	opened, err := refund.Claimer{Store: d.Store, Requests: d.World}.File(context.Background(), refund.Request{
		Kind: policy.KindAbnormalCharge, Customer: customer, Payment: paid, Principal: "app", Key: d.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: "a@example.com", PaidAt: d.Now, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: quotes(refund.MaxWords),
			TransactionIDs: proofs, Attachments: slices.Repeat([]string{link(refund.MaxProof)}, refund.MaxProofs),
		},
	}, d.Now)
	require.NoError(d.t, err)
	d.Deliver()
	return opened.Case
}

// full makes a payment with more refunds than any provider makes of one.
func (d desk) full(id payment.ID) {
	d.t.Helper()
	d.parks(id, cheap)
	for n := range 100 {
		d.Receives(d.Refunded(id, fmt.Sprint("re_", strings.Repeat("x", 200), n), 1, payment.RefundPending))
	}
}

func TestTheListsOfTheLargestPaymentsAreReadToTheirEnd(t *testing.T) {
	d := empty(t)
	for n := range 45 {
		d.full(payment.ID(fmt.Sprintf("pi_%02d", n)))
		d.Pass(time.Second)
	}
	for _, fixture := range []string{"payments", "payments-all"} {
		got, pages := d.pages(fixture, "payments")
		assert.Greater(t, pages, 1, "fewer than paymentPage, but more bytes than a page has")
		require.Len(t, got, 45, fixture)
		for n, row := range got {
			require.Equal(t, fmt.Sprintf("pi_%02d", n), row["id"], fixture)
		}
	}
}
