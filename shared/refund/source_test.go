package refund_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// racing runs something before a decision is read for the first time that names a payment.
type racing struct {
	storetest.Store
	between func()
}

func (r *racing) LoadDecision(ctx context.Context, matter refund.Subject) (refund.Snapshot, error) {
	if between := r.between; between != nil && matter.Payment != "" {
		r.between = nil
		between()
	}
	return r.Store.LoadDecision(ctx, matter)
}

// paidInMoney is a world in which alice bought twice, made a picture of the first purchase's
// credits, and staff ruled 3 cents for it.
func paidInMoney(t *testing.T) (w *storetest.World, first payment.ID, about refund.CaseID) {
	w = storetest.NewWorldOf(t, memory.New(), "popcustoms")
	alice, first, second := w.Customer("alice"), w.Payment("a"), w.Payment("b")
	w.Receives(w.Paid(first, alice))
	w.Pass(24 * time.Hour)
	w.Receives(w.Paid(second, alice))
	about = w.Reports(w.Generated(alice, 1), 0)
	w.Deliver()
	order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 3}))
	_, err := refund.Reviewer{Store: w.Store, Requests: w, Policy: opened("popcustoms")}.Rule(t.Context(), about, order, w.Now)
	require.NoError(t, err)
	w.Lose()
	return w, first, about
}

func TestMoneyForAnOutputIsPromisedOnceThoughTwoCarryTheRulingOut(t *testing.T) {
	w, first, about := paidInMoney(t)
	request := message.NewCaseRequested(string(about), "", "")
	store := &racing{Store: w.Store, between: func() {
		require.NoError(t, w.Decider().Decide(t.Context(), request, w.Now))
	}}
	decider := w.Decider()
	decider.Store = store
	require.NoError(t, decider.Decide(t.Context(), request, w.Now))
	require.Equal(t, payment.Promise{Minor: 3, Money: true, Attempts: 1}, w.PaymentOf(first).Promised[string(about)])
	w.Drain()
	require.Equal(t, refund.StateClosed, w.CaseOf(about).State)
}

func TestMoneyForAnOutputComesFromNoPaymentThatABankHoldsOrThatIsUsedUp(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *storetest.World, id payment.ID)
		state refund.State
	}{
		"it is whole": {func(*storetest.World, payment.ID) {}, refund.StateClosed},
		"just enough is left": {func(w *storetest.World, id payment.ID) {
			w.Receives(w.Refunded(id, "re_9", 997, payment.RefundSucceeded))
		}, refund.StateClosed},
		"too little is left": {func(w *storetest.World, id payment.ID) {
			w.Receives(w.Refunded(id, "re_9", 998, payment.RefundSucceeded))
		}, refund.StateInReview},
		"a bank holds some of it": {func(w *storetest.World, id payment.ID) { w.Receives(w.Disputed(id, "dp_9", 1, payment.DisputeOpen)) }, refund.StateInReview},
		"the bank gave that back": {func(w *storetest.World, id payment.ID) { w.Receives(w.Disputed(id, "dp_9", 1, payment.DisputeWon)) }, refund.StateClosed},
	} {
		t.Run(name, func(t *testing.T) {
			w, first, about := paidInMoney(t)
			c.spoil(w, first)
			require.NoError(t, w.Request(t.Context(), message.NewCaseRequested(string(about), "", "")))
			w.Drain()
			stands := w.CaseOf(about)
			require.Equal(t, c.state, stands.State)
			require.Equal(t, c.state == refund.StateClosed, stands.Payment == string(first))
			require.Nil(t, w.PaymentOf(first).Todo)
			w.WantLaws(w.Customer("alice"))
		})
	}
}

