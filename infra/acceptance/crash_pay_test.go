package acceptance_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

// point is where pay-refund dies: around one of its calls, before it arrives or after it took
// effect.
type point struct {
	operation string
	after     bool
}

func (p point) String() string {
	if p.after {
		return "after " + p.operation
	}
	return "before " + p.operation
}

func (p point) death() *deed {
	d := &deed{operation: p.operation, do: killBefore("pay-refund")}
	if p.after {
		d.do = killAfter("pay-refund")
	}
	d.left.Store(1)
	return d
}

// points are all calls of pay-refund, in its order: it reads, looks at the provider, pays, commits
// the answer, and lets the case follow.
var points = []point{
	{"BatchGetItem", false},
	{"GET /v1/refunds", true},
	{"POST /v1/refunds", false},
	{"POST /v1/refunds", true},
	{"TransactWriteItems", false},
	{"TransactWriteItems", true},
	{"SendMessage", false},
	{"SendMessage", true},
}

func TestMoneyGoesBackOnceWhereverPayRefundDies(t *testing.T) {
	for _, p := range points {
		t.Run(p.String(), func(t *testing.T) { paidThroughDeaths(t, p) })
	}
}

// pairs has every pair of points tried: two seconds each.
var pairs = flag.Bool("pairs", false, "let pay-refund die at every two points, as make nightly does")

func TestMoneyGoesBackOnceWhereverPayRefundDiesTwice(t *testing.T) {
	for i, first := range points[1:] {
		for j, second := range points[1:] {
			// A fourth of them, each point once the first and once the second at least. The store
			// has its own test, which cuts the payer off at every point.
			if !*pairs && (i+3*j)%4 != 0 {
				continue
			}
			t.Run(fmt.Sprint(first, " then ", second), func(t *testing.T) { paidThroughDeaths(t, first, second) })
		}
	}
}

// paidThroughDeaths has staff give 3.00 USD back while pay-refund dies at the points, one after the
// other: some cannot be met any more once the first has been. The provider forgets its keys and its
// webhooks are lost, so that nobody helps; the money goes back once, and the case ends closed.
func paidThroughDeaths(t *testing.T, points ...point) {
	t.Helper()
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	caseID := request(t, "abnormal_charge", alice, payment)
	decided(t, caseID, "in_review", "X3")
	var first *deed
	for i := len(points) - 1; i >= 0; i-- {
		d := points[i].death()
		d.next, first = first, d
	}
	for _, kind := range []standin.FaultKind{standin.FaultKeyForgotten, standin.FaultWebhookLost} {
		require.NoError(t, stack.Provider.Fault(standin.Fault{Kind: kind, Payment: payment, Times: 5}))
	}
	hooks["pay-refund"].deed.Store(first)
	t.Cleanup(func() {
		hooks["pay-refund"].deed.Store(nil)
		stack.Provider.Heal()
	})
	rule(t, caseID, object{"outcome": "approved", "remedy": object{"money": object{"currency": "USD", "minor": 300}}})
	soon(t, "the money goes back", func() bool { return matter(t, caseID)["state"] == "closed" })
	soon(t, "the queues drain", func() bool { return waiting(t, "PaymentRefundsQueue")+waiting(t, "RefundRequestsQueue") == 0 })
	require.EqualValues(t, 1, first.done.Load(), "it died %s", points[0])
	require.Len(t, stack.Provider.Refunds(payment), 1)
	require.EqualValues(t, 300, stack.Provider.RefundedMinor(payment))
}
