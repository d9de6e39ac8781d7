package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Crashes settles one payment over and over. Each time the payer is cut off at another of its
// calls, before the call is made or after. With pairs it is cut off once more on the second try.
// Whatever the cut, the money goes back once, and the case closes.
func Crashes(t *testing.T, open func() Store, pairs bool) {
	t.Helper()
	// Cut one call later each time, until the payer finishes before the cut.
	for first, more := 1, true; more; first++ {
		var calls int
		calls, more = settleCut(t, open(), first, 0)
		// A second try makes at most twice as many calls as it has cuts to survive.
		for second := 1; pairs && more && second <= 2*calls; second++ {
			settleCut(t, open(), first, second)
		}
	}
}

// partly makes the customer pay, and has staff promise two fifths back. At that size a second
// payout would fit too: the provider would not refuse it, so only our own books can.
func partly(w *World, customer ledger.CustomerID) (paymentID payment.ID, caseID refund.CaseID) {
	w.t.Helper()
	paymentID = w.Payment("a")
	w.Receives(w.Paid(paymentID, customer))
	caseID = w.Claims(policy.KindAbnormalCharge, customer, paymentID)
	w.Deliver()
	// The ruling is carried out here, so that what is left is the payer's work alone.
	order := w.ruling(policy.OutcomeApproved)
	order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 200})
	_, err := w.rule(caseID, order)
	require.NoError(w.t, err)
	w.Deliver()
	return paymentID, caseID
}

// settleCut pays a part of a charge back though the payer is cut off at the points, 0 for none. It
// returns how many calls the payer makes when it is left alone after the first cut, and whether the
// first cut was reached.
func settleCut(t *testing.T, store Store, first, second int) (calls int, more bool) {
	t.Helper()
	// The provider forgets idempotency keys, so that only a look-up can tell what was done.
	w := NewWorldOf(t, store, "goopter")
	w.Provider.Forgets = true // only looking tells what was done
	alice := w.Customer("alice")
	charge, id := partly(w, alice)
	w.Lose()
	// Two payers with one cut each, then three without: whatever was left undone must be finished.
	once := &cut{World: w, at: first}
	more = once.settles(charge)
	again := &cut{World: w, at: second}
	again.settles(charge)
	// Drain delivers what the payer sent, so that the case can close.
	for range 3 {
		(&cut{World: w}).settles(charge)
		w.Drain()
	}
	// Whatever the cut, one refund of 200 was made, and two fifths of the credits left with it,
	// once.
	require.Equal(t, refund.StateClosed, w.CaseOf(id).State, "cut at %d, %d", first, second)
	require.Len(t, w.PaymentOf(charge).Refunds, 1, "cut at %d, %d", first, second)
	w.wantPaidBack(charge, id, 200)
	w.WantAvailable(alice, 30)
	w.WantLaws(alice)
	return again.calls, more
}

// cut is a payer that is cut off at one of its calls: with at = 2n-1 before call n is made, with 2n
// after it. Nothing is done after that.
type cut struct {
	*World
	at, calls int
}

var errCut = errors.New("storetest: cut off")

// settles settles the payment and reports whether it was cut off.
func (c *cut) settles(id payment.ID) bool {
	c.t.Helper()
	// Store, gateway and queue all count calls on the same cut, so that every step can be the last.
	payer := payment.Settler{
		Receiver: payment.Receiver{Store: cutStore{c}, Rules: payment.Rules{Catalog: c.World}},
		Gateways: map[string]payment.Gateway{providerName: cutGateway{c}}, Requests: cutRequests{c},
	}
	err := payer.Settle(c.ctx(), id, c.Now)
	// Only the cut may fail: any other error is the payer's own.
	if err != nil {
		require.ErrorIs(c.t, err, errCut)
	}
	return err != nil
}

// call counts one call and makes it, unless the cut comes before it or came at an earlier one.
func (c *cut) call(do func() error) error {
	c.calls++
	if c.at > 0 && c.calls > (c.at+1)/2 || 2*c.calls-1 == c.at {
		return errCut
	}
	// A busy answer is a fault of the store's own, not the cut: repeat it as the caller would.
	if err := again(do); err != nil {
		return err
	}
	if 2*c.calls == c.at {
		return errCut
	}
	return nil
}

type cutStore struct{ cut *cut }

// LoadPayment implements payment.Store.
func (s cutStore) LoadPayment(ctx context.Context, id payment.ID, customer ledger.CustomerID) (snapshot payment.Snapshot, err error) {
	err = s.cut.call(func() (err error) { snapshot, err = s.cut.Store.LoadPayment(ctx, id, customer); return err })
	return snapshot, err
}

// CommitPayment implements payment.Store.
func (s cutStore) CommitPayment(ctx context.Context, snapshot payment.Snapshot, change payment.Change) error {
	return s.cut.call(func() error { return s.cut.Store.CommitPayment(ctx, snapshot, change) })
}

// FindPayments implements payment.Store.
func (s cutStore) FindPayments(ctx context.Context, ids ...payment.ID) (payments []payment.Payment, err error) {
	err = s.cut.call(func() (err error) { payments, err = s.cut.Store.FindPayments(ctx, ids...); return err })
	return payments, err
}

type cutGateway struct{ cut *cut }

// Look implements payment.Gateway.
func (g cutGateway) Look(ctx context.Context, id payment.ID) (facts []payment.Facts, err error) {
	err = g.cut.call(func() (err error) { facts, err = g.cut.Provider.Look(ctx, id); return err })
	return facts, err
}

// Refund implements payment.Gateway.
func (g cutGateway) Refund(ctx context.Context, order payment.RefundOrder) (facts payment.Facts, err error) {
	err = g.cut.call(func() (err error) { facts, err = g.cut.Provider.Refund(ctx, order); return err })
	return facts, err
}

// List implements payment.Gateway; no payer lists.
func (cutGateway) List(context.Context, time.Time, string) (payment.Listing, error) {
	return payment.Listing{}, nil
}

type cutRequests struct{ cut *cut }

// Request implements payment.Requests.
func (r cutRequests) Request(ctx context.Context, request message.RefundRequested) error {
	return r.cut.call(func() error { return r.cut.Request(ctx, request) })
}
