package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// hourApart has the customer pay for one thing twice, an hour apart, and claim the first: staff may rule on either.
func hourApart(w *World) (first, second payment.ID, claimed refund.CaseID) {
	w.t.Helper()
	alice := w.Customer("alice")
	first, second = w.Payment("first"), w.Payment("second")
	w.Hears(w.Paid(first, alice))
	w.Pass(time.Hour)
	w.Hears(w.Paid(second, alice))
	claimed = w.Claims(policy.KindDuplicateCharge, alice, first)
	w.Deliver()
	w.WantVerdict(claimed, refund.StateInReview, "G2.2")
	return first, second, claimed
}

// approvesOf has staff approve of the case by one of its candidates.
func (w *World) approvesOf(claimed refund.CaseID, candidate payment.ID) {
	w.t.Helper()
	order := w.ruling(policy.OutcomeApproved)
	order.Payment = candidate
	_, err := w.rule(claimed, order)
	require.NoError(w.t, err)
	w.Drain()
}

// Staff choose which of a case's candidates goes back.
var choosing = map[string]func(*testing.T, *World){
	"money that bounced of one candidate goes back of another, under a key of its own": inGoopter(func(t *testing.T, w *World) {
		first, second, claimed := hourApart(w)
		w.Provider.Has(FaultPending)
		w.approvesOf(claimed, second)
		w.Provider.Ends(second, string(claimed), payment.RefundFailed) // the bank sends it back
		w.settlesBack(claimed)
		require.True(t, w.CaseOf(claimed).Waiting())
		w.approvesOf(claimed, first)
		w.settlesBack(claimed)
		require.Equal(t, []any{refund.StateClosed, string(first)}, []any{w.CaseOf(claimed).State, w.CaseOf(claimed).Payment})
		require.Empty(t, w.Provider.reused)
		w.wantPaidBack(first, claimed, 500)
		w.wantPaidBack(second, claimed, 0)
		w.WantLaws(w.Customer("alice"))
	}),
	"of two charges one has gone back: a plain approval is not possible, one that names the other is": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second, paid := twice(w, alice)
		w.Drain()
		w.wantPaidBack(second, paid, 500)
		claimed := w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Drain()
		_, err := w.rule(claimed, w.ruling(policy.OutcomeApproved))
		require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err), "%v", err)
		require.Contains(t, err.Error(), string(second))
		require.True(t, w.CaseOf(claimed).Waiting())
		w.approvesOf(claimed, first)
		w.wantPaidBack(first, claimed, 500)
	}),
	"a refusal that names a candidate leaves the case about the payment that it was about": inGoopter(func(t *testing.T, w *World) {
		first, second, claimed := hourApart(w)
		order := w.ruling(policy.OutcomeDeclined)
		order.Payment = second
		_, err := w.rule(claimed, order)
		require.NoError(t, err)
		w.Drain()
		require.Equal(t, []any{refund.StateDeclined, string(first)}, []any{w.CaseOf(claimed).State, w.CaseOf(claimed).Payment})
	}),
	"a case that is closed by one payment is not opened again by what becomes of another that it was about": inGoopter(func(t *testing.T, w *World) {
		first, second, claimed := hourApart(w)
		w.Provider.Has(FaultRefused)
		w.approvesOf(claimed, second)
		w.settlesBack(claimed)
		require.True(t, w.CaseOf(claimed).Waiting())
		w.approvesOf(claimed, first)
		w.settlesBack(claimed)
		closed := w.CaseOf(claimed)
		require.Equal(t, []any{refund.StateClosed, string(first)}, []any{closed.State, closed.Payment})
		for _, status := range []payment.RefundStatus{payment.RefundSucceeded, payment.RefundFailed} {
			w.Hears(w.Refunded(second, "re_hand", 500, status)) // by hand, for another matter; then the bank sends it back
			w.Drain()
			require.Equal(t, closed, w.CaseOf(claimed), "%s", status)
			require.Empty(t, w.PaymentOf(second).Lagging(), "%s", status)
		}
		order := w.ruling(policy.OutcomeApproved)
		order.Payment = second
		_, err := w.rule(claimed, order)
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err), "one case pays one of them back")
		w.wantPaidBack(first, claimed, 500)
		w.wantPaidBack(second, claimed, 0)
		w.WantLaws(w.Customer("alice"))
	}),
	"a case whose money is on its way is not closed by what becomes of another payment that it was about": inGoopter(func(t *testing.T, w *World) {
		first, second, claimed := hourApart(w)
		w.Provider.Has(FaultRefused, FaultPending)
		w.approvesOf(claimed, second)
		w.settlesBack(claimed)
		w.approvesOf(claimed, first)
		w.SweepUntil(func() bool { w.Drain(); return len(w.Provider.paidBack(first)) == 1 })
		paying := w.CaseOf(claimed)
		require.Equal(t, refund.StatePaying, paying.State)
		w.Hears(w.Disputed(second, "dp_1", 500, payment.DisputeLost))
		w.Drain()
		require.Equal(t, paying, w.CaseOf(claimed), "the money of the first is on its way still")
		w.Provider.Ends(first, string(claimed), payment.RefundSucceeded)
		w.settlesBack(claimed)
		require.Equal(t, refund.StateClosed, w.CaseOf(claimed).State)
	}),
	"a case is closed by the payment that it was about when staff paid that by hand, until they rule on another": inGoopter(func(t *testing.T, w *World) {
		_, second, claimed := hourApart(w)
		w.Provider.Has(FaultRefused)
		w.approvesOf(claimed, second)
		w.settlesBack(claimed)
		require.Equal(t, []any{true, string(second)}, []any{w.CaseOf(claimed).Waiting(), w.CaseOf(claimed).Payment})
		w.Hears(w.Refunded(second, "re_hand", 500, payment.RefundSucceeded))
		w.SweepUntil(func() bool { w.Drain(); return !w.CaseOf(claimed).Waiting() })
		require.Equal(t, refund.StateClosed, w.CaseOf(claimed).State)
	}),
}
