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
func (w *World) commit(snapshot payment.Snapshot, change payment.Change) error {
	w.t.Helper()
	return settled(func() error { return w.Store.CommitPayment(w.ctx(), snapshot, change) })
}

// refuses demands that a change is stale, also when the call is repeated after a lost answer.
func (w *World) refuses(snapshot payment.Snapshot, change payment.Change, why string) {
	w.t.Helper()
	err := again(func() error { return w.Store.CommitPayment(w.ctx(), snapshot, change) })
	require.Error(w.t, err, why)
	require.Equal(w.t, fault.KindStale, fault.KindOf(err), "%s: %v", why, err)
}

// newPurchase returns a payment of the customer's that nobody has received yet, and the purchase as
// it would be remembered.
func newPurchase(w *World, name string, customer ledger.CustomerID) (payment.Payment, payment.RecentPurchase) {
	facts := w.Paid(w.Payment(name), customer)
	purchase := *facts.Purchase
	return payment.Payment{ID: facts.Payment, Provider: providerName, State: payment.StatePending, Purchase: &purchase},
		payment.RecentPurchase{ID: facts.Payment, Package: purchase.Package, Price: purchase.Subtotal, Paid: purchase.Paid, OrderedAt: purchase.OrderedAt}
}

// shortLived is a catalog whose packages expire after an hour.
type shortLived struct{ *World }

// Package implements payment.Catalog.
func (s shortLived) Package(name string, at time.Time) (payment.Package, bool) {
	product, ok := s.World.Package(name, at)
	product.ExpiresAfter = time.Hour
	return product, ok
}

// ShortLived receives payments for credits that expire after an hour.
func (w *World) ShortLived() payment.Receiver {
	return payment.Receiver{Store: w.Store, Rules: payment.Rules{Catalog: shortLived{w}}}
}

// expired buys credits, lets them expire, and returns the payment.
func expired(w *World, customer ledger.CustomerID) payment.ID {
	w.t.Helper()
	id := w.Payment("short")
	require.NoError(w.t, again(func() error {
		_, err := w.ShortLived().Receive(w.ctx(), w.Paid(id, customer), w.Now)
		return err
	}))
	w.Pass(2 * time.Hour)
	// The sweep posts the expiry, after which the lot is gone and its credits count as expired.
	w.SweepUntil(func() bool { return len(w.Wallet(customer).Lots) == 0 })
	return id
}

