package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
	"makegood/shared/todo"
)

func TestWhatWentBackBeforeAPromiseWasGivenUpDoesNotKeepIt(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	p := *d.payment("pi_1")
	p = p.Promise("cas_1", payment.Promise{Minor: 200, Money: true}, noon)
	d.put(p)
	d.hears(refunded("re_9", 200, payment.RefundSucceeded))
	settler := payment.Settler{Receiver: d.Receiver}
	require.NoError(t, settler.Settle(context.Background(), "pi_1", noon)) // nobody can be asked
	require.Equal(t, payment.ProgressFailed, d.payment("pi_1").Progress("cas_1"), "a person looks")
	d.hears(refunded("re_10", 200, payment.RefundSucceeded))
	require.Equal(t, payment.ProgressExternal, d.payment("pi_1").Progress("cas_1"), "who paid it by hand")
}

func TestMoneyByHandClosesTheCasesThatItIsEnoughFor(t *testing.T) {
	d := newDesk(t)
	settler := payment.Settler{Receiver: d.Receiver}
	gives := func(caseID string) { // up: nobody can be asked
		d.put(d.payment("pi_1").Promise(caseID, payment.Promise{Minor: 100, Money: true}, noon))
		require.NoError(t, settler.Settle(context.Background(), "pi_1", noon))
	}
	tells := func(caseID string, want payment.Progress) {
		require.Equal(t, want, d.payment("pi_1").Progress(caseID), caseID)
		d.put(d.payment("pi_1").RecordSync(caseID, noon))
	}
	d.hears(paid())
	gives("cas_1")
	gives("cas_2")
	d.hears(refunded("re_1", 100, payment.RefundSucceeded))
	tells("cas_1", payment.ProgressExternal)
	tells("cas_2", payment.ProgressFailed)
	gives("cas_3")
	tells("cas_3", payment.ProgressFailed)
	d.hears(refunded("re_2", 100, payment.RefundSucceeded))
	tells("cas_2", payment.ProgressExternal)
	tells("cas_3", payment.ProgressFailed)
	d.hears(refunded("re_3", 100, payment.RefundSucceeded))
	tells("cas_3", payment.ProgressExternal)
}

func TestMoneyThatStaysOnItsWayIsLookedAfter(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), refunded("re_1", 100, payment.RefundPending))
	require.Equal(t, todo.List{todo.StepLook: d.payment("pi_1").Todo.Due()}, d.payment("pi_1").Todo)
	require.Greater(t, d.payment("pi_1").Todo.Due().Sub(noon), 9*24*time.Hour)
	d.hears(refunded("re_1", 100, payment.RefundSucceeded))
	require.Empty(t, d.payment("pi_1").Todo)
}

func TestARefundThatIsOnlyCountedWaitsForStaffOnceTheProviderWasAsked(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), payment.Facts{Payment: "pi_1", Provider: "stripe", RefundedInAll: 500})
	require.True(t, d.payment("pi_1").Todo.Has(todo.StepPay))
	require.Empty(t, d.payment("pi_1").Waits(), "it is asked first")
	settler := payment.Settler{Receiver: d.Receiver}
	require.NoError(t, settler.Settle(context.Background(), "pi_1", noon))
	p := d.payment("pi_1")
	require.Empty(t, p.Todo)
	require.Equal(t, payment.ReasonUnknownRefund, p.Waits())
	d.hears(refunded("re_1", 500, payment.RefundSucceeded))
	require.Empty(t, d.payment("pi_1").Waits())
}

func TestAPaymentOfTheOtherModeThatStaffGrantedIsHeard(t *testing.T) {
	d := newDesk(t)
	live, test := true, false
	d.Rules.Livemode = &test
	d.hears(paid(func(p *payment.Purchase) { p.Livemode = &live }))
	_, err := d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	back := refunded("re_1", 500, payment.RefundSucceeded)
	back.Livemode = &live
	d.hears(back)
	d.wants(t, 0, 0, 50, 50)
}

func TestAnUnpaidPurchaseThatStaffGrantedIsListedWhenItsMoneyNeverComes(t *testing.T) {
	unpaid := func(status payment.Status) payment.Facts {
		return paid(func(p *payment.Purchase) { p.Status = status })
	}
	d := newDesk(t)
	d.hears(unpaid(payment.StatusUnpaid))
	_, err := d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	require.Empty(t, d.payment("pi_1").Waits())
	d.hears(unpaid(payment.StatusFailed))
	require.Equal(t, []any{payment.StateGranted, payment.StatusFailed}, []any{d.payment("pi_1").State, d.payment("pi_1").Purchase.Status})
	require.Equal(t, payment.ReasonPaymentFailed, d.payment("pi_1").Waits())
	d.wants(t, 50, 0, 50, 0)
	d.hears(unpaid(payment.StatusPaid))
	require.Empty(t, d.payment("pi_1").Waits())
	require.Equal(t, payment.StatusPaid, d.payment("pi_1").Purchase.Status)
}

func TestMoneyOfACaseThatTurnsUpAfterTheGrantTakesItsShare(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }))
	p := d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 500, Money: true}, noon)
	d.put(p)
	require.NoError(t, payment.Settler{Receiver: d.Receiver}.Settle(context.Background(), "pi_1", noon))
	_, err := d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	d.wants(t, 50, 0, 50, 0)
	late := refunded("re_1", 500, payment.RefundSucceeded)
	late.Refund.Case = "cas_1"
	d.hears(late)
	d.wants(t, 0, 0, 50, 50)
}

func TestOfTwoChargesInOneSecondTheSameIsPaidBackInAnyOrder(t *testing.T) {
	for _, order := range [][]payment.Facts{{buys("pi_1", 0), buys("pi_2", 0)}, {buys("pi_2", 0), buys("pi_1", 0)}} {
		d := repeatDesk(t, true)
		d.hears(order...)
		require.Equal(t, []bool{false, true}, []bool{d.payment("pi_1").Repay, d.payment("pi_2").Repay}, order[0].Payment)
	}
}

func TestWhatTheEarlierOfTwoChargesMakesTheLaterOweIsSentAtOnce(t *testing.T) {
	d := repeatDesk(t, true)
	d.hears(buys("pi_2", 0))
	written := d.hears(buys("pi_1", time.Minute)).Written()
	require.Len(t, written, 2)
	require.Equal(t, payment.ID("pi_2"), written[1].ID)
	require.True(t, written[1].Todo.Has(todo.StepRefund))
}
