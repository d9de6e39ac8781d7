package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// twice makes the customer pay for one thing twice, a minute apart, and claims the second charge.
// The policy has approved it.
func twice(w *World, customer ledger.CustomerID) (first, second payment.ID, caseID refund.CaseID) {
	w.t.Helper()
	first, second = w.Payment("first"), w.Payment("second")
	w.Receives(w.Paid(first, customer))
	w.Pass(time.Minute)
	w.Receives(w.Paid(second, customer))
	w.Pass(time.Minute)
	// The claim names the later charge, which the policy takes for the repeat.
	caseID = w.Claims(policy.KindDuplicateCharge, customer, second)
	w.Deliver()
	w.WantVerdict(caseID, refund.StatePaying, "G2.2")
	return first, second, caseID
}

// wantPaidBack demands how much the provider paid back for the case.
func (w *World) wantPaidBack(id payment.ID, caseID refund.CaseID, minor int64) {
	w.t.Helper()
	// The provider's own books are asked, not ours.
	require.Equal(w.t, minor, w.Provider.paidBack(id)[string(caseID)], "paid back")
}

// settlesBack drains and sweeps until the case has left paying.
func (w *World) settlesBack(id refund.CaseID) {
	w.t.Helper()
	// Sweeps stand in for messages that a fault took, so that the money moves in any case.
	w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(id).State != refund.StatePaying })
}

