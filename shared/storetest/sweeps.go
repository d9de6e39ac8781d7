package storetest

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// overdue returns the message that a hold has no result in time.
func overdue(id generation.ID) message.RefundRequested {
	return message.NewTechnicalFailure(string(id), message.ReasonOverdue)
}

// requested returns the request to decide a case.
func requested(id refund.CaseID) message.RefundRequested {
	return message.NewCaseRequested(string(id), "", "")
}

// stuckOf counts the customer's items that are listed as stuck.
func stuckOf(w *World, customer ledger.CustomerID) int {
	w.t.Helper()
	// Others' items share the list, so the whole list is read and the customer's are picked.
	w.Nudge()
	var stuck []due.Item
	require.NoError(w.t, again(func() (err error) {
		stuck, _, err = w.Store.Stuck(w.ctx(), nil, 5*due.MaxItems)
		return err
	}))
	n := 0
	for _, item := range stuck {
		if item.Customer == customer {
			n++
		}
	}
	return n
}

// stuckPages returns the customer's stuck items in the order of the list, page by page.
func stuckPages(w *World, customer ledger.CustomerID, limit int) (mine []due.Item) {
	w.t.Helper()
	var before, next *due.Position
	// Each page must lie wholly behind the last one, whatever its size.
	for range 10 * due.MaxItems {
		var page []due.Item
		require.NoError(w.t, again(func() (err error) {
			page, next, err = w.Store.Stuck(w.ctx(), before, limit)
			return err
		}))
		require.LessOrEqual(w.t, len(page), limit)
		for _, item := range page {
			require.True(w.t, before == nil || item.Position().Compare(*before) > 0, "longest first")
			if item.Customer == customer {
				mine = append(mine, item)
			}
		}
		// The cursor and not an empty page ends the list: a page may hold others' items alone.
		if next == nil {
			return mine
		}
		before = next
	}
	require.Fail(w.t, "a list that never ends")
	return nil
}

