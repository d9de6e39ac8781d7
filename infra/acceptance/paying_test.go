package acceptance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// claimed is a purchase under photoroom with a claim about it that waits for staff.
func claimed(t *testing.T) (alice, payment, caseID string) {
	t.Helper()
	alice = unique("alice")
	payment = purchase(t, alice, time.Now())
	caseID = request(t, "abnormal_charge", alice, payment)
	decided(t, caseID, "in_review", "X3")
	return alice, payment, caseID
}

// threeDollars is staff's verdict that gives 3.00 of 10.00 USD back, and takes 30 of 100 credits.
func threeDollars() object {
	return object{"outcome": "approved", "remedy": object{"money": object{"currency": "USD", "minor": 300}}}
}

// paidBack demands that the case ends closed, with three dollars paid back once for it and thirty
// credits taken.
func paidBack(t *testing.T, alice, payment, caseID string) {
	t.Helper()
	decided(t, caseID, "closed", "X3")
	wantBalance(t, alice, balance{available: 70})
	require.EqualValues(t, 300, stack.Provider.RefundedMinor(payment))
	live := 0
	for _, refund := range stack.Provider.Refunds(payment) {
		if refund.Status == "succeeded" {
			live++
			require.Equal(t, caseID, refund.Case)
		}
	}
	require.Equal(t, 1, live)
	require.Equal(t, object{"currency": "USD", "minor": 300.0}, onRecord(t, payment)["gone_back"])
	promises := 0
	for _, event := range matter(t, caseID)["history"].([]any) {
		if event.(object)["state"] == "paying" {
			promises++
		}
	}
	notice := "refunded"
	if promises > 1 { // each approval is told anew
		notice = fmt.Sprintf("refunded.%d", promises)
	}
	soon(t, "the app is told", func() bool { return told(t, caseID, notice) > 0 })
}

// notPaid waits until the case is staff's again because its money did not go back.
func notPaid(t *testing.T, caseID string) {
	t.Helper()
	soon(t, "the case is staff's again", func() bool {
		found := matter(t, caseID)
		history := found["history"].([]any)
		note, _ := history[len(history)-1].(object)["note"].(string)
		return found["state"] == "in_review" && strings.HasPrefix(note, "the money did not go back")
	})
	require.NotNil(t, onDesk(t, caseID))
	require.Nil(t, matter(t, caseID)["ruling"])
}

func TestMoneyGoesBackOnceThroughEachFaultOfTheProvider(t *testing.T) {
	type faults = []standin.Fault
	for name, met := range map[string]faults{
		"none":                                   nil,
		"accepted, and cut":                      {{Kind: standin.FaultAcceptThenDrop}},
		"accepted, cut, and its webhook lost":    {{Kind: standin.FaultAcceptThenDrop}, {Kind: standin.FaultWebhookLost}},
		"slow":                                   {{Kind: standin.FaultSlow}, {Kind: standin.FaultWebhookTwice}},
		"slower than we wait":                    {{Kind: standin.FaultSlow, Delay: 9 * time.Second}, {Kind: standin.FaultWebhookLost}},
		"in use":                                 {{Kind: standin.FaultInUse, Times: 2}},
		"throttled":                              {{Kind: standin.FaultThrottled, Times: 2}},
		"an error of theirs, under the key":      {{Kind: standin.FaultServerErrorSaved}},
		"that error, and its webhook late":       {{Kind: standin.FaultServerErrorSaved}, {Kind: standin.FaultWebhookLate}},
		"a question without an answer":           {{Kind: standin.FaultAcceptThenDrop, Read: true}},
		"a question throttled":                   {{Kind: standin.FaultThrottled, Read: true, Times: 3}},
		"an error of theirs to a question":       {{Kind: standin.FaultServerError, Read: true, Times: 3}},
		"cut, the key forgotten, a webhook lost": {{Kind: standin.FaultAcceptThenDrop}, {Kind: standin.FaultKeyForgotten}, {Kind: standin.FaultWebhookLost}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alice, payment, caseID := claimed(t)
			meets(t, payment, met...)
			rule(t, caseID, threeDollars())
			paidBack(t, alice, payment, caseID)
			require.Len(t, moved(t, alice, caseID), 1)
			require.LessOrEqual(t, stack.Provider.Calls(payment).Overlapped, 1)
		})
	}
}