var payingBack = map[string]func(*testing.T, *World){
	"a double charge goes back in money: its credits leave with the verdict, and the provider's word closes its case": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// The verdict takes the credits at once; the money follows by its own message.
		first, second, id := twice(w, alice)
		c := w.CaseOf(id)
		require.Equal(t, int64(500), c.Decision.Remedy.Money().Minor)
		require.NotNil(t, c.Decision.PayBy)
		require.Equal(t, "someone@example.com", c.Statement.Claim.Email)
		require.Equal(t, string(second), c.Payment)
		require.Equal(t, []payment.ID{first}, w.PaymentOf(second).DuplicateOf)
		require.Empty(t, recentOf(w, id), "only bad results count")
		w.WantAvailable(alice, 50)
		// Nothing has been sent to the provider yet.
		w.wantPaidBack(second, id, 0)
		w.Pays()
		w.wantPaidBack(second, id, 500)
		w.Webhooks() // a repeat of what its answer said
		w.Deliver()
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		require.Nil(t, w.PaymentOf(second).Todo)
		w.WantAvailable(alice, 50)
		w.WantLaws(alice)
		// Another request after the end must not pay again.
		require.NoError(t, w.Request(w.ctx(), requested(id)), "asked again")
		w.Drain()
		w.wantPaidBack(second, id, 500)
	}),
	"money that the provider refuses brings its credits back once, and its case back to staff": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		// The provider refuses for good, so the credits come back and staff decide anew.
		w.Provider.Has(FaultRefusal)
		w.settlesBack(id)
		c := w.CaseOf(id)
		require.True(t, c.Waiting())
		require.Contains(t, c.History[len(c.History)-1].Note, "did not go back")
		require.Contains(t, w.PaymentOf(second).Promised[string(id)].Note, "refused", "for staff")
		require.Len(t, w.Waiting(10, alice), 1)
		w.WantAvailable(alice, 100)
		w.wantPaidBack(second, id, 0)
		w.WantLaws(alice)
		// A second attempt fails as well, a third succeeds. Each is asked for under a key of its
		// own.
		for i, works := range []Fault{FaultRefusal, ""} { // once more in vain
			w.Provider.Has(works)
			w.Rules(id, policy.OutcomeApproved)
			w.Deliver()
			w.settlesBack(id)
			require.Equal(t, i == 0, w.CaseOf(id).Waiting())
		}
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		w.wantPaidBack(second, id, 500)
		w.WantAvailable(alice, 50)
		w.WantLaws(alice)
	}),
	"money that comes back from the customer's bank is credited again, once, though its case was closed": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		w.Drain()
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		// Days later the bank returns the money. Its event comes twice.
		w.Provider.Ends(second, string(id), payment.RefundFailed)
		for _, late := range w.Provider.bring() {
			w.receive(late)
			w.receive(late)
		}
		w.Drain()
		require.True(t, w.CaseOf(id).Waiting())
		w.WantAvailable(alice, 100)
		w.wantPaidBack(second, id, 0)
		w.WantLaws(alice)
		w.Rules(id, policy.OutcomeDeclined)
		w.Drain()
		require.Equal(t, refund.StateDeclined, w.CaseOf(id).State)
		w.WantAvailable(alice, 100)
	}),
	"a pending refund is paid once it has succeeded, and not asked for again": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		w.Provider.Has(FaultPending)
		w.Drain()
		require.Equal(t, refund.StatePaying, w.CaseOf(id).State)
		// A pending refund is not asked for again, however long it takes.
		w.Pass(24 * time.Hour)
		w.Sweep()
		w.Drain()
		w.wantPaidBack(second, id, 500)
		w.Provider.Ends(second, string(id), payment.RefundSucceeded)
		w.Drain()
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		w.WantAvailable(alice, 50)
	}),
	"a second attempt that fails is not paid by what went back before it": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		w.Receives(w.Paid(id, alice))
		// 150 cents went back by another hand before. They must not count as the case's own 100.
		w.Receives(w.Refunded(id, "re_other", 150, payment.RefundSucceeded))
		caseID := w.Claims(policy.KindAbnormalCharge, alice, id)
		w.Deliver()
		approve := func(works Fault) {
			w.Provider.Has(works)
			order := w.ruling(policy.OutcomeApproved)
			order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 100})
			_, err := w.rule(caseID, order)
			require.NoError(t, err)
			w.Deliver()
			w.SweepUntil(func() bool { w.Drain(); return w.PaymentOf(id).Progress(string(caseID)) != payment.ProgressDue })
		}
		approve(FaultRefusal)
		require.True(t, w.CaseOf(caseID).Waiting())
		approve(FaultPending)
		require.Equal(t, refund.StatePaying, w.CaseOf(caseID).State)
		w.Provider.Ends(id, string(caseID), payment.RefundFailed)
		w.settlesBack(caseID)
		require.True(t, w.CaseOf(caseID).Waiting(), "nobody got the 100")
		w.WantLaws(alice)
	}),
	"money that is slow at the bank is looked up again and again, and is never stuck": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		w.Provider.Has(FaultPending)
		w.Drain()
		// Ten days pass between looks, so that no number of looks can make the payment stuck.
		for range 3 {
			w.Notifies(id, w.CaseOf(id).Notice)
			w.Pass(10 * 24 * time.Hour)
			w.SweepUntil(func() bool {
				w.Drain()
				return w.PaymentOf(second).Todo[todo.StepLook].Sub(w.Now) > 9*24*time.Hour
			})
		}
		require.Zero(t, stuckOf(w, alice))
		w.Provider.Ends(second, string(id), payment.RefundSucceeded)
		w.Provider.bring() // by no webhook
		w.Pass(10 * 24 * time.Hour)
		w.settlesBack(id)
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		w.WantAvailable(alice, 50)
	}),
	"whatever goes wrong once on the way, the money is paid once": inGoopter(func(t *testing.T, w *World) {
		// Each fault once, each also with a provider that forgets idempotency keys after it.
		for i, broken := range []Fault{FaultDrop, FaultBusy, FaultSpent, FaultPending} {
			for _, forgets := range []bool{false, true} {
				own := NewWorldOf(t, w.Store, "goopter")
				alice := own.Customer("alice")
				_, second, id := twice(own, alice)
				own.Provider.Forgets = forgets
				own.Provider.Has(broken, []Fault{"", FaultBusy, FaultDrop, ""}[i])
				own.Drain()
				own.Provider.Ends(second, string(id), payment.RefundSucceeded)
				own.settlesBack(id)
				require.Equal(t, refund.StateClosed, own.CaseOf(id).State, "%s, forgets: %v", broken, forgets)
				own.wantPaidBack(second, id, 500)
				own.WantAvailable(alice, 50)
				own.WantLaws(alice)
			}
		}
	}),
	"of a payment that the bank holds no money goes back, and what the verdict took comes back with a win": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		// The webhook of the dispute is missed: only the look before paying shows it.
		w.Misses(w.Disputed(second, "dp_1", 500, payment.DisputeOpen)) // pay-refund looks, and sees it
		w.settlesBack(id)
		w.wantPaidBack(second, id, 0)
		require.Empty(t, w.Provider.over, "nobody asked")
		w.WantAvailable(alice, 50)
		// The dispute is won, so the money stays with us and the credits go back to the customer.
		w.Receives(w.Disputed(second, "dp_1", 500, payment.DisputeWon))
		w.Drain()
		w.WantAvailable(alice, 100)
		w.wantPaidBack(second, id, 0)
		w.WantLaws(alice)
	}),
	"of a payment of which the bank holds a part no money goes back either": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, caseID := partly(w, alice)
		// 100 disputed and 200 promised are less than 500 paid, yet a disputed payment must not be
		// refunded.
		w.Misses(w.Disputed(id, "dp_1", 100, payment.DisputeReview)) // with what is promised, less than was paid
		w.settlesBack(caseID)
		require.True(t, w.CaseOf(caseID).Waiting())
		require.Empty(t, w.Provider.over, "nobody asked")
		w.wantPaidBack(id, caseID, 0)
		w.WantAvailable(alice, 40)
		w.WantLaws(alice)
	}),
	"a refund that was only counted is looked up, and takes back its share": func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		w.Receives(w.Paid(id, alice))
		// The event names only the sum, so the refund itself has to be looked up before credits
		// move.
		w.Misses(w.Refunded(id, "re_1", price/4, payment.RefundSucceeded))
		facts := payment.Facts{Payment: id, Provider: providerName, Event: "evt_counted", RefundedInAll: price / 4}
		w.receive(facts)
		w.WantAvailable(alice, 100)
		w.Drain()
		w.WantAvailable(alice, 75)
		require.Nil(t, w.PaymentOf(id).Todo)
		w.receive(facts)
		require.Zero(t, w.Pays(), "it is known")
	},
	"more money than was paid never goes back, whoever sends it": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		// 300 of 500 went back by another hand, so the full 500 of the case cannot go.
		w.Misses(w.Refunded(second, "re_foreign", 300, payment.RefundSucceeded))
		w.settlesBack(id)
		require.True(t, w.CaseOf(id).Waiting())
		require.Empty(t, w.Provider.over, "asked for what is left, or not at all")
		w.wantPaidBack(second, id, 0)
		w.WantAvailable(alice, 70)
		w.WantLaws(alice)
	}),
	"a message that is lost, and one that comes twice, cost nothing": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		w.Lose()
		w.Nudge()
		w.Pass(2 * time.Minute)
		w.settlesBack(id)
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		for range 3 {
			require.NoError(t, again(func() error { return w.Payer().Settle(w.ctx(), second, w.Now) }))
		}
		w.wantPaidBack(second, id, 500)
	}),
	"a purchase that had no room, and whose money failed to go back, is granted once room has come, and not swept for ever": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		// A full wallet, a claim approved in money, a refund that fails, and a decline: only now
		// may it be granted.
		w.Fills(alice)
		w.Receives(w.Paid(id, alice))
		require.Equal(t, payment.ReasonWalletFull, w.PaymentOf(id).Waits())
		caseID := w.Claims(policy.KindAbnormalCharge, alice, id)
		w.Drain()
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 500})
		_, err := w.rule(caseID, order)
		require.NoError(t, err)
		w.Provider.Has(FaultRefusal)
		w.settlesBack(caseID)
		w.Rules(caseID, policy.OutcomeDeclined)
		w.Drain()
		// Seventeen pictures spend 51 credits, which makes room for 50.
		for range 17 {
			w.Settles(w.Starts(alice, 1), w.Success(-1)) // 3 credits each
		}
		w.SweepUntil(func() bool { w.Drain(); return w.PaymentOf(id).State == payment.StateGranted })
		require.Nil(t, w.PaymentOf(id).Todo)
		w.WantAvailable(alice, ledger.MaxCredits-1)
		w.Receives(w.Refunded(id, "re_1", 500, payment.RefundSucceeded))
		w.WantAvailable(alice, ledger.MaxCredits-51)
		w.WantLaws(alice)
	}),
	"a purchase whose money staff wanted back is not granted when room comes, though it did not go": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		w.Fills(alice)
		w.Receives(w.Paid(id, alice))
		w.Provider.Has(FaultRefusal)
		// Staff wanted the money back, and it failed. They ignore it, so it must not turn into
		// credits later.
		w.Resolves(id, payment.Resolution{Action: payment.ActionRefund})
		w.SweepUntil(func() bool { w.Drain(); return w.PaymentOf(id).Waits() == payment.ReasonNotRefunded })
		w.Resolves(id, payment.Resolution{Action: payment.ActionIgnore})
		for range 17 {
			w.Settles(w.Starts(alice, 1), w.Success(-1))
		}
		w.Receives(w.Paid(id, alice))
		require.Equal(t, payment.StateParked, w.PaymentOf(id).State)
		require.Nil(t, w.PaymentOf(id).Todo)
	}),
}