var sweepStories = map[string]func(*testing.T, *World){
	"a purchase that was parked for want of room is granted when room comes, by no news": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		w.Fills(alice)
		w.Receives(w.Paid(id, alice))
		// More sweeps than an item has attempts: waiting for room must not count as failing.
		sweeps := func(times int) {
			for range times {
				w.Pass(2 * time.Hour)
				w.Nudge()
				w.Sweep()
				w.Drain()
			}
		}
		sweeps(due.MaxAttempts + 3)
		require.Equal(t, payment.ReasonWalletFull, w.PaymentOf(id).Waits())
		require.Zero(t, stuckOf(w, alice), "however often there was no room")
		// Seventeen pictures spend 51 credits, which makes room for 50.
		for range 17 {
			w.Settles(w.Starts(alice, 1), w.Success(-1)) // 3 credits each
		}
		w.SweepUntil(func() bool {
			w.Drain()
			return w.PaymentOf(id).State == payment.StateGranted
		})
		w.WantAvailable(alice, ledger.MaxCredits-1)
		require.Empty(t, w.PaymentOf(id).Todo)
		require.Empty(t, w.PaymentOf(id).Waits())
		w.WantLaws(alice)
	}),
	"a purchase is granted at once beside as many free lots as there may be": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// As many lots as a wallet may hold, each with a term of its own, so that none merge.
		for n := range ledger.MaxLots {
			w.Grants(alice, 1, time.Duration(n+1)*time.Hour)
		}
		expires := w.Now.Add(100 * time.Hour)
		order := w.gift(alice, 1)
		order.ExpiresAt = &expires
		err := again(func() error {
			_, err := grant.Granter{Store: w.Store}.Give(w.ctx(), order, w.Now)
			return err
		})
		require.Equal(t, ledger.CodeTooManyLots, fault.CodeOf(err))
		// A gift is refused, but a purchase was paid: it merges or finds room.
		for n := range 5 {
			id := w.Payment(strconv.Itoa(n))
			w.Receives(w.Paid(id, alice))
			require.Equal(t, payment.StateGranted, w.PaymentOf(id).State)
			w.Pass(time.Hour) // the term of each is another
		}
		w.WantLaws(alice)
	}),
	"what is stuck is listed page by page, each once, the longest first": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 40)
		// Five holds whose results never come, given up one day after another.
		for range 5 {
			w.Starts(alice, 1)
			w.Pass(24 * time.Hour) // so that they are given up one after another
		}
		for sweeps := 0; stuckOf(w, alice) < 5; sweeps++ {
			require.Less(t, sweeps, 20*due.MaxAttempts, "an item that is never given up")
			w.Sweep()
			w.Lose()
			w.Pass(2 * time.Hour)
		}
		want := stuckPages(w, alice, 10*due.MaxItems)
		require.Len(t, want, 5)
		require.True(t, slices.IsSortedFunc(want, func(a, b due.Item) int { return a.At.Compare(b.At) }))
		for _, limit := range []int{1, 2, 5} {
			require.Equal(t, want, stuckPages(w, alice, limit), "%d a page", limit)
		}
	},
	"a hold whose result never came is given back after its deadline, and a late success changes nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		// Before the deadline the sweep leaves it alone.
		w.Nudge()
		w.Sweep()
		require.Zero(t, w.Deliver(), "not due yet")
		w.Now = w.Generation(id).Deadline
		w.SweepUntil(func() bool { return w.Generation(id).Held() == 0 })
		w.WantState(id, generation.StateReleased)
		require.Equal(t, generation.CodeOverdue, w.Generation(id).Failure().Code)
		require.Equal(t, "R1", w.Case(id).Decision.Clause)
		// The worker's success comes after the credits went back: it is noted and moves nothing.
		w.Settles(id, w.Success(-1))
		require.Equal(t, generation.StatusSucceeded, w.Generation(id).Late.Status)
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"a failure whose message was lost is asked about again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Failure(generation.CausePlatform))
		w.Lose()
		w.SweepUntil(func() bool { return w.Generation(id).Held() == 0 })
		w.WantState(id, generation.StateReleased)
		w.WantAvailable(alice, 4)
	},
	"two sweeps at once claim an item once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Now = w.Generation(id).Deadline
		key := due.Key{Kind: todo.KindGeneration, Partition: alice.Key(), Sort: string(id), At: w.Now}
		var item *due.Item
		require.NoError(t, again(func() (err error) {
			item, err = w.Store.LoadItem(w.ctx(), key)
			return err
		}))
		// Both sweeps hold the item as it was due. The second claim finds another due instant.
		claim := func() error {
			return again(func() error {
				return w.Store.Claim(w.ctx(), *item, todo.List{todo.StepSettle: w.Now.Add(time.Minute)}, 1)
			})
		}
		if err := claim(); err != nil {
			require.Equal(t, fault.KindStale, fault.KindOf(err), "its answer was lost: it was claimed all the same")
		}
		require.Equal(t, fault.KindStale, fault.KindOf(claim()))
		require.Equal(t, 1, w.Generation(id).Attempts)
	},
	"after twelve attempts an item leaves the index and is listed as stuck": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Now = w.Generation(id).Deadline
		// Every message is lost, so each sweep uses up an attempt.
		for sweeps := 0; stuckOf(w, alice) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Sweep()
			w.Lose()
			w.Pass(2 * time.Hour)
		}
		require.Equal(t, due.MaxAttempts, w.Generation(id).Attempts)
		w.WantState(id, generation.StateHeld)
		w.WantLaws(alice) // what is stuck is held all the same
		// A person's request still decides it: stuck means that nobody comes by itself.
		require.NoError(t, w.Request(w.ctx(), overdue(id)), "a person asks")
		w.Deliver()
		w.WantState(id, generation.StateReleased)
		require.Zero(t, stuckOf(w, alice))
		w.WantLaws(alice)
	},
	"a wallet that got stuck wakes again by itself": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 3, time.Hour)
		w.Grants(alice, 5)
		w.Pass(time.Hour)
		w.Nudge()
		key := due.Key{Kind: todo.KindWallet, Partition: alice.Key()}
		// Claim it as the twelfth sweep would, until it counts as stuck.
		for stuck := false; !stuck; {
			var keys []due.Key
			require.NoError(t, again(func() (err error) {
				keys, _, err = w.Store.Overdue(w.ctx(), w.Now, due.MaxItems)
				return err
			}))
			for _, other := range keys {
				if other.Kind == todo.KindWallet && other.Partition == alice.Key() {
					key.Sort = other.Sort
				}
			}
			var item *due.Item
			require.NoError(t, again(func() (err error) {
				item, err = w.Store.LoadItem(w.ctx(), key)
				return err
			}))
			// Somebody claims it again and again, and never posts the expiry.
			err := again(func() error {
				return w.Store.Claim(w.ctx(), *item, todo.List{todo.StepExpiry: item.At.Add(time.Millisecond)}, due.MaxAttempts)
			})
			stuck = err == nil
		}
		w.SweepUntil(func() bool { w.Pass(time.Hour); return len(w.Wallet(alice).Lots) == 1 })
		w.WantAvailable(alice, 5)
		w.WantLaws(alice)
		require.Zero(t, stuckOf(w, alice))
	},
	"lots expire by themselves, and the wallet sleeps until the next": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 3, time.Hour)
		w.Grants(alice, 5, 3*time.Hour)
		w.Grants(alice, 7)
		// The first lot expires, then the second; the third never does, so nothing is due any more.
		w.Pass(time.Hour)
		w.SweepUntil(func() bool { return len(w.Wallet(alice).Lots) == 2 })
		w.WantAvailable(alice, 12)
		w.WantLaws(alice)
		w.Pass(2 * time.Hour)
		w.SweepUntil(func() bool { return len(w.Wallet(alice).Lots) == 1 })
		w.WantAvailable(alice, 7)
		w.WantLaws(alice)
		w.Nudge()
		w.Pass(24 * time.Hour)
		for range 3 { // a fault may leave the last word to the next sweep
			w.Sweep()
		}
		w.Nudge()
		var overdue []due.Key
		require.NoError(t, again(func() (err error) {
			overdue, _, err = w.Store.Overdue(w.ctx(), w.Now, due.MaxItems)
			return err
		}))
		for _, key := range overdue {
			require.NotEqual(t, alice.Key(), key.Partition, "a wallet that never expires owes nothing")
		}
	},
}
