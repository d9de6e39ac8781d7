package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// price is what credits-100 costs in photoroom's policy: 100 credits for 1000 cents.
const price = 1000

// Paid returns the facts of a paid checkout for the first package that the policy lists.
func (w *World) Paid(id payment.ID, customer ledger.CustomerID) payment.Facts {
	// The first package and its own price: any story that wants another changes the facts.
	product := w.At(w.Now).Packages()[0]
	return payment.Facts{Payment: id, Provider: providerName, Event: "evt_" + string(id), Purchase: &payment.Purchase{
		Customer: customer, Package: product.Name, Subtotal: product.Price, Paid: product.Price.Minor, Status: payment.StatusPaid, PaidAt: w.Now,
	}}
}

// Refunded returns the facts of a refund made at the provider.
func (w *World) Refunded(id payment.ID, refundID string, minor int64, status payment.RefundStatus) payment.Facts {
	return payment.Facts{Payment: id, Provider: providerName, Event: "evt_" + refundID + string(status), RefundID: refundID, Refund: &payment.Refund{
		Amount: money.Amount{Currency: "USD", Minor: minor}, Status: status,
	}}
}

// Disputed returns the facts of a dispute.
func (w *World) Disputed(id payment.ID, disputeID string, minor int64, status payment.DisputeStatus) payment.Facts {
	return payment.Facts{Payment: id, Provider: providerName, Event: "evt_" + disputeID + string(status), DisputeID: disputeID, Dispute: &payment.Dispute{
		Amount: money.Amount{Currency: "USD", Minor: minor}, Status: status,
	}}
}

// Payment returns a payment id of this world.
func (w *World) Payment(name string) payment.ID { return payment.ID("pi_" + name + "_" + w.suffix) }

// Snapshot returns a payment and its customer's wallet.
func (w *World) Snapshot(id payment.ID, customer ledger.CustomerID) payment.Snapshot {
	w.t.Helper()
	// The same read that a receiver makes, so that a change by hand rests on what a real one would.
	return read(w, func() (payment.Snapshot, error) { return w.Store.LoadPayment(w.ctx(), id, customer) })
}

// WantOwed demands what the customer owes.
func (w *World) WantOwed(customer ledger.CustomerID, want ledger.Credits) {
	w.t.Helper()
	require.Equal(w.t, want, w.Wallet(customer).Owed(), "owed")
}

