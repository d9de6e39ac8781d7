package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// inGoopter runs a story in a world of goopter, the policy with the most rules about purchases.
func inGoopter(story func(*testing.T, *World)) func(*testing.T, *World) {
	return func(t *testing.T, w *World) { story(t, NewWorldOf(t, w.Store, "goopter")) }
}

// candidatesOf returns the payments that staff may rule on.
func candidatesOf(c refund.Case) (ids []payment.ID) {
	for _, candidate := range c.Candidates {
		ids = append(ids, candidate.Payment)
	}
	return ids
}

var claimStories = map[string]func(*testing.T, *World){
	"the original of a double charge is not its repeat, too old is none, and one paid back is none": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		old, first, second := w.Payment("old"), w.Payment("first"), w.Payment("second")
		// Two hours apart is outside goopter's window for double charges.
		w.Receives(w.Paid(old, alice))
		w.Pass(2 * time.Hour)
		w.Receives(w.Paid(first, alice))
		id := w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "G2.2")
		// The first charge has been paid back, so the second is no double of anything.
		w.Receives(w.Refunded(first, "re_1", 500, payment.RefundSucceeded))
		w.Pass(time.Minute)
		w.Receives(w.Paid(second, alice))
		id = w.Claims(policy.KindDuplicateCharge, alice, second)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "G2.2")
	}),
	"a purchase that staff vouched for, and whose money never came, is no original of a double charge": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		facts := w.Paid(first, alice)
		// Staff granted the credits before the money was there, and then it failed to come.
		moneyIs := func(status payment.Status) {
			purchase := *facts.Purchase
			purchase.Status = status
			event := facts
			event.Purchase = &purchase
			w.Receives(event)
		}
		moneyIs(payment.StatusUnpaid)
		w.Resolves(first, payment.Resolution{Action: payment.ActionGrant})
		w.Pass(10 * time.Minute)
		w.Receives(w.Paid(second, alice))
		moneyIs(payment.StatusFailed)
		// The credits were given on a promise. Staff must look at the first payment before anything
		// is paid for the second.
		require.Equal(t, payment.ReasonPaymentFailed, w.PaymentOf(first).Waits())
		id := w.Claims(policy.KindDuplicateCharge, alice, second)
		w.Drain()
		w.WantVerdict(id, refund.StateInReview, "G2.2")
		w.wantPaidBack(second, id, 0)
	}),
	"a purchase that staff vouched for is shown to them when its money fails, whatever they decided since": inGoopter(func(t *testing.T, w *World) {
		alice, repeat := w.Customer("alice"), w.Payment("repeat")
		w.Receives(w.Paid(w.Payment("first"), alice))
		w.Pass(10 * time.Minute)
		facts := w.Paid(repeat, alice)
		facts.Purchase.Status = payment.StatusUnpaid
		w.Receives(facts)
		w.Resolves(repeat, payment.Resolution{Action: payment.ActionGrant})
		w.Resolves(repeat, payment.Resolution{Action: payment.ActionIgnore}) // that it is a repeat
		// That staff set the payment aside does not settle that its credits came without money.
		failure := *facts.Purchase
		failure.Status = payment.StatusFailed
		facts.Purchase = &failure
		w.Receives(facts)
		require.Equal(t, payment.ReasonPaymentFailed, w.PaymentOf(repeat).Waits())
	}),
	"a claim about a payment nobody knows waits for staff": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Claims(policy.KindNotCredited, alice, w.Payment("unheard"))
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, policy.ClauseNoRule)
		// A claim alone must create no wallet for whoever wrote it.
		require.False(t, w.Wallet(alice).Recorded)
		w.Rules(id, policy.OutcomeDeclined)
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, policy.ClauseNoRule)
	}),
	"staff rule on any of a case's candidates, and no payment is given back by two cases": inGoopter(func(t *testing.T, w *World) {
		alice, other := w.Customer("alice"), w.Payment("other")
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(other, w.Customer("bob")))
		w.Receives(w.Paid(first, alice))
		w.Pass(time.Hour)
		w.Receives(w.Paid(second, alice))
		ofFirst, ofSecond := w.Claims(policy.KindDuplicateCharge, alice, first), w.Claims(policy.KindDuplicateCharge, alice, second)
		w.Deliver()
		// Both cases name both charges. Only one of the cases may give the second charge back.
		onto := func(id payment.ID) refund.RulingOrder {
			order := w.ruling(policy.OutcomeApproved)
			order.Payment = id
			return order
		}
		for caseID, own := range map[refund.CaseID][]payment.ID{ofFirst: {first, second}, ofSecond: {second, first}} {
			w.WantVerdict(caseID, refund.StateInReview, "G2.2")
			require.Equal(t, own, candidatesOf(*w.CaseOf(caseID)), "its own first")
			_, err := w.rule(caseID, onto(other))
			require.Equal(t, "payment", fieldOf(err))
		}
		order := onto(second)
		_, err := w.rule(ofFirst, order)
		require.NoError(t, err)
		require.Equal(t, second, w.CaseOf(ofFirst).Ruling.Payment)
		// The same key for another payment is another order; a replay of it would pay the wrong
		// one.
		another := order
		another.Payment = first
		_, err = w.rule(ofFirst, another)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), "the payment is part of what is ordered")
		_, err = w.rule(ofSecond, onto(second))
		require.NoError(t, err)
		w.Drain()
		// Which of the two rulings won depends on the order of the messages.
		payer, back := w.CaseOf(ofFirst), w.CaseOf(ofSecond)
		if payer.State == refund.StateInReview {
			payer, back = back, payer
		}
		require.Equal(t, []any{refund.StateClosed, string(second)}, []any{payer.State, payer.Payment}, "the case names what it paid back")
		require.Equal(t, []any{refund.StateInReview, true}, []any{back.State, back.Waiting()}, "the other is staff's again")
		w.wantPaidBack(second, payer.ID, 500)
		w.wantPaidBack(second, back.ID, 0)
		require.Equal(t, int64(500), w.PaymentOf(second).RefundTotal())
		require.Zero(t, w.PaymentOf(first).RefundTotal())
		// The refund has used up the second charge, so the losing case cannot be approved by it
		// later.
		_, err = w.rule(back.ID, onto(second))
		require.Contains(t, []fault.Kind{fault.KindConflict, fault.KindInvalid}, fault.KindOf(err), "it is refused by now")
		replay, err := w.rule(ofFirst, order)
		require.NoError(t, err)
		require.Equal(t, refund.Opened{Case: ofFirst, State: refund.StatePaying, Replayed: true}, replay)
		w.Drain()
		require.Equal(t, int64(500), w.PaymentOf(second).RefundTotal())
		w.WantLaws(alice)
	}),
	"a payment that was never credited is credited by its claim, once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Fills(alice)
		// A full wallet cannot take the purchase, so the payment is parked. Spending makes room for
		// it.
		id := w.Payment("a")
		w.Receives(w.Paid(id, alice))
		require.Equal(t, payment.ReasonWalletFull, w.Snapshot(id, alice).Payment.Parked)
		for range 17 {
			w.Settles(w.Starts(alice, 1), w.Success(-1)) // 3 credits each
		}
		caseID := w.Claims(policy.KindNotCredited, alice, id)
		w.Deliver()
		w.WantVerdict(caseID, refund.StateApproved, "G2.1")
		w.WantAvailable(alice, ledger.MaxCredits-1)
		require.Equal(t, payment.StateGranted, w.Snapshot(id, alice).Payment.State)
		// The webhook again, after the claim has credited it.
		w.Receives(w.Paid(id, alice))
		w.WantAvailable(alice, ledger.MaxCredits-1)
		w.WantLaws(alice)
	}),
	"credits in place of money first pay what is owed, for the very payment they are given for too": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(first, alice))
		// 48 of 50 credits are spent when 200 of 500 cents go back, which is 20 credits: 2 are
		// taken, 18 are owed.
		for range 16 {
			w.Settles(w.Starts(alice, 1), w.Success(-1))
		}
		w.Receives(w.Refunded(first, "re_1", 200, payment.RefundSucceeded)) // 20 of 50 credits, of which 2 are left
		require.Equal(t, ledger.Credits(18), w.Wallet(alice).Owed())
		id := w.Claims(policy.KindAbnormalCharge, alice, first)
		w.Deliver()
		order := w.ruling(policy.OutcomeApproved)
		// A ruling gives 30 credits for the same payment: 18 pay its debt, 12 can be spent.
		order.Ruling.Remedy = policy.InCredits(30)
		_, err := w.rule(id, order)
		require.NoError(t, err)
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, policy.ClauseNoRule)
		w.WantAvailable(alice, 12)
		require.Zero(t, w.Wallet(alice).Owed())
		// The debt that the gift paid is noted on the payment, so that it can be undone.
		p := w.Snapshot(first, alice).Payment
		require.Equal(t, ledger.Credits(18), ledger.Sum(p.Clawback.DebtPaid))
		require.Equal(t, int64(500), p.RefundTotal())
		w.Receives(w.Paid(second, alice))
		w.Receives(w.Refunded(first, "re_1", 200, payment.RefundFailed)) // and all that was taken is given back
		w.WantAvailable(alice, 82)
		w.WantLaws(alice)
	}),
	"of one payment there is one claim of a kind, and of no payment one for each key": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Claims(policy.KindAbnormalCharge, alice, w.Payment("a"))
		request := w.claim(policy.KindAbnormalCharge, alice, w.Payment("a"))
		// A second key makes it a new request, which the first case answers by its id.
		err := again(func() error {
			_, err := w.Claimer().File(w.ctx(), request, w.Now)
			return err
		})
		require.Equal(t, fault.CodeAlreadyReported, fault.CodeOf(err))
		require.Equal(t, string(id), caseIn(err))
		// Another kind is another claim. Claims that name no payment are told apart by their keys
		// alone.
		require.NotEqual(t, id, w.Claims(policy.KindChangeOfMind, alice, w.Payment("a")))
		require.NotEqual(t, w.Claims(policy.KindAbnormalCharge, alice, ""), w.Claims(policy.KindAbnormalCharge, alice, ""))
	}),
	"a customer opens so many claims a day and no more, a repeat of one aside": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		// One second before midnight, so that the daily limit is seen to start again.
		file := func(request refund.Request) (result refund.Opened, err error) {
			err = again(func() error {
				result, err = w.Claimer().File(w.ctx(), request, w.Now)
				return err
			})
			return result, err
		}
		// One more is refused. The app's claims for the customer, and other customers, have no such
		// limit.
		w.Now = time.Date(2026, 3, 2, 23, 59, 59, 0, time.UTC)
		first := w.claim(policy.KindOutage, alice, "")
		first.Actor = ledger.ActorCustomer
		for range refund.MaxClaims {
			_, err := file(first)
			require.NoError(t, err)
			replay, err := file(first)
			require.NoError(t, err, "a repeat opens nothing")
			require.True(t, replay.Replayed)
			first.Key = w.Key()
		}
		_, err := file(first)
		require.Equal(t, fault.CodeThrottled, fault.CodeOf(err))
		require.Equal(t, fault.KindThrottled, fault.KindOf(err))
		var limit *fault.Error
		require.ErrorAs(t, err, &limit)
		require.Equal(t, time.Second, limit.RetryAfter, "what is left of the day")
		w.Claims(policy.KindOutage, bob, "")
		w.Claims(policy.KindOutage, alice, "") // by the app
		w.Pass(time.Second)
		result, err := file(first)
		require.NoError(t, err, "it is another day")
		require.Equal(t, refund.StateReceived, result.State)
	}),
}