// Each story changes one thing between the read of a payment and its commit, and commits what rests
// on that thing alone.
var changeStories = map[string]func(*testing.T, *World){
	"the recent purchases are replaced as they were read, or left alone": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, boughtFirst := newPurchase(w, "first", alice)
		second, boughtSecond := newPurchase(w, "second", alice)
		third, boughtThird := newPurchase(w, "third", alice)
		boughtThird.OrderedAt = time.UnixMilli(0).UTC() // as some provider may tell
		// Both commits rest on the same read. The first writes the remembered purchases, so the
		// second is stale.
		snapshot := w.Snapshot(first.ID, alice)
		require.Empty(t, snapshot.Recent)
		require.NoError(t, w.commit(snapshot, payment.Change{After: first, Recent: payment.Recent{boughtFirst}}))
		require.Equal(t, payment.Recent{boughtFirst}, w.Snapshot(second.ID, alice).Recent)
		w.refuses(snapshot, payment.Change{After: second, Recent: payment.Recent{boughtSecond}}, "another was remembered first")
		require.Nil(t, w.Snapshot(second.ID, alice).Payment)
		// A change that names no recent purchases has no condition on them, though it was read
		// before the others.
		require.NoError(t, w.commit(snapshot, payment.Change{After: second}), "it asks nothing of them")
		both := payment.Recent{boughtThird, boughtFirst}
		require.NoError(t, w.commit(w.Snapshot(third.ID, alice), payment.Change{After: third, Recent: both}))
		snapshot = w.Snapshot(third.ID, alice)
		// The list comes back in the order it was written, whatever its instants say.
		require.Equal(t, both, snapshot.Recent)
		require.NoError(t, w.commit(snapshot, payment.Change{After: *snapshot.Payment, Recent: payment.Recent{boughtSecond}}))
		// The payment is read anew here, so that only the condition on the list can refuse.
		w.refuses(payment.Snapshot{Payment: w.Snapshot(third.ID, alice).Payment, Wallet: snapshot.Wallet, Recent: snapshot.Recent},
			payment.Change{After: *snapshot.Payment, Recent: both}, "they were replaced")
		require.Equal(t, payment.Recent{boughtSecond}, w.snapshot(refund.Subject{
			Case: w.Claims(policy.KindAbnormalCharge, alice, third.ID), Payment: third.ID,
		}).Purchases, "a decision reads them too")
	},
	"the twins of a payment are written with it, each as it was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		second, own := w.Payment("twin"), w.Payment("own")
		w.Receives(w.Refunded(second, "re_1", 1, payment.RefundFailed)) // moves nothing
		w.Receives(w.Refunded(own, "re_1", 1, payment.RefundFailed))
		snapshot, old := w.Snapshot(own, alice), w.PaymentOf(second)
		// A fact about the other charge comes in after it was read: the commit must not overwrite
		// it.
		w.Receives(w.Refunded(second, "re_2", 1, payment.RefundFailed))
		old.DuplicateOf = []payment.ID{own}
		after := *snapshot.Payment
		after.RefundedInAll, after.LookedUp = 7, 7
		w.refuses(snapshot, payment.Change{After: after, Duplicates: []payment.Payment{old}}, "more was heard of the twin")
		// One transaction writes both rows, so a stale twin stops the change of its own payment
		// too.
		require.Zero(t, w.PaymentOf(own).RefundedInAll)
		fresh := w.PaymentOf(second)
		fresh.DuplicateOf = []payment.ID{own}
		require.NoError(t, w.commit(snapshot, payment.Change{After: after, Duplicates: []payment.Payment{fresh}}))
		require.Equal(t, int64(7), w.PaymentOf(own).RefundedInAll)
		current := w.PaymentOf(second)
		require.Equal(t, []payment.ID{own}, current.DuplicateOf)
		require.Len(t, current.Refunds, 2)
		require.Greater(t, current.Version, fresh.Version)

		// A step that another commit finishes must not come back with the old copy of the payment.
		w.receive(payment.Facts{Payment: second, Provider: providerName, RefundedInAll: 5}) // to be looked up
		open := w.PaymentOf(second)
		require.NotEmpty(t, open.Todo)
		open.LookedUp, open.Todo = 5, nil
		snapshot = w.Snapshot(own, alice)
		require.NoError(t, w.commit(snapshot, payment.Change{After: *snapshot.Payment, Duplicates: []payment.Payment{open}}))
		require.Nil(t, w.PaymentOf(second).Todo)
	},
	"a purchase that pays the debt of its own twin writes that once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// The later charge arrives first and is used up and refunded, which leaves a debt of 48
		// credits.
		earlier, later := w.Paid(w.Payment("earlier"), alice), w.Paid(w.Payment("later"), alice)
		later.Purchase.PaidAt = w.Now.Add(time.Minute)
		w.Pass(2 * time.Minute)
		w.Receives(later)
		w.Uses(alice, 16) // 48 of 50
		w.Receives(w.Refunded(later.Payment, "re_1", 500, payment.RefundSucceeded))
		w.WantOwed(alice, 48)
		// Now the earlier one arrives. It becomes the original, and its credits pay the debt of its
		// duplicate.
		w.Pass(time.Second)
		w.Receives(earlier)
		w.WantOwed(alice, 0)
		w.WantAvailable(alice, 2)
		// The debt and the purchase name one twin for two reasons. Two writes of one row in a
		// transaction would be refused by the store.
		second := w.PaymentOf(later.Payment)
		require.Equal(t, []payment.ID{earlier.Payment}, second.DuplicateOf)
		require.Equal(t, ledger.Credits(48), ledger.Sum(second.Clawback.DebtPaid))
		w.WantLaws(alice)
		// The refund failed, so nothing was owed after all: of 100 credits bought only the 48 that
		// were used are gone.
		w.Receives(w.Refunded(later.Payment, "re_1", 500, payment.RefundFailed))
		w.WantAvailable(alice, 52)
		w.WantLaws(alice)
		require.Equal(t, []payment.ID{later.Payment}, w.WaitingPayments(payment.ReviewQueueDuplicates, 10, earlier.Payment, later.Payment))
	}),
	"a verdict takes from what stands expired of its payment's lot only as it was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := expired(w, alice)
		caseID := w.Claims(policy.KindAbnormalCharge, alice, id)
		snapshot := w.snapshot(refund.Subject{Case: caseID, Payment: id})
		require.Equal(t, ledger.Credits(100), snapshot.Expired)
		// The verdict claws back 50 of the credits that expired. It is right only while exactly 100
		// are expired.
		clawback := func(expiredCredits ledger.Credits) refund.Effect {
			posting, record, err := ledger.AdjustClawback(snapshot.Wallet, snapshot.Payment.Clawback, expiredCredits, 50, w.ExpiredLot(w.Now), ledger.Cause{}, w.Now)
			require.NoError(t, err)
			after := *snapshot.Payment
			after.Clawback = record
			effect := declining(snapshot)
			effect.Payment = amending(snapshot, after)
			effect.Payment.Read.Expired, effect.Payment.Posting = expiredCredits, posting
			return effect
		}
		w.wantStale(clawback(70), "less was read to stand expired")
		w.wantStale(clawback(0), "nothing was")
		require.Equal(t, refund.StateReceived, w.CaseOf(caseID).State)
		// With what was really read the verdict passes, and since the credits were expired nobody
		// owes anything.
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), clawback(100)) }))
		require.Equal(t, ledger.Credits(50), w.Snapshot(id, alice).Expired)
		w.WantOwed(alice, 0)
		w.WantLaws(alice)
	},
	"a payment that only its provider knew is created by the verdict, once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		facts := w.Paid(w.Payment("a"), alice)
		id := w.Claims(policy.KindNotCredited, alice, facts.Payment)
		// The claim comes before the webhook. Whichever creates the payment first, the other must
		// not.
		snapshot := w.snapshot(refund.Subject{Case: id, Payment: facts.Payment})
		require.Nil(t, snapshot.Payment)
		after, _ := newPurchase(w, "a", alice)
		w.Receives(facts)
		effect := declining(snapshot)
		effect.Payment = amending(snapshot, after)
		w.wantStale(effect, "its webhook came first")
		require.Equal(t, payment.StateGranted, w.PaymentOf(facts.Payment).State)

		// And with a payment whose webhook never came: the verdict looks it up and credits it.
		late := w.Paid(w.Payment("b"), alice)
		late.Purchase.PaidAt = w.Now.Add(-2 * time.Hour)
		w.Misses(late)
		id = w.Claims(policy.KindNotCredited, alice, late.Payment)
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "G2.1")
		require.Equal(t, payment.StateGranted, w.PaymentOf(late.Payment).State)
		w.WantAvailable(alice, 100)
		// The webhook comes at last and must find nothing left to do.
		w.receive(late)
		require.Zero(t, w.Polls(), "all of it is known")
		w.WantAvailable(alice, 100)
		w.WantLaws(alice)
	}),
	"money for an output goes back of the payment that its credits came from, and its case names that": func(t *testing.T, w *World) {
		// Gift credits are drawn first, then the purchase's: money goes back only for the second
		// output.
		w = NewWorldOf(t, w.Store, "popcustoms") // whose credits are worth money
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Grants(alice, 2*395) // which nobody paid for
		w.Pass(time.Second)
		w.Receives(w.Paid(id, alice))
		gift := w.Reports(w.Generated(alice, 1), 0)
		w.Generated(alice, 1)
		caseID := w.Reports(w.Generated(alice, 1), 0)
		w.Deliver()
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 3})
		// A gift has no money behind it, so no ruling can pay any back for it.
		_, err := w.rule(gift, order)
		require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err), "no money stands behind a gift")
		_, err = w.rule(caseID, order)
		require.NoError(t, err)
		// The case of the third generation learns which payment its credits came from, and is paid
		// from that.
		w.Drain()
		require.True(t, w.CaseOf(gift).Waiting())
		c := w.CaseOf(caseID)
		require.Equal(t, refund.StateClosed, c.State)
		require.Equal(t, string(id), c.Payment)
		w.wantPaidBack(id, caseID, 3)
		w.WantAvailable(alice, 100_000-395)
		w.WantLaws(alice)
	},
	"a payment that a sweep claims while it changes loses neither step nor claim": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(payment.Facts{Payment: id, Provider: providerName, RefundedInAll: 5}) // to be looked up
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
		// Claim the step while the payment changes: the claim moves only the step's instant, so
		// both succeed.
		snapshot, item := w.Snapshot(id, alice), load()
		require.NoError(t, claim(item, 4))
		after := *snapshot.Payment
		after.RefundedInAll = 6
		require.NoError(t, w.commit(snapshot, payment.Change{After: after}), "a claim changes nothing that was read")
		current := w.PaymentOf(id)
		require.Equal(t, int64(6), current.RefundedInAll)
		require.Equal(t, 4, current.Attempts)
		require.Equal(t, todo.List{todo.StepPay: w.Now.Add(time.Minute)}, current.Todo, "the claim stands")

		// Now a step joins at the instant that the sweep read. Its claim would put off a step it
		// never saw.
		item = load()
		both := *w.Snapshot(id, alice).Payment
		both.Todo = todo.List{todo.StepPay: item.At, todo.StepRefund: item.At}
		require.NoError(t, w.commit(w.Snapshot(id, alice), payment.Change{After: both}))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error {
			return w.Store.Claim(w.ctx(), item, todo.List{todo.StepPay: w.Now.Add(time.Hour)}, 5)
		})), "a step has joined it at the same instant")
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error {
			return w.Store.Strand(w.ctx(), item, w.Now, time.Time{})
		})))
		require.Equal(t, both.Todo, w.PaymentOf(id).Todo)
	},
	"a payment whose provider never answers is listed as stuck, until it owes nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(w.Paid(id, alice))
		w.Misses(w.Refunded(id, "re_1", price, payment.RefundSucceeded))
		w.receive(payment.Facts{Payment: id, Provider: providerName, RefundedInAll: price})
		// Nobody delivers the messages, so each sweep counts as an attempt until the payment is
		// stuck.
		for sweeps := 0; stuckOf(w, alice) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Sweep()
			w.Lose()
			w.Pass(2 * time.Hour)
		}
		require.Equal(t, due.MaxAttempts, w.PaymentOf(id).Attempts)
		// A fact that settles nothing must not take the payment off the list of stuck ones.
		w.receive(w.Refunded(id, "re_0", 1, payment.RefundFailed)) // of no help
		require.Equal(t, 1, stuckOf(w, alice))
		// The messages arrive at last: the look-up finds the refund, and the payment leaves the
		// list by itself.
		w.Drain()
		require.Zero(t, stuckOf(w, alice))
		require.Nil(t, w.PaymentOf(id).Todo)
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
	},
}