func TestMoneyThatIsOnItsWayClosesTheCaseWhenItArrives(t *testing.T) {
	for _, kind := range []standin.FaultKind{standin.FaultPending, standin.FaultRequiresAction} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			alice, payment, caseID := claimed(t)
			meets(t, payment, standin.Fault{Kind: kind})
			rule(t, caseID, threeDollars())
			soon(t, "the provider takes it", func() bool { return len(stack.Provider.Refunds(payment)) == 1 })
			soon(t, "and we have heard", func() bool { return len(onRecord(t, payment)["refunds"].([]any)) == 1 })
			require.Equal(t, "paying", decided(t, caseID, "paying", "X3")["state"])
			wantBalance(t, alice, balance{available: 70}) // with the verdict
			moveRefund(t, stack.Provider.Refunds(payment)[0].ID, "succeeded")
			paidBack(t, alice, payment, caseID)
			require.Len(t, moved(t, alice, caseID), 1)
		})
	}
}

func TestMoneyThatDoesNotArriveGivesTheCreditsBackOnceAndStaffRuleAgain(t *testing.T) {
	for name, meet := range map[string]standin.Fault{
		"it fails later": {Kind: standin.FaultFailsLater}, "it is refused": {Kind: standin.FaultRefused}, "it is cancelled": {Kind: standin.FaultPending},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alice, payment, caseID := claimed(t)
			meets(t, payment, meet)
			rule(t, caseID, threeDollars())
			if meet.Kind == standin.FaultPending {
				soon(t, "the provider takes it", func() bool { return len(stack.Provider.Refunds(payment)) == 1 })
				moveRefund(t, stack.Provider.Refunds(payment)[0].ID, "canceled")
			}
			notPaid(t, caseID)
			wantBalance(t, alice, balance{available: 100})
			require.Len(t, statement(t, alice), 3, "bought, taken once, given back once")
			require.Zero(t, stack.Provider.RefundedMinor(payment))
			require.Nil(t, onRecord(t, payment)["gone_back"])

			rule(t, caseID, threeDollars())
			paidBack(t, alice, payment, caseID)
			require.Len(t, statement(t, alice), 4)
		})
	}
}

func TestMoneyThatWentBackByHandIsNotPaidAgain(t *testing.T) {
	alice, payment, caseID := claimed(t)
	meets(t, payment, standin.Fault{Kind: standin.FaultWebhookLost})
	handed(t, payment, 0)
	rule(t, caseID, threeDollars())
	decided(t, caseID, "closed", "X3")
	wantBalance(t, alice, balance{})
	require.Len(t, stack.Provider.Refunds(payment), 1)
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(payment))

	alice, payment, caseID = claimed(t)
	meets(t, payment, standin.Fault{Kind: standin.FaultWebhookLost})
	handed(t, payment, 800)
	rule(t, caseID, threeDollars())
	notPaid(t, caseID)
	wantBalance(t, alice, balance{available: 20})
	require.EqualValues(t, 800, stack.Provider.RefundedMinor(payment), "2.00 USD are left, and 3.00 were promised")
}

func TestAllCasesOfAPaymentNeverGiveBackMoreThanWasPaid(t *testing.T) {
	alice, payment, first := claimed(t)
	second := request(t, "change_of_mind", alice, payment)
	decided(t, second, "in_review", "X3")
	cents := func(minor int) object {
		return object{"outcome": "approved", "note": "seen", "remedy": object{"money": object{"currency": "USD", "minor": minor}}}
	}
	rule(t, first, cents(699))
	decided(t, first, "closed", "X3")
	wantBalance(t, alice, balance{available: 30})
	over := ask(t, "POST", "/v1/cases/"+second+"/verdict", local.OperatorKey, cents(302), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, "remedy.money"}, []any{over.status, over.body["field"]})
	rule(t, second, cents(301))
	decided(t, second, "closed", "X3")
	wantBalance(t, alice, balance{})
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(payment))
	require.Len(t, stack.Provider.Refunds(payment), 2)
}
