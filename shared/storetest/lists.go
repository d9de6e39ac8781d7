package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// everyPayment reads all payments page by page, and returns how often each id was listed.
func everyPayment(w *World, limit int) map[payment.ID]int {
	w.t.Helper()
	counts := map[payment.ID]int{}
	// No page but the last may be empty, and each must stay within the limit.
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page []payment.Payment
		var next string
		require.NoError(w.t, again(func() (err error) {
			page, next, err = w.Store.ListPayments(w.ctx(), cursor, limit)
			return err
		}))
		require.LessOrEqual(w.t, len(page), limit)
		require.True(w.t, len(page) > 0 || next == "", "no empty page before the last")
		for _, p := range page {
			require.NotEmpty(w.t, p.ID)
			counts[p.ID]++
		}
		cursor = next
	}
	return counts
}

// parks makes a purchase at a wrong price, which staff must look at.
func parks(w *World, name string, customer ledger.CustomerID) payment.ID {
	w.t.Helper()
	// A cent below the package's price is no price of the policy's, so nothing is granted unseen.
	facts := w.Paid(w.Payment(name), customer)
	facts.Purchase.Subtotal.Minor--
	w.Receives(facts)
	return facts.Payment
}

var listing = map[string]func(*testing.T, *World){
	"payments that wait for staff are listed, the longest wait first, until staff have decided": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		// Three parked payments, of two customers, each a minute after the last, and one duplicate.
		c := parks(w, "c", alice)
		w.Pass(time.Minute)
		a := parks(w, "a", bob)
		w.Pass(time.Minute)
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(first, alice))
		w.Pass(time.Minute)
		w.Receives(w.Paid(second, alice))
		b := parks(w, "b", alice)
		// The page size must not change the order, nor list anything twice.
		all := []payment.ID{a, b, c, first, second}
		for _, limit := range []int{1, 2, 100} {
			require.Equal(t, []payment.ID{c, a, b}, w.WaitingPayments(payment.ReviewQueueParked, limit, all...), "%d a page", limit)
			require.Equal(t, []payment.ID{second}, w.WaitingPayments(payment.ReviewQueueDuplicates, limit, all...), "%d a page", limit)
		}
		w.Resolves(a, payment.Resolution{Action: payment.ActionIgnore})
		w.Resolves(second, payment.Resolution{Action: payment.ActionIgnore})
		w.Resolves(b, payment.Resolution{Action: payment.ActionGrant})
		require.Equal(t, []payment.ID{c}, w.WaitingPayments(payment.ReviewQueueParked, 1, all...))
		w.Pass(3 * time.Hour)
		w.Receives(w.Paid(c, alice)) // at the right price, after all
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueParked, 1, a, c))
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueDuplicates, 1, second))
		w.WantLaws(alice)
	}),
	"a disputed payment is listed until its bank has an answer, the soonest due first": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		soon, later, never := w.Payment("soon"), w.Payment("later"), w.Payment("untold")
		all := []payment.ID{soon, later, never}
		due := func(id payment.ID, status payment.DisputeStatus, by time.Time) payment.Facts {
			facts := w.Disputed(id, "dp_"+string(id), 100, status)
			facts.Dispute.DueBy, facts.Dispute.Reason = by, "fraudulent"
			return facts
		}
		lists := func(disputed, contested []payment.ID) {
			t.Helper()
			for _, limit := range []int{1, 2, 100} {
				require.Equal(t, disputed, w.WaitingPayments(payment.ReviewQueueDisputed, limit, all...), "%d a page", limit)
				require.Equal(t, contested, w.WaitingPayments(payment.ReviewQueueContested, limit, all...), "%d a page", limit)
			}
		}
		none := []payment.ID{}
		for _, id := range all {
			w.Receives(w.Paid(id, alice))
			w.Pass(time.Hour)
		}
		lists(none, none)
		w.Receives(due(later, payment.DisputeOpen, w.Now.Add(9*24*time.Hour)))
		w.Receives(due(soon, payment.DisputeInquiryOpen, w.Now.Add(2*24*time.Hour)))
		w.Receives(due(never, payment.DisputeOpen, time.Time{}))
		lists([]payment.ID{never, soon, later}, none)
		require.Equal(t, w.Now.Add(2*24*time.Hour), w.PaymentOf(soon).Disputes["dp_"+string(soon)].DueBy)
		// The inquiry becomes a dispute, with more time: an event that tells no instant keeps it.
		w.Receives(due(soon, payment.DisputeOpen, w.Now.Add(20*24*time.Hour)))
		w.Receives(due(soon, payment.DisputeOpen, time.Time{}))
		lists([]payment.ID{never, later, soon}, none)
		w.Receives(due(later, payment.DisputeReview, time.Time{}))
		lists([]payment.ID{never, soon}, []payment.ID{later})
		w.Receives(due(later, payment.DisputeWon, time.Time{}))
		w.Receives(due(never, payment.DisputeLost, time.Time{}))
		lists([]payment.ID{soon}, none)
		// It waits for staff for another reason, too, and stands in both lists.
		w.Receives(w.Refunded(soon, "re_1", 300, payment.RefundSucceeded))
		w.Receives(w.Refunded(soon, "re_2", 300, payment.RefundSucceeded))
		require.Equal(t, []payment.ID{soon}, w.WaitingPayments(payment.ReviewQueueParked, 10, soon))
		lists([]payment.ID{soon}, none)
	}),
	"payments that wait since the same instant are listed each once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		mine := []payment.ID{parks(w, "a", alice), parks(w, "b", alice), parks(w, "c", alice), parks(w, "d", alice)}
		for _, limit := range []int{1, 2, 3, 100} {
			require.ElementsMatch(t, mine, w.WaitingPayments(payment.ReviewQueueParked, limit, mine...), "%d a page", limit)
		}
	},
	"a repeat that must be looked at for another reason changes the desk": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(first, alice))
		w.Pass(time.Minute)
		w.Receives(w.Paid(second, alice))
		require.Equal(t, []payment.ID{second}, w.WaitingPayments(payment.ReviewQueueDuplicates, 10, second))
		w.Receives(w.Refunded(second, "re_1", 300, payment.RefundSucceeded))
		w.Receives(w.Refunded(second, "re_2", 300, payment.RefundSucceeded)) // more than was paid
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueDuplicates, 10, second))
		require.Equal(t, []payment.ID{second}, w.WaitingPayments(payment.ReviewQueueParked, 10, second))
	}),
	"all payments are listed, each once, and nothing else that lies among them": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		require.NoError(t, settled(func() error { return w.Store.SavePollState(w.ctx(), w.suffix, payment.PollState{StartedAt: w.Now}) }))
		// Rows of other kinds lie in the same table, such as the poll state saved above.
		mine := []payment.ID{parks(w, "a", alice), parks(w, "b", alice), parks(w, "c", alice), parks(w, "d", alice), parks(w, "e", alice)}
		for _, limit := range []int{1, 2, 5, 1000} {
			counts := everyPayment(w, limit)
			for _, id := range mine {
				require.Equal(t, 1, counts[id], "%d a page", limit)
			}
		}
		require.NoError(t, again(func() error {
			payments, err := w.Store.FindPayments(w.ctx(), payment.ID("listing "+w.suffix), payment.ID("listing#"+w.suffix))
			require.Empty(t, payments)
			return err
		}))
	},
	"how far a provider was listed is kept as it was read": func(t *testing.T, w *World) {
		name := "provider-" + w.suffix
		// The poll state is one row for each provider, written only as it was read.
		load := func() (mark payment.PollState) {
			require.NoError(t, again(func() (err error) {
				mark, err = w.Store.LoadPollState(w.ctx(), name)
				return err
			}))
			return mark
		}
		save := func(mark payment.PollState) error { return w.Store.SavePollState(w.ctx(), name, mark) }
		require.Equal(t, payment.PollState{}, load())
		want := payment.PollState{CompleteThrough: w.Now, Since: w.Now.Add(-time.Hour), StartedAt: w.Now.Add(time.Hour), Cursor: "evt_1"}
		require.NoError(t, settled(func() error { return save(want) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return save(payment.PollState{Cursor: "evt_2"}) })), "another began")
		// Two pollers read the same state; only the first may save.
		item := load()
		want.Version = item.Version
		require.Equal(t, want, item)
		require.NoError(t, settled(func() error { return save(payment.PollState{CompleteThrough: w.Now, Version: item.Version}) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return save(item) })), "another went on")
		require.Empty(t, load().Cursor)
	},
	"what a webhook did not bring is heard by listing, once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		// Nine events without a webhook, more than three pages of the listing.
		w.Misses(w.Refunded(id, "re_1", price/4, payment.RefundSucceeded))
		w.Misses(w.Paid(id, alice))
		for i := range 7 { // pages of three
			w.Misses(w.Refunded(id, "re_failed", int64(i), payment.RefundFailed))
		}
		w.Pass(time.Minute)
		// What was applied though its answer was lost is no news to the repeat, and is not counted.
		misses := 0
		w.SweepUntil(func() bool {
			w.Pass(10 * time.Minute)
			news := w.Polls()
			misses += news
			return news == 0 && w.Wallet(alice).Available(w.Now) == 75
		})
		require.Positive(t, misses)
		require.LessOrEqual(t, misses, 3)
		w.Pass(time.Hour)
		require.Zero(t, w.Polls())
		w.WantLaws(alice)
	},
	"a lot is found again by the purchase that opened it": func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		by := func(customer ledger.CustomerID, lot ledger.LotID, at time.Time) (id payment.ID) {
			require.NoError(t, again(func() (err error) {
				id, err = w.Store.GrantedBy(w.ctx(), customer, lot, at)
				return err
			}))
			return id
		}
		// A gift and a purchase: only a lot that a purchase opened leads back to a payment.
		gift := w.Grants(alice, 5)
		w.Receives(w.Paid(id, alice))
		w.Receives(w.Refunded(id, "re_1", price/2, payment.RefundSucceeded)) // a line of that lot too
		at := w.PaymentOf(id).GrantedAt
		require.Equal(t, id, by(alice, id.Lot(), at))
		require.Empty(t, by(alice, gift.ID, gift.GrantedAt), "nobody paid for it")
		require.Empty(t, by(alice, w.Payment("other").Lot(), at))
		require.Empty(t, by(w.Customer("bob"), id.Lot(), at))
		require.Empty(t, by(alice, id.Lot(), at.Add(time.Millisecond)))
		require.Empty(t, by(alice, id.Lot(), w.Now.Add(-time.Millisecond)))
	},
	"wallets are found, each once, in the order asked, written or not": func(t *testing.T, w *World) {
		alice, bob, carol := w.Customer("alice"), w.Customer("bob"), w.Customer("carol")
		w.Grants(bob, 5)
		// The order of the ids is kept, an id asked for twice comes once, and an unknown one has an
		// empty wallet.
		w.Grants(alice, 7)
		var wallets []ledger.Wallet
		require.NoError(t, again(func() (err error) {
			wallets, err = w.Store.FindWallets(w.ctx(), carol, bob, alice, bob)
			return err
		}))
		require.Equal(t, []ledger.Wallet{{Customer: carol, Standing: ledger.StandingGood}, w.Wallet(bob), w.Wallet(alice)}, wallets)
	},
	"a decision about a payment alone reads the wallet of its customer": func(t *testing.T, w *World) {
		alice, bob, id := w.Customer("alice"), w.Customer("bob"), w.Payment("a")
		w.Receives(w.Paid(id, alice))
		// A claim's case belongs to its customer, who need not be the payment's.
		snapshot := w.snapshot(refund.Subject{Case: refund.NewCaseID(alice.Key(), policy.KindDuplicateCharge, string(id)), Payment: id})
		require.Equal(t, w.Wallet(alice), snapshot.Wallet)
		require.Equal(t, id, snapshot.Purchases[0].ID)
		w.Grants(bob, 1)
		snapshot = w.snapshot(refund.Subject{Case: refund.NewCaseID(bob.Key(), policy.KindDuplicateCharge, string(id)), Payment: id})
		require.Empty(t, snapshot.Purchases, "they are another's")
		carol := w.Customer("carol")
		open := parks(w, "b", carol)
		snapshot = w.snapshot(refund.Subject{Case: refund.NewCaseID(carol.Key(), policy.KindNotCredited, string(open)), Payment: open})
		require.Equal(t, ledger.Wallet{Customer: carol, Standing: ledger.StandingGood}, snapshot.Wallet, "nobody has written it")
	},
	"an outage is declared once, and changed as it was read": func(t *testing.T, w *World) {
		o := outage.Outage{
			ID: outage.NewID("staff", w.suffix), StartedAt: w.Now.Add(-50 * time.Hour), EndedAt: w.Now, Features: []string{"recolor"},
			PreventedUse: true, DeclaredAt: w.Now, Input: "hash",
		}
		find := func() (row *outage.Outage) {
			require.NoError(t, again(func() (err error) {
				row, err = w.Store.FindOutage(w.ctx(), o.ID)
				return err
			}))
			return row
		}
		require.Nil(t, find())
		// Declaring twice returns the first outage: the same id is the same declaration.
		var current *outage.Outage
		for range 2 {
			require.NoError(t, again(func() (err error) {
				current, err = w.Store.DeclareOutage(w.ctx(), o)
				return err
			}))
		}
		before := *find()
		require.Equal(t, before, *current)
		want := o
		want.Version = before.Version
		require.Equal(t, want, before)
		// Two runs start from the same read; only the first is recorded.
		next := before
		next.Run, next.Todo = &outage.Run{StartedAt: w.Now, Page: 1, Cursor: "c"}, todo.List{todo.StepRun: w.Now.Add(time.Minute)}
		require.NoError(t, settled(func() error { return w.Store.CommitOutage(w.ctx(), next) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.CommitOutage(w.ctx(), next) })))
		require.Equal(t, next.Todo, find().Todo)
		require.Equal(t, next.Run, find().Run)
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return find().Attempts > 0 })
		final := *find()
		final.Run.DoneAt, final.Todo, final.Attempts = w.Now, nil, 0
		require.NoError(t, settled(func() error { return w.Store.CommitOutage(w.ctx(), final) }))
		w.Pass(2 * time.Hour)
		w.Nudge()
		require.NoError(t, again(func() error {
			overdue, _, err := w.Store.Overdue(w.ctx(), w.Now, due.MaxItems)
			for _, key := range overdue {
				require.NotEqual(t, string(o.ID), key.Partition)
			}
			return err
		}))
	},
	"the latest outages are in view, the newest first": func(t *testing.T, w *World) {
		// Outages belong to no customer, so this story moves to an hour that no other story uses.
		w.Now = w.Now.Add(time.Duration(worlds.Load()) * 100 * 365 * time.Hour) // later than those of every other story
		var want []outage.ID
		for i := range outage.Max + 2 {
			o := outage.Outage{ID: outage.NewID(w.suffix, w.Key()), StartedAt: w.Now, DeclaredAt: w.Now.Add(time.Duration(i) * time.Second)}
			require.NoError(t, again(func() error {
				_, err := w.Store.DeclareOutage(w.ctx(), o)
				return err
			}))
			want = append([]outage.ID{o.ID}, want...)
		}
		var page []outage.Outage
		require.NoError(t, again(func() (err error) {
			page, err = w.Store.Outages(w.ctx())
			return err
		}))
		require.Equal(t, want[:outage.Max], idsOfOutages(page))
		var ids []outage.ID
		var after *outage.Position
		for more := true; more && len(ids) < len(want); { // behind them are those of other stories
			var page []outage.Outage
			require.NoError(t, again(func() (err error) {
				page, more, err = w.Store.ListOutages(w.ctx(), after, 20)
				return err
			}))
			require.LessOrEqual(t, len(page), 20)
			ids = append(ids, idsOfOutages(page)...)
			last := page[len(page)-1].Position()
			after = &last
		}
		require.Equal(t, want, ids[:len(want)])
	},
}

func idsOfOutages(all []outage.Outage) (ids []outage.ID) {
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return ids
}
