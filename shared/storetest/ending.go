package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// waitsUnder demands that the case waits for staff under the clause.
func (w *World) waitsUnder(id refund.CaseID, clause string) {
	w.t.Helper()
	w.WantVerdict(id, refund.StateInReview, clause)
	require.True(w.t, w.CaseOf(id).Waiting())
}

var endingClaims = map[string]func(*testing.T, *World){
	"approving a claim about a payment that waits grants it or pays it back, and staff have nothing more to decide": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		toGrant, toPay := parks(w, "granted", alice), parks(w, "paid", alice)
		w.Pass(25 * time.Hour) // else it is a repeat
		nobodys := parks(w, "nobodys", "")
		// Three payments wait. Each claim's approval must resolve its payment too, so that staff
		// decide once.
		for _, id := range []payment.ID{toGrant, toPay, nobodys} {
			caseID := w.Claims(policy.KindNotCredited, alice, id)
			w.Deliver()
			w.waitsUnder(caseID, "G2.1")
			// One is paid back in money, the others are granted.
			order := w.ruling(policy.OutcomeApproved)
			if id == toPay {
				order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 500})
			}
			_, err := w.rule(caseID, order)
			require.NoError(t, err)
			w.Drain()
			w.WantVerdict(caseID, map[bool]refund.State{true: refund.StateClosed, false: refund.StateApproved}[id == toPay], "G2.1")
			p := w.PaymentOf(id)
			require.Equal(t, []any{payment.Reason(""), 1, 0}, []any{p.Waits(), len(p.Resolutions), len(p.Claims)}, string(id))
			require.Equal(t, "looked at it", p.Resolutions[0].Note)
		}
		// Two are granted in credits, one in money, and staff who try to refund a granted one find
		// it decided.
		w.WantAvailable(alice, 100)
		w.wantPaidBack(toPay, refund.NewCaseID(alice.Key(), policy.KindNotCredited, string(toPay)), 500)
		require.Equal(t, alice, w.PaymentOf(nobodys).Customer())
		_, err := w.resolve(toGrant, payment.Resolution{Action: payment.ActionRefund, Reason: payment.ReasonWrongAmount})
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
		w.WantLaws(alice)
	}),
	"what staff resolve at the desk ends the claims about the payment as what they were": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		toGrant, toRefund, toIgnore := parks(w, "granted", alice), parks(w, "refunded", alice), parks(w, "ignored", alice)
		// Staff decide on the payments themselves. Claims about them must end in the same way,
		// unasked.
		claims := map[payment.ID]refund.CaseID{}
		for _, id := range []payment.ID{toGrant, toRefund, toIgnore} {
			claims[id] = w.Claims(policy.KindNotCredited, alice, id)
		}
		regret := w.Claims(policy.KindChangeOfMind, alice, toGrant)
		w.Deliver()
		w.Resolves(toGrant, payment.Resolution{Action: payment.ActionGrant})
		w.Resolves(toRefund, payment.Resolution{Action: payment.ActionRefund})
		w.Resolves(toIgnore, payment.Resolution{Action: payment.ActionIgnore})
		w.Lose() // the sweep finds what is owed
		// A sweep that is refused leaves an item for a later one, whatever became of the others.
		w.SweepUntil(func() bool {
			w.Drain()
			return w.CaseOf(claims[toRefund]).State == refund.StateClosed && w.CaseOf(claims[toGrant]).State == refund.StateApproved
		})
		// Each claim ends by what was done: credits, money, or, for what was ignored, not at all.
		w.Drain()
		w.WantVerdict(claims[toGrant], refund.StateApproved, "G2.1")
		require.Equal(t, policy.InCredits(50), w.CaseOf(claims[toGrant]).Decision.Remedy)
		w.WantVerdict(claims[toRefund], refund.StateClosed, "G2.1")
		require.Equal(t, int64(500), w.CaseOf(claims[toRefund]).Decision.Remedy.Money().Minor)
		for _, message := range w.CaseOf(claims[toRefund]).Owed() {
			require.NotEqual(t, refund.MessageReceived, message.Type, "the customer is told of it")
		}
		// An ignored payment answers no claim, so that claim still waits for a ruling.
		w.waitsUnder(claims[toIgnore], "G2.1")
		// A change of mind asks for money back. That the credits came is no answer to it.
		require.True(t, w.CaseOf(regret).Waiting(), "credits are not what it asks for")
		require.Equal(t, []payment.OpenClaim{{Case: string(claims[toIgnore])}}, w.PaymentOf(toIgnore).Claims)
		require.Empty(t, append(w.PaymentOf(toGrant).Claims, w.PaymentOf(toRefund).Claims...))
		w.Rules(claims[toIgnore], policy.OutcomeDeclined)
		w.Drain()
		require.Empty(t, w.PaymentOf(toIgnore).Claims)
		w.WantAvailable(alice, 50)
		require.Empty(t, overduePayments(w, toGrant, toRefund, toIgnore))
		w.WantLaws(alice)
	}),
	"a refund of the desk's that failed puts the claim before staff again, and their grant then ends it": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := parks(w, "a", alice)
		caseID := w.Claims(policy.KindNotCredited, alice, id)
		w.Deliver()
		// The refund fails for good: the money did not go back, so the claim must not count as
		// paid.
		w.Provider.Has(FaultRefusal)
		w.Resolves(id, payment.Resolution{Action: payment.ActionRefund})
		w.Drain()
		// Both the payment and its claim are open again: two lists, one fact.
		require.Equal(t, payment.ReasonNotRefunded, w.PaymentOf(id).Waits())
		w.waitsUnder(caseID, "G2.1")
		w.Resolves(id, payment.Resolution{Action: payment.ActionGrant})
		w.Drain()
		w.WantVerdict(caseID, refund.StateApproved, "G2.1")
		w.WantAvailable(alice, 50)
		require.Empty(t, w.PaymentOf(id).Claims)
		w.WantLaws(alice)
	}),
	"a payment that waits ends the claim that it never came once its money comes, and a stranger's claim stays": inGoopter(func(t *testing.T, w *World) {
		// Unpaid at first: alice claims both that it never came and that the charge is odd.
		alice, bob := w.Customer("alice"), w.Customer("bob")
		facts := w.Paid(w.Payment("a"), alice)
		unpaid := facts
		purchase := *facts.Purchase
		purchase.Status, unpaid.Purchase = payment.StatusUnpaid, &purchase
		w.Receives(unpaid)
		hers, abnormal := w.Claims(policy.KindNotCredited, alice, facts.Payment), w.Claims(policy.KindAbnormalCharge, alice, facts.Payment)
		w.Deliver()
		_, err := w.rule(hers, w.ruling(policy.OutcomeApproved))
		require.NoError(t, err, "staff may vouch for it")
		// Now the money comes. It answers the first claim; the second may be decided either way.
		w.Receives(facts)
		w.Drain()
		w.WantVerdict(hers, refund.StateApproved, "G2.1")
		require.True(t, w.CaseOf(abnormal).State == refund.StateApproved || w.CaseOf(abnormal).Waiting())
		w.WantAvailable(alice, 50)

		another := parks(w, "hers", alice)
		// Bob's claim about alice's payment must not be answered by what becomes of hers.
		w.Claims(policy.KindNotCredited, bob, another)
		w.Deliver()
		require.Empty(t, w.PaymentOf(another).Claims, "a stranger's claim is not noted on it")

		nobodys := parks(w, "nobodys", "")
		his := w.Claims(policy.KindNotCredited, bob, nobodys)
		w.Deliver()
		// Staff find that the nameless payment is alice's, so bob's claim about it cannot end by
		// the grant.
		w.Resolves(nobodys, payment.Resolution{Action: payment.ActionGrant, Customer: alice})
		w.Drain()
		w.waitsUnder(his, "G2.1")
		w.WantAvailable(bob, 0)
		w.WantAvailable(alice, 100)
		require.Empty(t, w.PaymentOf(nobodys).Claims)
		w.WantLaws(alice)
	}),
	"open claims about one payment are so many of each customer, and the others are left to staff": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := parks(w, "a", alice)
		var claims []refund.CaseID
		// A customer could open any number of claims on one payment. The payment's row keeps only
		// so many.
		for range payment.MaxClaimsEach + 1 {
			request := w.claim(policy.KindNotCredited, alice, "")
			request.Claim.TransactionIDs = []string{string(id)}
			result, err := w.claims(request)
			require.NoError(t, err)
			w.Deliver()
			w.waitsUnder(result.Case, "G2.1")
			claims = append(claims, result.Case)
		}
		// The claim past the limit is not noted on the payment, so staff answer it themselves.
		require.Len(t, w.PaymentOf(id).Claims, payment.MaxClaimsEach)
		w.Resolves(id, payment.Resolution{Action: payment.ActionGrant})
		w.Drain()
		for _, caseID := range claims[:payment.MaxClaimsEach] {
			w.WantVerdict(caseID, refund.StateApproved, "G2.1")
		}
		w.waitsUnder(claims[payment.MaxClaimsEach], "G2.1")
		w.WantAvailable(alice, 50)
		require.Len(t, w.Rows(alice), 1, "it is granted once, however many claims it ends")
	}),
	"a ruling that comes with a resolution leaves one of them, and the claim comes to an end": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// The ruling waits in the queue when staff resolve the payment, so both would give the
		// credits.
		for i, outcome := range []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined} {
			id := parks(w, string(rune('a'+i)), alice)
			caseID := w.Claims(policy.KindNotCredited, alice, id)
			w.Deliver()
			_, err := w.rule(caseID, w.ruling(outcome)) // not carried out yet
			require.NoError(t, err)
			w.Lose() // so that the desk's message comes first
			w.Resolves(id, payment.Resolution{Action: payment.ActionGrant})
			// Whichever commit comes first, the other finds the payment granted: fifty credits each
			// round, never a hundred.
			w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(caseID).State != refund.StateInReview })
			w.Drain()
			w.WantVerdict(caseID, map[policy.Outcome]refund.State{policy.OutcomeApproved: refund.StateApproved, policy.OutcomeDeclined: refund.StateDeclined}[outcome], "G2.1")
			require.Empty(t, w.PaymentOf(id).Claims)
			w.WantAvailable(alice, ledger.Credits(50*(i+1)))
		}
		w.Pass(time.Minute)
		w.WantLaws(alice)
	}),
}
