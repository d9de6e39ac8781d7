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

// everyPayment reads all payments page by page, and returns how many of them are of each id.
func everyPayment(w *World, limit int) map[payment.ID]int {
	w.t.Helper()
	seen := map[payment.ID]int{}
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
			seen[p.ID]++
		}
		cursor = next
	}
	return seen
}

// parks makes a purchase that staff must look at.
func parks(w *World, name string, customer ledger.CustomerID) payment.ID {
	w.t.Helper()
	facts := w.Paid(w.Payment(name), customer)
	facts.Purchase.Subtotal.Minor--
	w.Hears(facts)
	return facts.Payment
}

var listing = map[string]func(*testing.T, *World){
	"payments that wait for staff are listed, the longest wait first, until staff have decided": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		c := parks(w, "c", alice)
		w.Pass(time.Minute)
		a := parks(w, "a", bob)
		w.Pass(time.Minute)
		first, second := w.Payment("first"), w.Payment("second")
		w.Hears(w.Paid(first, alice))
		w.Pass(time.Minute)
		w.Hears(w.Paid(second, alice))
		b := parks(w, "b", alice)
		all := []payment.ID{a, b, c, first, second}
		for _, limit := range []int{1, 2, 100} {
			require.Equal(t, []payment.ID{c, a, b}, w.WaitingPayments(payment.DeskParked, limit, all...), "%d a page", limit)
			require.Equal(t, []payment.ID{second}, w.WaitingPayments(payment.DeskRepeated, limit, all...), "%d a page", limit)
		}
		w.Resolves(a, payment.Resolution{Action: payment.ActionIgnore})
		w.Resolves(second, payment.Resolution{Action: payment.ActionIgnore})
		w.Resolves(b, payment.Resolution{Action: payment.ActionGrant})
		require.Equal(t, []payment.ID{c}, w.WaitingPayments(payment.DeskParked, 1, all...))
		w.Pass(3 * time.Hour)
		w.Hears(w.Paid(c, alice)) // at the right price, after all
		require.Empty(t, w.WaitingPayments(payment.DeskParked, 1, a, c))
		require.Empty(t, w.WaitingPayments(payment.DeskRepeated, 1, second))
		w.WantLaws(alice)
	}),
	"payments that wait since the same instant are listed each once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		mine := []payment.ID{parks(w, "a", alice), parks(w, "b", alice), parks(w, "c", alice), parks(w, "d", alice)}
		for _, limit := range []int{1, 2, 3, 100} {
			require.ElementsMatch(t, mine, w.WaitingPayments(payment.DeskParked, limit, mine...), "%d a page", limit)
		}
	},
	"a repeat that must be looked at for another reason changes the desk": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		w.Hears(w.Paid(first, alice))
		w.Pass(time.Minute)
		w.Hears(w.Paid(second, alice))
		require.Equal(t, []payment.ID{second}, w.WaitingPayments(payment.DeskRepeated, 10, second))
		w.Hears(w.Refunded(second, "re_1", 300, payment.RefundSucceeded))
		w.Hears(w.Refunded(second, "re_2", 300, payment.RefundSucceeded)) // more than was paid
		require.Empty(t, w.WaitingPayments(payment.DeskRepeated, 10, second))
		require.Equal(t, []payment.ID{second}, w.WaitingPayments(payment.DeskParked, 10, second))
	}),
	"all payments are listed, each once, and nothing else that lies among them": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		require.NoError(t, settled(func() error { return w.Store.SaveMark(w.ctx(), w.suffix, payment.Mark{StartedAt: w.Now}) }))
		mine := []payment.ID{parks(w, "a", alice), parks(w, "b", alice), parks(w, "c", alice), parks(w, "d", alice), parks(w, "e", alice)}
		for _, limit := range []int{1, 2, 5, 1000} {
			seen := everyPayment(w, limit)
			for _, id := range mine {
				require.Equal(t, 1, seen[id], "%d a page", limit)
			}
		}
		require.NoError(t, again(func() error {
			found, err := w.Store.FindPayments(w.ctx(), payment.ID("listing "+w.suffix), payment.ID("listing#"+w.suffix))
			require.Empty(t, found)
			return err
		}))
	},
	"how far a provider was listed is kept as it was read": func(t *testing.T, w *World) {
		name := "provider-" + w.suffix
		load := func() (mark payment.Mark) {
			require.NoError(t, again(func() (err error) {
				mark, err = w.Store.LoadMark(w.ctx(), name)
				return err
			}))
			return mark
		}
		save := func(mark payment.Mark) error { return w.Store.SaveMark(w.ctx(), name, mark) }
		require.Equal(t, payment.Mark{}, load())
		want := payment.Mark{Through: w.Now, Since: w.Now.Add(-time.Hour), StartedAt: w.Now.Add(time.Hour), Cursor: "evt_1"}
		require.NoError(t, settled(func() error { return save(want) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return save(payment.Mark{Cursor: "evt_2"}) })), "another began")
		read := load()
		want.Version = read.Version
		require.Equal(t, want, read)
		require.NoError(t, settled(func() error { return save(payment.Mark{Through: w.Now, Version: read.Version}) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return save(read) })), "another went on")
		require.Empty(t, load().Cursor)
	},
	"what a webhook did not bring is heard by listing, once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Misses(w.Refunded(id, "re_1", price/4, payment.RefundSucceeded))
		w.Misses(w.Paid(id, alice))
		for i := range 7 { // pages of three
			w.Misses(w.Refunded(id, "re_failed", int64(i), payment.RefundFailed))
		}
		w.Pass(time.Minute)
		missed := 0
		w.SweepUntil(func() bool { w.Pass(10 * time.Minute); missed += w.Listens(); return missed >= 3 })
		w.WantAvailable(alice, 75)
		w.Pass(time.Hour)
		require.Zero(t, w.Listens())
		w.WantLaws(alice)
	},
	"a lot is found again by the purchase that opened it": func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		by := func(customer ledger.CustomerID, lot ledger.LotID, at time.Time) (found payment.ID) {
			require.NoError(t, again(func() (err error) {
				found, err = w.Store.GrantedBy(w.ctx(), customer, lot, at)
				return err
			}))
			return found
		}
		gift := w.Grants(alice, 5)
		w.Hears(w.Paid(id, alice))
		w.Hears(w.Refunded(id, "re_1", price/2, payment.RefundSucceeded)) // a line of that lot too
		granted := w.PaymentOf(id).GrantedAt
		require.Equal(t, id, by(alice, id.Lot(), granted))
		require.Empty(t, by(alice, gift.ID, gift.GrantedAt), "nobody paid for it")
		require.Empty(t, by(alice, w.Payment("other").Lot(), granted))
		require.Empty(t, by(w.Customer("bob"), id.Lot(), granted))
		require.Empty(t, by(alice, id.Lot(), granted.Add(time.Millisecond)))
		require.Empty(t, by(alice, id.Lot(), w.Now.Add(-time.Millisecond)))
	},
	"wallets are found, each once, in the order asked, written or not": func(t *testing.T, w *World) {
		alice, bob, carol := w.Customer("alice"), w.Customer("bob"), w.Customer("carol")
		w.Grants(bob, 5)
		w.Grants(alice, 7)
		var found []ledger.Wallet
		require.NoError(t, again(func() (err error) {
			found, err = w.Store.FindWallets(w.ctx(), carol, bob, alice, bob)
			return err
		}))
		require.Equal(t, []ledger.Wallet{{Customer: carol, Standing: ledger.StandingGood}, w.Wallet(bob), w.Wallet(alice)}, found)
	},
	"a decision about a payment alone reads the wallet of its customer": func(t *testing.T, w *World) {
		alice, bob, id := w.Customer("alice"), w.Customer("bob"), w.Payment("a")
		w.Hears(w.Paid(id, alice))
		read := w.snapshot(refund.Subject{Case: refund.NewCaseID(alice.Key(), policy.KindDuplicateCharge, string(id)), Payment: id})
		require.Equal(t, w.Wallet(alice), read.Wallet)
		require.Equal(t, id, read.Purchases[0].ID)
		w.Grants(bob, 1)
		read = w.snapshot(refund.Subject{Case: refund.NewCaseID(bob.Key(), policy.KindDuplicateCharge, string(id)), Payment: id})
		require.Empty(t, read.Purchases, "they are another's")
		carol := w.Customer("carol")
		parked := parks(w, "b", carol)
		read = w.snapshot(refund.Subject{Case: refund.NewCaseID(carol.Key(), policy.KindNotCredited, string(parked)), Payment: parked})
		require.Equal(t, ledger.Wallet{Customer: carol, Standing: ledger.StandingGood}, read.Wallet, "nobody has written it")
	},
	"an outage is declared once, and changed as it was read": func(t *testing.T, w *World) {
		declared := outage.Outage{
			ID: outage.NewID("staff", w.suffix), StartedAt: w.Now.Add(-50 * time.Hour), EndedAt: w.Now, Features: []string{"recolor"},
			PreventedUse: true, DeclaredAt: w.Now, Input: "hash",
		}
		find := func() (found *outage.Outage) {
			require.NoError(t, again(func() (err error) {
				found, err = w.Store.FindOutage(w.ctx(), declared.ID)
				return err
			}))
			return found
		}
		require.Nil(t, find())
		var stands *outage.Outage
		for range 2 {
			require.NoError(t, again(func() (err error) {
				stands, err = w.Store.DeclareOutage(w.ctx(), declared)
				return err
			}))
		}
		read := *find()
		require.Equal(t, read, *stands)
		want := declared
		want.Version = read.Version
		require.Equal(t, want, read)
		running := read
		running.Run, running.Todo = &outage.Run{StartedAt: w.Now, Page: 1, Cursor: "c"}, todo.List{todo.StepRun: w.Now.Add(time.Minute)}
		require.NoError(t, settled(func() error { return w.Store.CommitOutage(w.ctx(), running) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.CommitOutage(w.ctx(), running) })))
		require.Equal(t, running.Todo, find().Todo)
		require.Equal(t, running.Run, find().Run)
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { return find().Attempts > 0 })
		done := *find()
		done.Run.DoneAt, done.Todo, done.Attempts = w.Now, nil, 0
		require.NoError(t, settled(func() error { return w.Store.CommitOutage(w.ctx(), done) }))
		w.Pass(2 * time.Hour)
		w.Nudge()
		require.NoError(t, again(func() error {
			overdue, err := w.Store.Overdue(w.ctx(), w.Now, due.MaxItems)
			for _, key := range overdue {
				require.NotEqual(t, string(declared.ID), key.Partition)
			}
			return err
		}))
	},
	"the latest outages are in view, the newest first": func(t *testing.T, w *World) {
		w.Now = w.Now.Add(time.Duration(worlds.Load()) * 100 * 365 * time.Hour) // later than those of every other story
		var want []outage.ID
		for i := range outage.Max + 2 {
			declared := outage.Outage{ID: outage.NewID(w.suffix, w.Key()), StartedAt: w.Now, DeclaredAt: w.Now.Add(time.Duration(i) * time.Second)}
			require.NoError(t, again(func() error {
				_, err := w.Store.DeclareOutage(w.ctx(), declared)
				return err
			}))
			want = append([]outage.ID{declared.ID}, want...)
		}
		var found []outage.Outage
		require.NoError(t, again(func() (err error) {
			found, err = w.Store.Outages(w.ctx())
			return err
		}))
		require.Equal(t, want[:outage.Max], idsOfOutages(found))
		var paged []outage.ID
		var after *outage.Position
		for more := true; more && len(paged) < len(want); { // behind them are those of other stories
			var page []outage.Outage
			require.NoError(t, again(func() (err error) {
				page, more, err = w.Store.ListOutages(w.ctx(), after, 20)
				return err
			}))
			require.LessOrEqual(t, len(page), 20)
			paged = append(paged, idsOfOutages(page)...)
			last := page[len(page)-1].Position()
			after = &last
		}
		require.Equal(t, want, paged[:len(want)])
	},
}

func idsOfOutages(all []outage.Outage) (ids []outage.ID) {
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return ids
}
