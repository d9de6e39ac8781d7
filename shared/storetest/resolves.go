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

// NewWorldAuto returns a world over the store with goopter's policy, except that double charges
// are paid back by the system.
func NewWorldAuto(t TB, store Store) *World {
	t.Helper()
	w := NewWorldOf(t, store, "goopter")
	revision := w.At(w.Now)
	// The revision is changed in place of a policy file of its own, which would have to be kept up.
	revision.Duplicates.Auto = true
	p, err := policy.New(revision)
	require.NoError(t, err)
	w.Policy = p
	return w
}

// duplicate returns the case id of a double charge.
func duplicate(customer ledger.CustomerID, id payment.ID) refund.CaseID {
	return refund.NewCaseID(customer.Key(), policy.KindDuplicateCharge, string(id))
}

var resolveStories = map[string]func(*testing.T, *World){
	"a parked payment is granted, refunded or left alone, as staff decide, once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		toGrant, toRefund, toIgnore := parks(w, "granted", alice), parks(w, "refunded", alice), parks(w, "ignored", alice)
		w.WantAvailable(alice, 0)
		orders := map[payment.ID]payment.Order{
			toGrant: w.resolution(payment.ActionGrant), toRefund: w.resolution(payment.ActionRefund), toIgnore: w.resolution(payment.ActionIgnore),
		}
		first := map[payment.ID]payment.Payment{}
		// The second time each is a replay, which must answer as the first did.
		for range 2 { // the second time is a replay
			for id, order := range orders {
				result, err := w.orders(id, order)
				require.NoError(t, err)
				// These fields go on changing after the answer, so they are no part of it.
				result.Answer.Todo, result.Answer.Resolutions, result.Answer.KnownAt = nil, nil, nil // none is the first answer's to keep
				if was, replay := first[id]; replay {
					require.True(t, result.Answer.Equal(was), "%+v is not the first answer %+v", result.Answer, was)
				}
				first[id] = result.Answer
			}
			w.Drain()
		}
		w.WantAvailable(alice, 50)
		require.Equal(t, payment.StateGranted, w.PaymentOf(toGrant).State)
		require.Equal(t, payment.StateParked, w.PaymentOf(toRefund).State)
		require.Equal(t, int64(500), w.PaymentOf(toRefund).RefundTotal())
		var sum int64
		for _, minor := range w.Provider.paidBack(toRefund) {
			sum += minor
		}
		require.Equal(t, int64(500), sum)
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueParked, 10, toGrant, toRefund, toIgnore))
		_, err := w.resolve(toIgnore, payment.Resolution{Action: payment.ActionGrant})
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
		w.WantLaws(alice)
	}),
	"staff on a stale screen resolve nothing that they did not see": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Receives(w.Paid(w.Payment("first"), alice))
		w.Pass(time.Minute)
		id := parks(w, "a", alice)
		// Staff saw one reason; by the time that they order it is another. The order names what
		// they saw.
		stale := w.resolution(payment.ActionRefund) // ordered of the parked one
		p := w.Snapshot(id, alice)
		after := *p.Payment
		after.Parked = payment.ReasonWrongCurrency
		require.NoError(t, settled(func() error { return w.Store.CommitPayment(w.ctx(), p, payment.Change{After: after}) }))
		_, err := w.orders(id, stale)
		var refusal *fault.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, []any{payment.CodeReasonChanged, string(payment.ReasonWrongCurrency)}, []any{refusal.Code, refusal.Waits})
		require.Empty(t, w.PaymentOf(id).Promised)
	}),
	"credits given for money that never came are taken back by staff, and what is spent is owed": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		moneyIs := func(status payment.Status) {
			facts := w.Paid(id, alice)
			facts.Purchase.Status = status
			w.Receives(facts)
		}
		// Staff vouch for money that is on its way. One picture is used, then the money fails.
		moneyIs(payment.StatusUnpaid)
		w.Resolves(id, payment.Resolution{Action: payment.ActionGrant})
		w.Uses(alice, 1)
		moneyIs(payment.StatusFailed)
		// Taking back twice takes once. Three credits are spent already and become owed.
		for range 2 {
			_, _ = w.resolve(id, payment.Resolution{Action: payment.ActionTakeBack})
			w.WantAvailable(alice, 0)
			w.WantOwed(alice, 3)
		}
		require.Empty(t, w.PaymentOf(id).Waits())
		// The money comes after all, and pays the debt.
		moneyIs(payment.StatusPaid)
		w.WantAvailable(alice, 47)
		w.WantOwed(alice, 0)
		w.WantLaws(alice)
	}),
	"a purchase without a name is granted to whom staff name": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// A checkout can name anything. A name that is no customer id is kept for staff to read.
		facts := w.Paid(w.Payment("a"), "Alice / 42")
		w.Receives(facts)
		require.Equal(t, payment.ReasonNoCustomer, w.PaymentOf(facts.Payment).Waits())
		require.Equal(t, "Alice / 42", w.PaymentOf(facts.Payment).Purchase.Named)
		w.Resolves(facts.Payment, payment.Resolution{Action: payment.ActionGrant, Customer: alice})
		w.WantAvailable(alice, 50)
		w.Receives(facts)
		w.Receives(w.Refunded(facts.Payment, "re_1", 250, payment.RefundSucceeded))
		w.WantAvailable(alice, 25)
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueParked, 10, facts.Payment))
		w.WantLaws(alice)
	}),
	"a parked payment whose money the provider will not give back waits for staff again": inGoopter(func(t *testing.T, w *World) {
		id := parks(w, "a", w.Customer("alice"))
		w.Resolves(id, payment.Resolution{Action: payment.ActionRefund})
		// The provider refuses once. Staff see it again, and the second refund goes through.
		w.Provider.Has(FaultRefusal)
		w.Drain()
		require.Equal(t, payment.ReasonNotRefunded, w.PaymentOf(id).Waits())
		require.Equal(t, []payment.ID{id}, w.WaitingPayments(payment.ReviewQueueParked, 10, id))
		w.Resolves(id, payment.Resolution{Action: payment.ActionRefund})
		w.Drain()
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueParked, 10, id))
		require.Len(t, w.Provider.paidBack(id), 1)
	}),
	"staff have a repeat paid back, by the case that a claim would have": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(first, alice))
		// Both at one instant: each is the other's duplicate until one is refunded.
		w.Receives(w.Paid(second, alice)) // in one second: either repeats the other
		require.Len(t, w.WaitingPayments(payment.ReviewQueueDuplicates, 10, first, second), 2)
		w.Resolves(second, payment.Resolution{Action: payment.ActionRefund})
		w.settlesBack(duplicateOpened(w, alice, second))
		w.wantPaidBack(second, duplicate(alice, second), 500)
		w.WantVerdict(duplicate(alice, second), refund.StateClosed, "G2.2")
		w.WantAvailable(alice, 50)
		// A claim about the first must now find that the second has gone back.
		w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Drain()
		require.NotEqual(t, refund.StateClosed, w.CaseOf(duplicate(alice, first)).State, "of two, one is paid back")
		w.wantPaidBack(first, duplicate(alice, first), 0)
		w.WantLaws(alice)
	}),
	"where the policy says so, a double charge is paid back unasked, and a claim of it finds that": func(t *testing.T, w *World) {
		w = NewWorldAuto(t, w.Store)
		alice := w.Customer("alice")
		first, second := w.Paid(w.Payment("first"), alice), w.Paid(w.Payment("second"), alice)
		second.Purchase.PaidAt = w.Now.Add(time.Second)
		w.Pass(time.Minute)
		// The later charge arrives first, so the duplicate is known only when the earlier one
		// comes.
		w.Receives(second) // the later one comes first
		w.Receives(first)
		w.settlesBack(duplicateOpened(w, alice, second.Payment))
		w.WantVerdict(duplicate(alice, second.Payment), refund.StateClosed, "G2.2")
		w.wantPaidBack(second.Payment, duplicate(alice, second.Payment), 500)
		require.Empty(t, w.WaitingPayments(payment.ReviewQueueParked, 10, first.Payment, second.Payment))
		w.WantAvailable(alice, 50)
		request := w.claim(policy.KindDuplicateCharge, alice, second.Payment)
		err := again(func() error {
			_, err := w.Claimer().File(w.ctx(), request, w.Now)
			return err
		})
		require.Equal(t, string(duplicate(alice, second.Payment)), caseIn(err))
		w.WantLaws(alice)
	},
	"a double charge of which credits are spent waits for a person, also unasked": func(t *testing.T, w *World) {
		w = NewWorldAuto(t, w.Store)
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(first, alice))
		w.Uses(alice, 16)
		w.Pass(time.Minute)
		w.Receives(w.Paid(second, alice))
		// Two credits are drawn from the first purchase and one from the second, so the second is
		// no longer whole.
		w.Uses(alice, 1) // two credits of the first, one of the second
		w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(duplicate(alice, second)) != nil })
		w.WantVerdict(duplicate(alice, second), refund.StateInReview, "G2.2")
		w.wantPaidBack(second, duplicate(alice, second), 0)
		w.Rules(duplicate(alice, second), policy.OutcomeApproved)
		w.Deliver()
		w.settlesBack(duplicate(alice, second))
		w.WantVerdict(duplicate(alice, second), refund.StateClosed, "G2.2")
		w.WantAvailable(alice, 0)
		w.WantOwed(alice, 0) // what was spent of it is not taken
		w.WantLaws(alice)
	},
	"an outage pays each purchase that it met its unspent share, once, though the run is cut off": inGoopter(func(t *testing.T, w *World) {
		alice, bob, carol := w.Customer("alice"), w.Customer("bob"), w.Customer("carol")
		old, half, empty := w.Payment("old"), w.Payment("half"), w.Payment("spent")
		w.Receives(w.Paid(old, alice))
		w.Receives(w.Paid(half, bob))
		w.Receives(w.Paid(empty, carol))
		// Alice has spent nothing, bob 30 of 50 credits, carol 48.
		w.Uses(bob, 10) // 30 of 50
		w.Uses(carol, 16)
		began := w.Now
		w.Pass(49 * time.Hour)
		o := w.Declares(began, w.Now)
		require.GreaterOrEqual(t, o.Preview.Purchases, 3)
		w.MakesGood(o.ID, outage.GiveMoney)
		// The message of the first page is lost, so a sweep starts the run again.
		w.Lose() // the message of the first page
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool {
			w.Runs()
			row := w.outage(o.ID)
			return row.Run.Page > 1 || !row.Run.DoneAt.IsZero()
		})
		// Staff press the button a second time while the run goes on.
		w.MakesGood(o.ID, outage.GiveMoney) // staff press again
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(o.ID).Run.DoneAt.IsZero() })
		w.Drain()
		sums := map[payment.ID]int64{}
		for _, id := range []payment.ID{old, half, empty} {
			for _, minor := range w.Provider.paidBack(id) {
				sums[id] += minor
			}
		}
		require.Equal(t, map[payment.ID]int64{old: 500, half: 200, empty: 20}, sums)
		w.WantAvailable(alice, 0)
		w.WantAvailable(bob, 0)
		w.WantAvailable(carol, 0)
		for _, customer := range []ledger.CustomerID{alice, bob, carol} {
			w.WantLaws(customer)
		}
		require.Empty(t, overduePayments(w, old, half, empty))
	}),
}