var paymentStories = map[string]func(*testing.T, *World){
	"twelve copies of one purchase grant once": func(_ *testing.T, w *World) {
		alice := w.Customer("alice")
		for range 12 {
			w.Receives(w.Paid(w.Payment("a"), alice))
			w.Pass(time.Second)
		}
		w.WantAvailable(alice, 100)
		w.WantLaws(alice)
	},
	"a wrong price is parked and grants nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		facts := w.Paid(w.Payment("a"), alice)
		facts.Purchase.Subtotal.Minor = 1
		w.Receives(facts)
		w.WantAvailable(alice, 0)
		require.Equal(t, payment.ReasonWrongAmount, w.Snapshot(facts.Payment, alice).Payment.Parked)
	},
	"half the money back takes back half the credits, and gives them back when that refund fails": func(_ *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(w.Paid(id, alice))
		// A pending refund counts, a failed one does not, and a failed one cannot succeed again:
		// facts merge by rank.
		w.Receives(w.Refunded(id, "re_1", price/2, payment.RefundPending))
		w.WantAvailable(alice, 50)
		w.Receives(w.Refunded(id, "re_1", price/2, payment.RefundFailed))
		w.WantAvailable(alice, 100)
		w.Receives(w.Refunded(id, "re_1", price/2, payment.RefundSucceeded))
		w.WantAvailable(alice, 100)
		w.WantLaws(alice)
	},
	"a refund heard before its purchase ends level": func(_ *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(w.Refunded(id, "re_1", price/4, payment.RefundSucceeded))
		w.Receives(w.Paid(id, alice))
		w.WantAvailable(alice, 75)
		w.WantLaws(alice)
	},
	"spent credits become owed, are netted by the next purchase, and come back when the refund fails": func(_ *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Payment("first")
		w.Receives(w.Paid(first, alice))
		// 80 of 100 credits are spent when all the money goes back: 20 are taken, 80 are owed.
		for range 5 {
			w.Settles(w.Starts(alice, 4), w.Success(-1)) // 80 of 100
		}
		w.Receives(w.Refunded(first, "re_1", price, payment.RefundSucceeded))
		w.WantAvailable(alice, 0)
		w.WantOwed(alice, 80)
		w.WantLaws(alice)
		// The next purchase pays the debt first, which leaves 20.
		w.Pass(time.Second)
		w.Receives(w.Paid(w.Payment("second"), alice))
		w.WantAvailable(alice, 20)
		w.WantOwed(alice, 0)
		w.WantLaws(alice)
		// The refund fails after all: the debt that was paid comes back, newest first.
		w.Pass(time.Second)
		w.Receives(w.Refunded(first, "re_1", price, payment.RefundFailed))
		w.WantAvailable(alice, 120)
		w.WantOwed(alice, 0)
		w.WantLaws(alice)
	},
	"credits given back pay what is owed first": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(w.Paid(id, alice))
		// 32 credits are held when the money goes back. The failure gives them back, and they pay
		// the debt.
		openID := w.Starts(alice, 8)
		w.Receives(w.Refunded(id, "re_1", price, payment.RefundSucceeded))
		w.WantOwed(alice, 32)
		w.Settles(openID, w.Failure("platform"))
		w.Deliver()
		w.WantOwed(alice, 0)
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
		require.Equal(t, ledger.Credits(32), ledger.Sum(w.Snapshot(id, alice).Payment.Clawback.DebtPaid))
	},
	"a payment that has changed since it was read is stale": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		// A refund that failed moves nothing, so only the payment's own version has changed.
		w.Receives(w.Refunded(id, "re_1", 1, payment.RefundFailed)) // moves nothing
		snapshot := w.Snapshot(id, alice)
		w.Receives(w.Refunded(id, "re_2", 1, payment.RefundFailed))
		err := again(func() error {
			return w.Store.CommitPayment(w.ctx(), snapshot, payment.Change{After: *snapshot.Payment})
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		err = again(func() error {
			return w.Store.CommitPayment(w.ctx(), payment.Snapshot{Wallet: snapshot.Wallet}, payment.Change{After: *snapshot.Payment})
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err), "it is there already")
		require.Len(t, w.Snapshot(id, alice).Payment.Refunds, 2)
	},
	"no more is taken from what stands expired than stands there": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(w.Paid(id, alice))
		for range 25 {
			w.Settles(w.Starts(alice, 1), w.Success(-1)) // all 100 are spent
		}
		snapshot := w.Snapshot(id, alice)
		// Nothing of the lot has expired, whatever the caller believes: the commit checks it.
		snapshot.Expired = 50
		posting, record, err := ledger.AdjustClawback(snapshot.Wallet, snapshot.Payment.Clawback, snapshot.Expired, 50, w.ExpiredLot(w.Now), ledger.Cause{}, w.Now)
		require.NoError(t, err)
		after := *snapshot.Payment
		after.Clawback = record
		err = again(func() error {
			return w.Store.CommitPayment(w.ctx(), snapshot, payment.Change{After: after, Posting: posting})
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		w.WantLaws(alice)
	},
	"a grant is given once for its key": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		order := w.gift(alice, 5)
		var answers []grant.Answer
		// Three gifts under one key, an hour apart, are one gift.
		for range 3 {
			require.NoError(t, again(func() error {
				gift, err := grant.Granter{Store: w.Store}.Give(w.ctx(), order, w.Now)
				answers = append(answers, gift)
				return err
			}))
			w.Pass(time.Hour)
		}
		last := answers[len(answers)-1]
		require.True(t, last.Replayed)
		require.Equal(t, ledger.Credits(5), last.Lot.Granted)
		w.WantAvailable(alice, 5)
		w.WantLaws(alice)
	},
}
