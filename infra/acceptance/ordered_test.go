package acceptance_test

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// envelope is the instant of an event itself, which its object does not share.
var envelope = regexp.MustCompile(`"created":\d+,"data":`)

// settled returns the event as one that the bank's answer made now, whenever its session was
// ordered.
func settled(event []byte) []byte {
	return envelope.ReplaceAll(event, fmt.Appendf(nil, `"created":%d,"data":`, time.Now().Unix()))
}

// debit returns Stripe's two events of a slow debit: its session, ordered so long ago and unpaid,
// and the one by which the money came now.
func debit(alice, payment string, ago time.Duration) (unpaid, paid []byte) {
	at := object{"created": time.Now().Add(-ago).Unix()}
	unpaid = session(alice, payment, at, object{"payment_status": "unpaid"})
	paid = bytes.Replace(session(alice, payment, at), []byte("checkout.session.completed"), []byte("checkout.session.async_payment_succeeded"), 1)
	return unpaid, settled(paid)
}

func TestDoubleChargesGoByWhenTheyWereOrdered(t *testing.T) {
	under(t, "goopter")
	orders(2, func(order []int) {
		alice, slow, card, other := unique("alice"), unique("pi"), unique("pi"), unique("pi")
		unpaid, paid := debit(alice, slow, 72*time.Hour)
		_, both := debit(alice, other, 144*time.Hour) // settles with it
		bought := object{"created": time.Now().Add(-72*time.Hour + 5*time.Minute).Unix()}
		events := [][]byte{unpaid, settled(session(alice, card, bought))}
		for _, i := range order {
			require.Equal(t, 200, tell(t, events[i]).status)
		}
		require.Equal(t, 200, tell(t, paid).status)
		require.Equal(t, 200, tell(t, both).status)
		require.Equal(t, []any{slow}, onRecord(t, card)["repeats"], "a card five minutes after a slow debit")
		require.NotNil(t, waitingPayment(t, "repeated", card))
		require.Empty(t, onRecord(t, slow)["repeats"])
		require.Empty(t, onRecord(t, other)["repeats"], "two debits that were ordered days apart")
		require.Nil(t, waitingPayment(t, "repeated", other))
		require.Equal(t, []any{card}, onRecord(t, slow)["repeated_by"])
	})
}

func TestBoughtTwiceWithinTheHourIsForAPersonAndBothAreShown(t *testing.T) {
	for name, clause := range doubleCharges {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := unique("alice")
			first := purchase(t, alice, time.Now().Add(-time.Hour))
			second := purchase(t, alice, time.Now().Add(-2*time.Minute))
			require.Nil(t, waitingPayment(t, "repeated", second), "people do buy twice")
			require.Equal(t, []any{first}, onRecord(t, second)["repeats"])
			decided(t, request(t, "duplicate_charge", alice, second), "in_review", clause)
			decided(t, request(t, "duplicate_charge", alice, first), "in_review", clause)
			wantBalance(t, alice, balance{available: 2 * kept(0).available})
			require.Empty(t, stack.Provider.Refunds(second))
		})
	}
}

func TestThePolicySaysWithinWhichSpansASecondChargeIsADoubleOne(t *testing.T) {
	require.Equal(t, object{"same": "10m", "look": "24h", "auto": false}, asApp(t, "GET", "/v1/policy", nil, 200)["duplicates"])
}

func TestStaffSeeEveryRepeatOfAChargeAndPayBackTheOneTheyName(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	first, second, third := purchase(t, alice, time.Now().Add(-5*time.Hour)), purchase(t, alice, time.Now().Add(-3*time.Hour)), purchase(t, alice, time.Now().Add(-time.Hour))
	stranger := purchase(t, unique("bob"), time.Now().Add(-time.Hour))
	ofFirst, ofThird := request(t, "duplicate_charge", alice, first), request(t, "duplicate_charge", alice, third)
	for caseID, own := range map[string]string{ofFirst: first, ofThird: third} {
		require.NotContains(t, decided(t, caseID, "in_review", "G2.2"), "facts", "they are for staff")
		var listed []any
		for _, candidate := range factsOf(t, caseID)["candidates"].([]any) {
			require.Equal(t, object{"currency": "USD", "minor": 1000.0}, candidate.(object)["amount"])
			listed = append(listed, candidate.(object)["payment"])
		}
		require.Equal(t, own, listed[0])
		require.ElementsMatch(t, []any{first, second, third}, listed)
	}
	refused := asStaff(t, "POST", "/v1/cases/"+ofFirst+"/verdict", object{"outcome": "approved", "payment": stranger, "note": "that one"}, 400)
	require.Equal(t, "payment", refused["field"])

	asStaff(t, "POST", "/v1/cases/"+ofFirst+"/verdict", object{"outcome": "approved", "payment": second, "note": "that one"}, 200)
	require.Equal(t, second, decided(t, ofFirst, "closed", "G2.2")["payment"], "the case names what it paid back")
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(second))
	require.Empty(t, stack.Provider.Refunds(first))
	twice := ask(t, "POST", "/v1/cases/"+ofThird+"/verdict", local.OperatorKey, object{"outcome": "approved", "payment": second, "note": "that one"},
		"Idempotency-Key", unique("key"))
	require.Contains(t, []int{400, 409}, twice.status, "no payment is given back by two cases: %v", twice.body)
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(second))
	wantBalance(t, alice, balance{available: 2 * kept(0).available})
}

func TestMoneyThatBouncedOfOneOfTwoChargesGoesBackOfTheOtherAndThatEndsIt(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	first, second := purchase(t, alice, time.Now().Add(-time.Hour)), purchase(t, alice, time.Now().Add(-2*time.Minute))
	caseID := request(t, "duplicate_charge", alice, first)
	decided(t, caseID, "in_review", "G2.2")
	meets(t, second, standin.Fault{Kind: standin.FaultPending})
	rule(t, caseID, object{"outcome": "approved", "payment": second, "remedy": object{"money": object{"currency": "USD", "minor": 1000}}})
	soon(t, "the provider takes it", func() bool { return len(stack.Provider.Refunds(second)) == 1 })
	moveRefund(t, stack.Provider.Refunds(second)[0].ID, "failed")
	notPaid(t, caseID)

	rule(t, caseID, object{"outcome": "approved", "payment": first, "remedy": object{"money": object{"currency": "USD", "minor": 1000}}})
	require.Equal(t, first, decided(t, caseID, "closed", "G2.2")["payment"])
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(first), "what is closed as paid is paid")
	require.Zero(t, stack.Provider.RefundedMinor(second))
	wantBalance(t, alice, kept(0))
	want := []string{"refund.received", "refund.decided", "refund.failed", "refund.decided", "refund.paid"}
	soon(t, "all is told", func() bool { return len(messages(t, caseID)) == len(want) })
	require.Equal(t, want, messages(t, caseID))

	byHand, err := stack.Provider.DashboardRefund(second, 1000) // for another matter
	require.NoError(t, err)
	moveRefund(t, byHand.ID, "failed")
	soon(t, "that it bounced too is heard", func() bool {
		return len(onRecord(t, second)["refunds"].([]any)) == 2 && onRecord(t, second)["gone_back"] == nil
	})
	decided(t, request(t, "abnormal_charge", alice, second), "in_review", "X3") // what was asked before is answered
	require.Equal(t, "closed", matter(t, caseID)["state"], "the case is not about that payment any more")
	require.Nil(t, onDesk(t, caseID))
	require.Equal(t, want, messages(t, caseID))
}