func TestMoneyForAnOutputThatNoPaymentHasLeftIsRefusedAtOnce(t *testing.T) {
	w := storetest.NewWorldOf(t, memory.New(), "popcustoms")
	alice, paid := w.Customer("alice"), w.Payment("a")
	w.Receives(w.Paid(paid, alice))
	about := w.Reports(w.Generated(alice, 1), 0)
	w.Deliver()
	w.Receives(w.Refunded(paid, "re_9", 998, payment.RefundSucceeded))
	order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 3}))
	_, err := w.Reviewer().Rule(t.Context(), about, order, w.Now)
	require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err))
	require.Nil(t, w.CaseOf(about).Ruling)
	order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 2})
	_, err = w.Reviewer().Rule(t.Context(), about, order, w.Now)
	require.NoError(t, err)
}

// deafLedger cannot say who granted a lot.
type deafLedger struct{ storetest.Store }

func (deafLedger) GrantedBy(context.Context, ledger.CustomerID, ledger.LotID, time.Time) (payment.ID, error) {
	return "", errCut
}

func TestARulingThatCannotBeCarriedOutNowStaysARuling(t *testing.T) {
	w, _, about := paidInMoney(t)
	decider := w.Decider()
	decider.Store = deafLedger{w.Store}
	require.ErrorIs(t, decider.Decide(t.Context(), message.NewCaseRequested(string(about), "", ""), w.Now), errCut)
	require.NotNil(t, w.CaseOf(about).Ruling)
}

func TestAnOutputWhoseMoneyFailedIsRuledOnAgain(t *testing.T) {
	w, first, about := paidInMoney(t)
	w.Provider.Has(storetest.FaultRefusal)
	require.NoError(t, w.Request(t.Context(), message.NewCaseRequested(string(about), "", "")))
	w.Drain()
	require.True(t, w.CaseOf(about).Waiting())
	w.Rules(about, policy.OutcomeApproved) // in credits, this time
	w.Drain()
	require.Equal(t, refund.StateApproved, w.CaseOf(about).State)
	require.Equal(t, ledger.Credits(200_000), w.Wallet(w.Customer("alice")).Available(w.Now))
	require.Zero(t, w.PaymentOf(first).RefundTotal())
}

// overtaken runs something before a decision is read for the first time that names that payment.
type overtaken struct {
	storetest.Store
	payment payment.ID
	between func()
}

func (o *overtaken) LoadDecision(ctx context.Context, matter refund.Subject) (refund.Snapshot, error) {
	if between := o.between; between != nil && matter.Payment == o.payment {
		o.between = nil
		between()
	}
	return o.Store.LoadDecision(ctx, matter)
}

func TestARulingOnACandidateIsCarriedOutOnceThoughTwoCarryItOut(t *testing.T) {
	w := storetest.NewWorldOf(t, memory.New(), "goopter")
	alice, first, second := w.Customer("alice"), w.Payment("first"), w.Payment("second")
	w.Receives(w.Paid(first, alice))
	w.Pass(time.Hour)
	w.Receives(w.Paid(second, alice))
	about := w.Claims(policy.KindDuplicateCharge, alice, first)
	w.Deliver()
	order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 200})) // twice would fit
	order.Payment = second
	_, err := refund.Reviewer{Store: w.Store, Requests: w, Policy: opened("goopter")}.Rule(t.Context(), about, order, w.Now)
	require.NoError(t, err)
	w.Lose()
	request := message.NewCaseRequested(string(about), "", "")
	decider := w.Decider()
	decider.Store = &overtaken{Store: w.Store, payment: second, between: func() {
		require.NoError(t, w.Decider().Decide(t.Context(), request, w.Now))
	}}
	require.NoError(t, decider.Decide(t.Context(), request, w.Now))
	require.Equal(t, 1, w.PaymentOf(second).Promised[string(about)].Attempts)
	require.Len(t, w.CaseOf(about).History, 3, "received, in review, paying")
	w.Drain()
	require.Equal(t, int64(200), w.PaymentOf(second).RefundTotal())
	require.Equal(t, refund.StateClosed, w.CaseOf(about).State)
}
