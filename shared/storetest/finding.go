package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// under returns the facts with another id of the payment.
func under(facts payment.Facts, alias payment.ID) payment.Facts {
	facts.Aliases = append(facts.Aliases, alias)
	return facts
}

// unnamed files a claim that names no payment, with edits, and has it decided.
func (w *World) unnamed(kind policy.Kind, request refund.Request, edits ...func(*refund.Request)) refund.Case {
	w.t.Helper()
	request.Kind, request.Payment, request.Claim.TransactionIDs = kind, "", nil
	// Only the mail, the day and the sum are left to find the payment by, unless an edit adds an
	// id.
	for _, edit := range edits {
		edit(&request)
	}
	result, err := w.claims(request)
	require.NoError(w.t, err)
	w.Deliver()
	return *w.CaseOf(result.Case)
}

// findNamed returns the payments that have one of the ids, as their own or as an alias.
func (w *World) findNamed(ids ...payment.ID) (matches []payment.ID) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		payments, err := w.Store.FindNamed(w.ctx(), ids...)
		// A repeated read starts anew, or it would list what the failed one gave twice.
		matches = nil
		for _, p := range payments {
			matches = append(matches, p.ID)
		}
		return err
	}))
	return matches
}

var searchStories = map[string]func(*testing.T, *World){
	"a payment that waited is found by every id that was told of it, and one granted at once by its own": inGoopter(func(t *testing.T, w *World) {
		// cs is a checkout session's id, ch a charge's: providers use several ids for one payment.
		alice, cs, ch := w.Customer("alice"), w.Payment("cs"), w.Payment("ch")
		facts := under(w.Paid(w.Payment("parked"), ""), cs)
		w.Receives(facts)
		other := under(w.Paid(w.Payment("granted"), alice), w.Payment("other"))
		w.Receives(other)
		// A parked payment is indexed by every id, because a claim may quote any of them. One that
		// granted at once has its own id alone.
		require.Equal(t, []payment.ID{facts.Payment}, w.findNamed(cs, w.Payment("unheard")))
		require.Equal(t, []payment.ID{other.Payment, facts.Payment}, w.findNamed(other.Payment, cs, facts.Payment))
		require.Empty(t, w.findNamed(w.Payment("other")))
		// An alias that comes with a later event joins the index all the same.
		w.Receives(under(w.Refunded(other.Payment, "re_1", 100, payment.RefundSucceeded), ch))
		require.Equal(t, []payment.ID{other.Payment}, w.findNamed(ch), "told later")
	}),
	"a customer's purchases are those that granted since, and the latest that granted nothing": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// A claim that names no payment is matched against the customer's purchases, which this
		// reads.
		purchases := func(since time.Time, limit int) (ids []payment.ID) {
			require.NoError(t, again(func() (err error) {
				ids, err = w.Store.PurchasesSince(w.ctx(), alice, since, limit)
				return err
			}))
			return ids
		}
		require.Empty(t, purchases(noon, 10))
		old, second, third := w.Payment("old"), w.Payment("second"), w.Payment("third")
		w.Receives(w.Paid(old, alice))
		w.Pass(day)
		since := w.Now
		id := parks(w, "parked", alice)
		w.Receives(w.Paid(second, alice))
		w.Pass(time.Hour)
		w.Receives(w.Paid(third, alice))
		w.Grants(alice, 5)
		// What granted nothing comes first, since claims are mostly about those; then grants in
		// order of time.
		require.Equal(t, []payment.ID{id, second, third}, purchases(since, 10))
		require.Equal(t, []payment.ID{id, second}, purchases(since, 2))
		w.Resolves(id, payment.Resolution{Action: payment.ActionGrant})
		require.Equal(t, []payment.ID{second, third, id}, purchases(since, 10), "it is granted by now")
		// A refund writes lines with the payment's name too, which must not be read as purchases.
		w.Receives(w.Refunded(second, "re_1", 100, payment.RefundSucceeded))
		require.Equal(t, []payment.ID{second, third, id}, purchases(since, 10), "only a grant makes one")
	}),
	"the row of what granted nothing is written on what was read": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// Two parked payments share one row. A commit that read it before the second came must not
		// drop it.
		snapshot := w.Snapshot(parks(w, "a", alice), alice)
		parks(w, "b", alice)
		after := *snapshot.Payment
		after.LookedUp++
		w.refuses(snapshot, payment.Change{After: after, Ungranted: []payment.ID{}}, "another came since")
	}),
	"a claim finds its customer's purchase by its day and amount, and decides it": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		first := w.Payment("first")
		w.Receives(w.Paid(first, alice))
		w.Receives(w.Paid(w.Payment("bobs"), bob))
		w.Pass(day)
		// The claim names no payment. Its day and amount fit only one, so the policy decides as if
		// it were named.
		request := w.claim(policy.KindNotCredited, alice, "")
		c := w.unnamed(policy.KindNotCredited, request)
		require.Equal(t, []any{refund.StateDeclined, "G2.1", string(first)}, []any{c.State, c.Decision.Clause, c.Payment})
		// Each edit takes the claim out of what matches: too far apart, another sum, another
		// customer.
		for name, edit := range map[string]func(*refund.Request){
			"two days later":   func(r *refund.Request) { r.Claim.PaidAt, r.Key = w.Now, w.Key() },
			"two days earlier": func(r *refund.Request) { r.Claim.PaidAt, r.Key = noon.Add(-2*day), w.Key() },
			"another amount":   func(r *refund.Request) { r.Claim.Amount.Minor++; r.Key = w.Key() },
			"bob has one":      func(r *refund.Request) { r.Customer = w.Customer("carol"); r.Key = w.Key() },
		} {
			w.Now = w.Now.Add(day)
			none := w.unnamed(policy.KindNotCredited, request, edit)
			require.Equal(t, []any{refund.StateInReview, policy.ClauseNoRule, "", 0}, []any{none.State, none.Decision.Clause, none.Payment, len(none.Candidates)}, name)
			w.Now = w.Now.Add(-day)
		}
		// With two matches nobody can tell which is meant: staff get both as candidates.
		w.Pass(time.Hour)
		second := w.Payment("second")
		w.Receives(w.Paid(second, alice))
		request.Key = w.Key()
		several := w.unnamed(policy.KindChangeOfMind, request)
		require.Equal(t, []any{refund.StateInReview, ""}, []any{several.State, several.Payment})
		require.Equal(t, []payment.ID{first, second}, candidatesOf(several))
		// An id among the claim's own words settles which of the two is meant.
		request.Key = w.Key()
		byID := w.unnamed(policy.KindChangeOfMind, request, func(r *refund.Request) { r.Claim.TransactionIDs = []string{"order 7", string(second)} })
		require.Equal(t, []any{refund.StateDeclined, "G1", string(second)}, []any{byID.State, byID.Decision.Clause, byID.Payment})
	}),
	"of double charges that a claim does not name, the last is judged; of purchases apart, staff decide": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		// A minute apart is a double charge, an hour is not.
		for _, customer := range []struct {
			id    ledger.CustomerID
			apart time.Duration
		}{{alice, time.Minute}, {bob, time.Hour}} {
			first, second := w.Payment("1"+string(customer.id)), w.Payment("2"+string(customer.id))
			w.Receives(w.Paid(first, customer.id))
			w.Pass(customer.apart)
			w.Receives(w.Paid(second, customer.id))
			c := w.unnamed(policy.KindDuplicateCharge, w.claim(policy.KindDuplicateCharge, customer.id, ""))
			if customer.id == alice {
				require.Equal(t, []any{refund.StatePaying, "G2.2", string(second)}, []any{c.State, c.Decision.Clause, c.Payment})
				continue
			}
			require.Equal(t, refund.StateInReview, c.State)
			require.Equal(t, []payment.ID{first, second}, candidatesOf(c))
			// Bob's claim fits both of his purchases. An approval that names neither must not pick
			// one for staff.
			order := w.ruling(policy.OutcomeApproved)
			_, err := w.rule(c.ID, order)
			require.Error(t, err, "which of them?")
			order.Payment = second
			_, err = w.rule(c.ID, order)
			require.NoError(t, err)
			w.Drain()
			require.Equal(t, []any{refund.StateClosed, string(second)}, []any{w.CaseOf(c.ID).State, w.CaseOf(c.ID).Payment})
			w.wantPaidBack(second, c.ID, 500)
		}
		w.WantLaws(alice)
		w.WantLaws(bob)
	}),
	"staff see another's or nobody's payment that a claim names, and the case says nothing of it": inGoopter(func(t *testing.T, w *World) {
		alice, bob, cs := w.Customer("alice"), w.Customer("bob"), w.Payment("cs")
		// Names of payments that are not the customer's: staff may see them, the case must not show
		// them.
		nobodys, bobs, own := under(w.Paid(w.Payment("nobodys"), ""), cs), w.Payment("bobs"), w.Payment("own")
		w.Receives(nobodys)
		w.Receives(w.Paid(bobs, bob))
		w.Receives(w.Paid(own, alice))
		for _, id := range []payment.ID{cs, bobs} {
			request := w.claim(policy.KindAbnormalCharge, alice, "")
			c := w.unnamed(policy.KindAbnormalCharge, request, func(r *refund.Request) { r.Claim.TransactionIDs = []string{string(id)} })
			require.Equal(t, []any{refund.StateInReview, ""}, []any{c.State, c.Payment})
			want := bobs
			if id == cs {
				want = nobodys.Payment
			}
			require.Equal(t, []payment.ID{own, want}, candidatesOf(c), "what was bought for that on that day too")
			// After the decline the case must still name no payment: its customer would learn that
			// it exists.
			_, err := w.rule(c.ID, w.ruling(policy.OutcomeDeclined))
			require.NoError(t, err)
			w.Deliver()
			require.Empty(t, w.CaseOf(c.ID).Payment)
		}
		// Carol bought nothing, so the nameless payment is her only candidate, and stays unnamed
		// after the decline.
		carols := w.unnamed(policy.KindAbnormalCharge, w.claim(policy.KindAbnormalCharge, w.Customer("carol"), ""), func(r *refund.Request) {
			r.Claim.TransactionIDs = []string{string(cs)}
		})
		require.Equal(t, []payment.ID{nobodys.Payment}, candidatesOf(carols))
		w.Rules(carols.ID, policy.OutcomeDeclined)
		w.Deliver()
		require.Equal(t, []any{refund.StateDeclined, ""}, []any{w.CaseOf(carols.ID).State, w.CaseOf(carols.ID).Payment})
		require.Empty(t, w.PaymentOf(nobodys.Payment).Claims)
		// No payment fits this amount, so there is nothing to choose from.
		request := w.claim(policy.KindAbnormalCharge, alice, "")
		c := w.unnamed(policy.KindAbnormalCharge, request, func(r *refund.Request) { r.Claim.Amount.Minor = 1 })
		require.Empty(t, c.Candidates)
		// A ruling may name any of the candidates, or a payment that staff found by hand, but no
		// one else's.
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy, order.Payment = policy.InMoney(request.Claim.Amount), bobs
		_, err := w.rule(c.ID, order)
		require.Equal(t, "payment", fieldOf(err))
		order.Payment = w.Payment("unheard")
		_, err = w.rule(c.ID, order)
		require.Equal(t, "payment", fieldOf(err))
		order.Payment = own
		_, err = w.rule(c.ID, order)
		require.NoError(t, err, "staff found it by hand")
		w.Drain()
		w.wantPaidBack(own, c.ID, 500)
		w.WantLaws(alice)
	}),
}
