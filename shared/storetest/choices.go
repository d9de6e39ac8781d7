package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
}
