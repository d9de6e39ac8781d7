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

// hourApart has the customer pay for one thing twice, an hour apart, and claim the first. Staff may
// rule on either.
func hourApart(w *World) (first, second payment.ID, caseID refund.CaseID) {
	w.t.Helper()
	alice := w.Customer("alice")
	first, second = w.Payment("first"), w.Payment("second")
	w.Receives(w.Paid(first, alice))
	// An hour is no double charge by goopter's window, so the policy leaves the choice to staff.
	w.Pass(time.Hour)
	w.Receives(w.Paid(second, alice))
	caseID = w.Claims(policy.KindDuplicateCharge, alice, first)
	w.Deliver()
	w.WantVerdict(caseID, refund.StateInReview, "G2.2")
	return first, second, caseID
}

// approvesOf has staff approve the case by one of its candidates.
func (w *World) approvesOf(caseID refund.CaseID, candidate payment.ID) {
	w.t.Helper()
	order := w.ruling(policy.OutcomeApproved)
	order.Payment = candidate
	_, err := w.rule(caseID, order)
	require.NoError(w.t, err)
	// Everything is delivered, so the money has gone, or has met the fault that the story set.
	w.Drain()
}

// Staff choose which of a case's candidates goes back.
var choiceStories = map[string]func(*testing.T, *World){
	"money that bounced of one candidate goes back of another, under a key of its own": inGoopter(func(t *testing.T, w *World) {
		// The provider takes the refund and fails it days later, after the case was paid.
		first, second, caseID := hourApart(w)
		w.Provider.Has(FaultPending)
		w.approvesOf(caseID, second)
		w.Provider.Ends(second, string(caseID), payment.RefundFailed) // the bank sends it back
		w.settlesBack(caseID)
		require.True(t, w.CaseOf(caseID).Waiting())
		// The second try is by another payment. Under the old key the provider would answer with
		// the bounced refund.
		w.approvesOf(caseID, first)
		w.settlesBack(caseID)
		require.Equal(t, []any{refund.StateClosed, string(first)}, []any{w.CaseOf(caseID).State, w.CaseOf(caseID).Payment})
		require.Empty(t, w.Provider.reused)
		w.wantPaidBack(first, caseID, 500)
		w.wantPaidBack(second, caseID, 0)
		w.WantLaws(w.Customer("alice"))
	}),
	"of two charges one has gone back: a plain approval is not possible, one that names the other is": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// The policy has refunded the second by itself, so the claim has only the first left to
		// give back.
		first, second, paidCase := twice(w, alice)
		w.Drain()
		w.wantPaidBack(second, paidCase, 500)
		caseID := w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Drain()
		// A plain approval means the charge that the policy chose, which has no money left to give.
		_, err := w.rule(caseID, w.ruling(policy.OutcomeApproved))
		require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err), "%v", err)
		require.Contains(t, err.Error(), string(second))
		require.True(t, w.CaseOf(caseID).Waiting())
		w.approvesOf(caseID, first)
		w.wantPaidBack(first, caseID, 500)
	}),
	"a refusal that names a candidate leaves the case about the payment that it was about": inGoopter(func(t *testing.T, w *World) {
		first, second, caseID := hourApart(w)
		order := w.ruling(policy.OutcomeDeclined)
		order.Payment = second
		_, err := w.rule(caseID, order)
		require.NoError(t, err)
		w.Drain()
		// Only an approval moves a case onto another payment; a decline answers what was claimed.
		require.Equal(t, []any{refund.StateDeclined, string(first)}, []any{w.CaseOf(caseID).State, w.CaseOf(caseID).Payment})
	}),
	"a case that is closed by one payment is not opened again by what becomes of another that it was about": inGoopter(func(t *testing.T, w *World) {
		first, second, caseID := hourApart(w)
		// The first attempt, by the second charge, fails for good. The case then closes by the
		// first charge.
		w.Provider.Has(FaultRefusal)
		w.approvesOf(caseID, second)
		w.settlesBack(caseID)
		require.True(t, w.CaseOf(caseID).Waiting())
		w.approvesOf(caseID, first)
		w.settlesBack(caseID)
		final := w.CaseOf(caseID)
		require.Equal(t, []any{refund.StateClosed, string(first)}, []any{final.State, final.Payment})
		// Whatever comes of the second charge from now on is not this case's money.
		for _, status := range []payment.RefundStatus{payment.RefundSucceeded, payment.RefundFailed} {
			w.Receives(w.Refunded(second, "re_hand", 500, status)) // by hand, for another matter; then the bank sends it back
			w.Drain()
			require.Equal(t, final, w.CaseOf(caseID), "%s", status)
			require.Empty(t, w.PaymentOf(second).Unsynced(), "%s", status)
		}
		// Staff cannot pay the second one too by the same case.
		order := w.ruling(policy.OutcomeApproved)
		order.Payment = second
		_, err := w.rule(caseID, order)
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err), "one case pays one of them back")
		w.wantPaidBack(first, caseID, 500)
		w.wantPaidBack(second, caseID, 0)
		w.WantLaws(w.Customer("alice"))
	}),
	"a case whose money is on its way is not closed by what becomes of another payment that it was about": inGoopter(func(t *testing.T, w *World) {
		first, second, caseID := hourApart(w)
		// The second attempt is on its way when the bank takes the second charge back.
		w.Provider.Has(FaultRefusal, FaultPending)
		w.approvesOf(caseID, second)
		w.settlesBack(caseID)
		w.approvesOf(caseID, first)
		w.SweepUntil(func() bool { w.Drain(); return len(w.Provider.paidBack(first)) == 1 })
		before := w.CaseOf(caseID)
		require.Equal(t, refund.StatePaying, before.State)
		// The second charge's facts are noted on it, but the case follows the first charge now.
		w.Receives(w.Disputed(second, "dp_1", 500, payment.DisputeLost))
		w.Drain()
		require.Equal(t, before, w.CaseOf(caseID), "the money of the first is on its way still")
		w.Provider.Ends(first, string(caseID), payment.RefundSucceeded)
		w.settlesBack(caseID)
		require.Equal(t, refund.StateClosed, w.CaseOf(caseID).State)
	}),
	"a case is closed by the payment that it was about when staff paid that by hand, until they rule on another": inGoopter(func(t *testing.T, w *World) {
		_, second, caseID := hourApart(w)
		w.Provider.Has(FaultRefusal)
		w.approvesOf(caseID, second)
		w.settlesBack(caseID)
		// The refusal gives the case back to staff, still about the charge they chose.
		require.Equal(t, []any{true, string(second)}, []any{w.CaseOf(caseID).Waiting(), w.CaseOf(caseID).Payment})
		// A person then refunds it in the provider's dashboard, which ends what the claim asked
		// for.
		w.Receives(w.Refunded(second, "re_hand", 500, payment.RefundSucceeded))
		w.SweepUntil(func() bool { w.Drain(); return !w.CaseOf(caseID).Waiting() })
		require.Equal(t, refund.StateClosed, w.CaseOf(caseID).State)
	}),
}