// outageCase returns the case id that a declared outage makes about a payment.
func outageCase(customer ledger.CustomerID, id payment.ID, outageID outage.ID) refund.CaseID {
	return refund.NewCaseID(customer.Key(), policy.KindOutage, string(id)+"/"+string(outageID))
}

// duplicateOpened sweeps until the case about a double charge is there.
func duplicateOpened(w *World, customer ledger.CustomerID, id payment.ID) refund.CaseID {
	w.t.Helper()
	w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(duplicate(customer, id)) != nil })
	return duplicate(customer, id)
}

func (w *World) outage(id outage.ID) outage.Outage {
	w.t.Helper()
	row := read(w, func() (*outage.Outage, error) { return w.Store.FindOutage(w.ctx(), id) })
	// Outages are never deleted, so an absent one is a mistake of the story.
	require.NotNil(w.t, row)
	return *row
}

// overduePayments returns which of the payments have a step due, now or later.
func overduePayments(w *World, mine ...payment.ID) (open []due.Key) {
	w.t.Helper()
	w.Nudge()
	require.NoError(w.t, again(func() error {
		open = nil
		// A year ahead everything with a due instant counts as overdue.
		keys, _, err := w.Store.Overdue(w.ctx(), w.Now.Add(365*day), due.MaxItems)
		for _, key := range keys {
			for _, id := range mine {
				if key.Kind == todo.KindPayment && key.Partition == string(id) {
					open = append(open, key)
				}
			}
		}
		return err
	}))
	return open
}
