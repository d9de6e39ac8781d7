package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// commit commits a change of a payment, and returns its error.
func (w *World) commit(read payment.Snapshot, change payment.Change) error {
	w.t.Helper()
	return settled(func() error { return w.Store.CommitPayment(w.ctx(), read, change) })
}

// refuses demands that a change is stale: once more after a lost answer, should there be one.
func (w *World) refuses(read payment.Snapshot, change payment.Change, why string) {
	w.t.Helper()
	err := again(func() error { return w.Store.CommitPayment(w.ctx(), read, change) })
	require.Error(w.t, err, why)
	require.Equal(w.t, fault.KindStale, fault.KindOf(err), "%s: %v", why, err)
}

// unheard returns a payment of the customer's that nobody has judged, and the purchase as it would be remembered.
func unheard(w *World, name string, customer ledger.CustomerID) (payment.Payment, payment.RecentPurchase) {
	facts := w.Paid(w.Payment(name), customer)
	bought := *facts.Purchase
	return payment.Payment{ID: facts.Payment, Provider: providerName, State: payment.StatePending, Purchase: &bought},
		payment.RecentPurchase{ID: facts.Payment, Package: bought.Package, Price: bought.Subtotal, Paid: bought.Paid, OrderedAt: bought.OrderedAt}
}

// shortLived sells packages that expire after an hour.
type shortLived struct{ *World }

// Package implements payment.Catalog.
func (s shortLived) Package(name string, at time.Time) (payment.Package, bool) {
	sold, ok := s.World.Package(name, at)
	sold.ExpiresAfter = time.Hour
	return sold, ok
}

// ShortLived receives payments for credits that expire after an hour.
func (w *World) ShortLived() payment.Receiver {
	return payment.Receiver{Store: w.Store, Rules: payment.Rules{Catalog: shortLived{w}}}
}

// expired buys credits that have expired since, and returns the payment.
func expired(w *World, customer ledger.CustomerID) payment.ID {
	w.t.Helper()
	id := w.Payment("short")
	require.NoError(w.t, again(func() error {
		_, err := w.ShortLived().Receive(w.ctx(), w.Paid(id, customer), w.Now)
		return err
	}))
	w.Pass(2 * time.Hour)
	w.SweepUntil(func() bool { return len(w.Wallet(customer).Lots) == 0 })
	return id
}

