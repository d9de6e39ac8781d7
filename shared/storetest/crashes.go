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

// Crashes settles one payment over and over, each time cut off at another of its calls, before it is made or after, and where pairs is set once
// more on the second try. Whatever the cut, the money goes back once, and the case closes.
func Crashes(t *testing.T, open func() Store, pairs bool) {
	t.Helper()
	for first, reached := 1, true; reached; first++ {
		var calls int
		calls, reached = settleCut(t, open(), first, 0)
		for second := 1; pairs && reached && second <= 2*calls; second++ {
			settleCut(t, open(), first, second)
		}
	}
}

// partly makes the customer pay, and staff promise two fifths of it back: what is paid twice then would pass unnoticed at the provider.
func partly(w *World, customer ledger.CustomerID) (paid payment.ID, ruled refund.CaseID) {
	w.t.Helper()
	paid = w.Payment("a")
	w.Hears(w.Paid(paid, customer))
	ruled = w.Claims(policy.KindAbnormalCharge, customer, paid)
	w.Deliver()
	order := w.ruling(policy.OutcomeApproved)
	order.Ruling.Remedy = &policy.Remedy{Money: &money.Amount{Currency: "USD", Minor: 200}}
	_, err := w.rule(ruled, order)
	require.NoError(w.t, err)
	w.Deliver()
	return paid, ruled
}

// settleCut pays a part of a charge back though the payer is cut off at the points, 0 for none. It returns how many calls the payer makes when
// it is left alone after the first cut, and whether that was reached.
func settleCut(t *testing.T, store Store, first, second int) (calls int, reached bool) {
	t.Helper()
	w := NewWorldOf(t, store, "goopter")
	w.Provider.Forgets = true // only looking tells what was done
	alice := w.Customer("alice")
	charged, id := partly(w, alice)
	w.Lose()
	once := &cut{World: w, at: first}
	reached = once.settles(charged)
	again := &cut{World: w, at: second}
	again.settles(charged)
	for range 3 {
		(&cut{World: w}).settles(charged)
		w.Drain()
	}
	require.Equal(t, refund.StateClosed, w.CaseOf(id).State, "cut at %d, %d", first, second)
	require.Len(t, w.PaymentOf(charged).Refunds, 1, "cut at %d, %d", first, second)
	w.wantPaidBack(charged, id, 200)
	w.WantAvailable(alice, 30)
	w.WantLaws(alice)
	return again.calls, reached
}

// cut is a payer that is cut off at one of its calls: of 2n-1 before the call n is made, of 2n after it. Nothing is done after that.
type cut struct {
	*World
	at, calls int
}

var errCut = errors.New("storetest: cut off")

// settles settles the payment and reports whether it was cut off.
func (c *cut) settles(id payment.ID) bool {
	c.t.Helper()
	payer := payment.Settler{
		Receiver: payment.Receiver{Store: cutStore{c}, Rules: payment.Rules{Catalog: c.World}},
		Gateways: map[string]payment.Gateway{providerName: cutGateway{c}}, Requests: cutRequests{c},
	}
	err := payer.Settle(c.ctx(), id, c.Now)
	if err != nil {
		require.ErrorIs(c.t, err, errCut)
	}
	return err != nil
}

func (c *cut) call(do func() error) error {
	c.calls++
	if c.at > 0 && c.calls > (c.at+1)/2 || 2*c.calls-1 == c.at {
		return errCut
	}
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
func (s cutStore) LoadPayment(ctx context.Context, id payment.ID, customer ledger.CustomerID) (read payment.Snapshot, err error) {
	err = s.cut.call(func() (err error) { read, err = s.cut.Store.LoadPayment(ctx, id, customer); return err })
	return read, err
}

// CommitPayment implements payment.Store.
func (s cutStore) CommitPayment(ctx context.Context, read payment.Snapshot, change payment.Change) error {
	return s.cut.call(func() error { return s.cut.Store.CommitPayment(ctx, read, change) })
}

// FindPayments implements payment.Store.
func (s cutStore) FindPayments(ctx context.Context, ids ...payment.ID) (found []payment.Payment, err error) {
	err = s.cut.call(func() (err error) { found, err = s.cut.Store.FindPayments(ctx, ids...); return err })
	return found, err
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