// Each story changes one thing between the read of a payment and its commit, and commits what rests on that thing alone.
var changing = map[string]func(*testing.T, *World){
	"the recent purchases are replaced as they were read, or left alone": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, boughtFirst := unheard(w, "first", alice)
		second, boughtSecond := unheard(w, "second", alice)
		third, boughtThird := unheard(w, "third", alice)
		boughtThird.OrderedAt = time.UnixMilli(0).UTC() // as some provider may tell
		read := w.Snapshot(first.ID, alice)
		require.Empty(t, read.Recent)
		require.NoError(t, w.commit(read, payment.Change{After: first, Recent: payment.Recent{boughtFirst}}))
		require.Equal(t, payment.Recent{boughtFirst}, w.Snapshot(second.ID, alice).Recent)
		w.refuses(read, payment.Change{After: second, Recent: payment.Recent{boughtSecond}}, "another was remembered first")
		require.Nil(t, w.Snapshot(second.ID, alice).Payment)
		require.NoError(t, w.commit(read, payment.Change{After: second}), "it asks nothing of them")
		both := payment.Recent{boughtThird, boughtFirst}
		require.NoError(t, w.commit(w.Snapshot(third.ID, alice), payment.Change{After: third, Recent: both}))
		read = w.Snapshot(third.ID, alice)
		require.Equal(t, both, read.Recent)
		require.NoError(t, w.commit(read, payment.Change{After: *read.Payment, Recent: payment.Recent{boughtSecond}}))
		w.refuses(payment.Snapshot{Payment: w.Snapshot(third.ID, alice).Payment, Wallet: read.Wallet, Recent: read.Recent},
			payment.Change{After: *read.Payment, Recent: both}, "they were replaced")
		require.Equal(t, payment.Recent{boughtSecond}, w.snapshot(refund.Subject{
			Case: w.Claims(policy.KindAbnormalCharge, alice, third.ID), Payment: third.ID,
		}).Purchases, "a decision reads them too")
	},
	"the twins of a payment are written with it, each as it was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		twin, own := w.Payment("twin"), w.Payment("own")
		w.Hears(w.Refunded(twin, "re_1", 1, payment.RefundFailed)) // moves nothing
		w.Hears(w.Refunded(own, "re_1", 1, payment.RefundFailed))
		read, old := w.Snapshot(own, alice), w.PaymentOf(twin)
		w.Hears(w.Refunded(twin, "re_2", 1, payment.RefundFailed))
		old.Repeats = []payment.ID{own}
		after := *read.Payment
		after.RefundedInAll, after.LookedUp = 7, 7
		w.refuses(read, payment.Change{After: after, Twins: []payment.Payment{old}}, "more was heard of the twin")
		require.Zero(t, w.PaymentOf(own).RefundedInAll)
		fresh := w.PaymentOf(twin)
		fresh.Repeats = []payment.ID{own}
		require.NoError(t, w.commit(read, payment.Change{After: after, Twins: []payment.Payment{fresh}}))
		require.Equal(t, int64(7), w.PaymentOf(own).RefundedInAll)
		stands := w.PaymentOf(twin)
		require.Equal(t, []payment.ID{own}, stands.Repeats)
		require.Len(t, stands.Refunds, 2)
		require.Greater(t, stands.Version, fresh.Version)

		w.hears(payment.Facts{Payment: twin, Provider: providerName, RefundedInAll: 5}) // to be looked up
		owing := w.PaymentOf(twin)
		require.NotEmpty(t, owing.Todo)
		owing.LookedUp, owing.Todo = 5, nil
		read = w.Snapshot(own, alice)
		require.NoError(t, w.commit(read, payment.Change{After: *read.Payment, Twins: []payment.Payment{owing}}))
		require.Nil(t, w.PaymentOf(twin).Todo)
	},
	"a purchase that pays the debt of its own twin writes that once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		earlier, later := w.Paid(w.Payment("earlier"), alice), w.Paid(w.Payment("later"), alice)
		later.Purchase.PaidAt = w.Now.Add(time.Minute)
		w.Pass(2 * time.Minute)
		w.Hears(later)
		w.Uses(alice, 16) // 48 of 50
		w.Hears(w.Refunded(later.Payment, "re_1", 500, payment.RefundSucceeded))
		w.WantOwed(alice, 48)
		w.Pass(time.Second)
		w.Hears(earlier)
		w.WantOwed(alice, 0)
		w.WantAvailable(alice, 2)
		twin := w.PaymentOf(later.Payment)
		require.Equal(t, []payment.ID{earlier.Payment}, twin.Repeats)
		require.Equal(t, ledger.Credits(48), ledger.Sum(twin.Clawback.DebtPaid))
		w.WantLaws(alice)
		w.Hears(w.Refunded(later.Payment, "re_1", 500, payment.RefundFailed))
		w.WantAvailable(alice, 52)
		w.WantLaws(alice)
		require.Equal(t, []payment.ID{later.Payment}, w.WaitingPayments(payment.DeskRepeated, 10, earlier.Payment, later.Payment))
	}),
	"a verdict takes from what stands expired of its payment's lot only as it was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := expired(w, alice)
		claimed := w.Claims(policy.KindAbnormalCharge, alice, id)
		read := w.snapshot(refund.Subject{Case: claimed, Payment: id})
		require.Equal(t, ledger.Credits(100), read.Expired)
		taking := func(expired ledger.Credits) refund.Effect {
			posting, taken, err := ledger.AdjustClawback(read.Wallet, read.Payment.Clawback, expired, 50, w.ExpiredLot(w.Now), ledger.Cause{}, w.Now)
			require.NoError(t, err)
			after := *read.Payment
			after.Clawback = taken
			effect := declining(read)
			effect.Payment = amending(read, after)
			effect.Payment.Read.Expired, effect.Payment.Posting = expired, posting
			return effect
		}
		w.wantStale(taking(70), "less was read to stand expired")
		w.wantStale(taking(0), "nothing was")
		require.Equal(t, refund.StateReceived, w.CaseOf(claimed).State)
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), taking(100)) }))
		require.Equal(t, ledger.Credits(50), w.Snapshot(id, alice).Expired)
		w.WantOwed(alice, 0)
		w.WantLaws(alice)
	},
	"a payment that only its provider knew is created by the verdict, once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		facts := w.Paid(w.Payment("a"), alice)
		id := w.Claims(policy.KindNotCredited, alice, facts.Payment)
		read := w.snapshot(refund.Subject{Case: id, Payment: facts.Payment})
		require.Nil(t, read.Payment)
		after, _ := unheard(w, "a", alice)
		w.Hears(facts)
		effect := declining(read)
		effect.Payment = amending(read, after)
		w.wantStale(effect, "its webhook came first")
		require.Equal(t, payment.StateGranted, w.PaymentOf(facts.Payment).State)

		missed := w.Paid(w.Payment("b"), alice)
		missed.Purchase.PaidAt = w.Now.Add(-2 * time.Hour)
		w.Misses(missed)
		id = w.Claims(policy.KindNotCredited, alice, missed.Payment)
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "G2.1")
		require.Equal(t, payment.StateGranted, w.PaymentOf(missed.Payment).State)
		w.WantAvailable(alice, 100)
		w.hears(missed)
		require.Zero(t, w.Listens(), "all of it is known")
		w.WantAvailable(alice, 100)
		w.WantLaws(alice)
	}),
	"money for an output goes back of the payment that its credits came from, and its case names that": func(t *testing.T, w *World) {
		w = NewWorldOf(t, w.Store, "popcustoms") // whose credits are worth money
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Grants(alice, 2*395) // which nobody paid for
		w.Pass(time.Second)
		w.Hears(w.Paid(id, alice))
		gift := w.Reports(w.Generated(alice, 1), 0)
		w.Generated(alice, 1)
		bought := w.Reports(w.Generated(alice, 1), 0)
		w.Deliver()
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = &policy.Remedy{Money: &money.Amount{Currency: "USD", Minor: 3}}
		_, err := w.rule(gift, order)
		require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err), "no money stands behind a gift")
		_, err = w.rule(bought, order)
		require.NoError(t, err)
		w.Drain()
		require.True(t, w.CaseOf(gift).Waiting())
		closed := w.CaseOf(bought)
		require.Equal(t, refund.StateClosed, closed.State)
		require.Equal(t, string(id), closed.Payment)
		w.wantPaidBack(id, bought, 3)
		w.WantAvailable(alice, 100_000-395)
		w.WantLaws(alice)
	},
	"a payment that a sweep claims while it changes loses neither step nor claim": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Hears(payment.Facts{Payment: id, Provider: providerName, RefundedInAll: 5}) // to be looked up
		require.True(t, w.PaymentOf(id).Todo.Has(todo.StepPay))
		w.Pass(time.Hour)
		key := due.Key{Kind: todo.KindPayment, Partition: string(id), At: w.Now}
		load := func() due.Item {
			var item *due.Item
			require.NoError(t, again(func() (err error) {
				item, err = w.Store.LoadItem(w.ctx(), key)
				return err
			}))
			require.NotNil(t, item)
			return *item
		}
		claim := func(item due.Item, attempts int) error {
			return settled(func() error {
				return w.Store.Claim(w.ctx(), item, todo.List{todo.StepPay: w.Now.Add(time.Minute)}, attempts)
			})
		}
		read, item := w.Snapshot(id, alice), load()
		require.NoError(t, claim(item, 4))
		after := *read.Payment
		after.RefundedInAll = 6
		require.NoError(t, w.commit(read, payment.Change{After: after}), "a claim changes nothing that was read")
		stands := w.PaymentOf(id)
		require.Equal(t, int64(6), stands.RefundedInAll)
		require.Equal(t, 4, stands.Attempts)
		require.Equal(t, todo.List{todo.StepPay: w.Now.Add(time.Minute)}, stands.Todo, "the claim stands")

		item = load()
		joined := *w.Snapshot(id, alice).Payment
		joined.Todo = todo.List{todo.StepPay: item.At, todo.StepRefund: item.At}
		require.NoError(t, w.commit(w.Snapshot(id, alice), payment.Change{After: joined}))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error {
			return w.Store.Claim(w.ctx(), item, todo.List{todo.StepPay: w.Now.Add(time.Hour)}, 5)
		})), "a step has joined it at the same instant")
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error {
			return w.Store.Strand(w.ctx(), item, w.Now, time.Time{})
		})))
		require.Equal(t, joined.Todo, w.PaymentOf(id).Todo)
	},
	"a payment whose provider never answers is listed as stuck, until it owes nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Hears(w.Paid(id, alice))
		w.Misses(w.Refunded(id, "re_1", price, payment.RefundSucceeded))
		w.hears(payment.Facts{Payment: id, Provider: providerName, RefundedInAll: price})
		for sweeps := 0; stuckOf(w, alice) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Sweep()
			w.Lose()
			w.Pass(2 * time.Hour)
		}
		require.Equal(t, due.MaxAttempts, w.PaymentOf(id).Attempts)
		w.hears(w.Refunded(id, "re_0", 1, payment.RefundFailed)) // of no help
		require.Equal(t, 1, stuckOf(w, alice))
		w.Drain()
		require.Zero(t, stuckOf(w, alice))
		require.Nil(t, w.PaymentOf(id).Todo)
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
	},
}
