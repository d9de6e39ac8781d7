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
	for _, edit := range edits {
		edit(&request)
	}
	opened, err := w.claims(request)
	require.NoError(w.t, err)
	w.Deliver()
	return *w.CaseOf(opened.Case)
}

func (w *World) findNamed(ids ...payment.ID) (found []payment.ID) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		payments, err := w.Store.FindNamed(w.ctx(), ids...)
		found = nil
		for _, p := range payments {
			found = append(found, p.ID)
		}
		return err
	}))
	return found
}

var finding = map[string]func(*testing.T, *World){
	"a payment that waited is found by every id that was told of it, and one granted at once by its own": inGoopter(func(t *testing.T, w *World) {
		alice, cs, ch := w.Customer("alice"), w.Payment("cs"), w.Payment("ch")
		parked := under(w.Paid(w.Payment("parked"), ""), cs)
		w.Hears(parked)
		granted := under(w.Paid(w.Payment("granted"), alice), w.Payment("other"))
		w.Hears(granted)
		require.Equal(t, []payment.ID{parked.Payment}, w.findNamed(cs, w.Payment("unheard")))
		require.Equal(t, []payment.ID{granted.Payment, parked.Payment}, w.findNamed(granted.Payment, cs, parked.Payment))
		require.Empty(t, w.findNamed(w.Payment("other")))
		w.Hears(under(w.Refunded(granted.Payment, "re_1", 100, payment.RefundSucceeded), ch))
		require.Equal(t, []payment.ID{granted.Payment}, w.findNamed(ch), "told later")
	}),
	"a customer's purchases are those that granted since, and the latest that granted nothing": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		purchases := func(since time.Time, limit int) (found []payment.ID) {
			require.NoError(t, again(func() (err error) {
				found, err = w.Store.PurchasesSince(w.ctx(), alice, since, limit)
				return err
			}))
			return found
		}
		require.Empty(t, purchases(noon, 10))
		old, second, third := w.Payment("old"), w.Payment("second"), w.Payment("third")
		w.Hears(w.Paid(old, alice))
		w.Pass(day)
		since := w.Now
		parked := parks(w, "parked", alice)
		w.Hears(w.Paid(second, alice))
		w.Pass(time.Hour)
		w.Hears(w.Paid(third, alice))
		w.Grants(alice, 5)
		require.Equal(t, []payment.ID{parked, second, third}, purchases(since, 10))
		require.Equal(t, []payment.ID{parked, second}, purchases(since, 2))
		w.Resolves(parked, payment.Resolution{Action: payment.ActionGrant})
		require.Equal(t, []payment.ID{second, third, parked}, purchases(since, 10), "it is granted by now")
		w.Hears(w.Refunded(second, "re_1", 100, payment.RefundSucceeded))
		require.Equal(t, []payment.ID{second, third, parked}, purchases(since, 10), "only a grant makes one")
	}),
	"the row of what granted nothing is written on what was read": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		read := w.Snapshot(parks(w, "a", alice), alice)
		parks(w, "b", alice)
		changed := *read.Payment
		changed.LookedUp++
		w.refuses(read, payment.Change{After: changed, Ungranted: []payment.ID{}}, "another came since")
	}),
	"a claim finds its customer's purchase by its day and amount, and decides it": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		first := w.Payment("first")
		w.Hears(w.Paid(first, alice))
		w.Hears(w.Paid(w.Payment("bobs"), bob))
		w.Pass(day)
		request := w.claim(policy.KindNotCredited, alice, "")
		found := w.unnamed(policy.KindNotCredited, request)
		require.Equal(t, []any{refund.StateDeclined, "G2.1", string(first)}, []any{found.State, found.Decision.Clause, found.Payment})
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
		w.Pass(time.Hour)
		second := w.Payment("second")
		w.Hears(w.Paid(second, alice))
		request.Key = w.Key()
		several := w.unnamed(policy.KindChangeOfMind, request)
		require.Equal(t, []any{refund.StateInReview, ""}, []any{several.State, several.Payment})
		require.Equal(t, []payment.ID{first, second}, candidatesOf(several))
		request.Key = w.Key()
		byID := w.unnamed(policy.KindChangeOfMind, request, func(r *refund.Request) { r.Claim.TransactionIDs = []string{"order 7", string(second)} })
		require.Equal(t, []any{refund.StateDeclined, "G1", string(second)}, []any{byID.State, byID.Decision.Clause, byID.Payment})
	}),
	"of double charges that a claim does not name, the last is judged; of purchases apart, staff decide": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		for _, customer := range []struct {
			id    ledger.CustomerID
			apart time.Duration
		}{{alice, time.Minute}, {bob, time.Hour}} {
			first, second := w.Payment("1"+string(customer.id)), w.Payment("2"+string(customer.id))
			w.Hears(w.Paid(first, customer.id))
			w.Pass(customer.apart)
			w.Hears(w.Paid(second, customer.id))
			found := w.unnamed(policy.KindDuplicateCharge, w.claim(policy.KindDuplicateCharge, customer.id, ""))
			if customer.id == alice {
				require.Equal(t, []any{refund.StatePaying, "G2.2", string(second)}, []any{found.State, found.Decision.Clause, found.Payment})
				continue
			}
			require.Equal(t, refund.StateInReview, found.State)
			require.Equal(t, []payment.ID{first, second}, candidatesOf(found))
			order := w.ruling(policy.OutcomeApproved)
			_, err := w.rule(found.ID, order)
			require.Error(t, err, "which of them?")
			order.Payment = second
			_, err = w.rule(found.ID, order)
			require.NoError(t, err)
			w.Drain()
			require.Equal(t, []any{refund.StateClosed, string(second)}, []any{w.CaseOf(found.ID).State, w.CaseOf(found.ID).Payment})
			w.wantPaidBack(second, found.ID, 500)
		}
		w.WantLaws(alice)
		w.WantLaws(bob)
	}),
	"staff see another's or nobody's payment that a claim names, and the case says nothing of it": inGoopter(func(t *testing.T, w *World) {
		alice, bob, cs := w.Customer("alice"), w.Customer("bob"), w.Payment("cs")
		nobodys, bobs, own := under(w.Paid(w.Payment("nobodys"), ""), cs), w.Payment("bobs"), w.Payment("own")
		w.Hears(nobodys)
		w.Hears(w.Paid(bobs, bob))
		w.Hears(w.Paid(own, alice))
		for _, named := range []payment.ID{cs, bobs} {
			request := w.claim(policy.KindAbnormalCharge, alice, "")
			found := w.unnamed(policy.KindAbnormalCharge, request, func(r *refund.Request) { r.Claim.TransactionIDs = []string{string(named)} })
			require.Equal(t, []any{refund.StateInReview, ""}, []any{found.State, found.Payment})
			want := bobs
			if named == cs {
				want = nobodys.Payment
			}
			require.Equal(t, []payment.ID{own, want}, candidatesOf(found), "what was bought for that on that day too")
			_, err := w.rule(found.ID, w.ruling(policy.OutcomeDeclined))
			require.NoError(t, err)
			w.Deliver()
			require.Empty(t, w.CaseOf(found.ID).Payment)
		}
		carols := w.unnamed(policy.KindAbnormalCharge, w.claim(policy.KindAbnormalCharge, w.Customer("carol"), ""), func(r *refund.Request) {
			r.Claim.TransactionIDs = []string{string(cs)}
		})
		require.Equal(t, []payment.ID{nobodys.Payment}, candidatesOf(carols))
		w.Rules(carols.ID, policy.OutcomeDeclined)
		w.Deliver()
		require.Equal(t, []any{refund.StateDeclined, ""}, []any{w.CaseOf(carols.ID).State, w.CaseOf(carols.ID).Payment})
		require.Empty(t, w.PaymentOf(nobodys.Payment).Claims)
		request := w.claim(policy.KindAbnormalCharge, alice, "")
		found := w.unnamed(policy.KindAbnormalCharge, request, func(r *refund.Request) { r.Claim.Amount.Minor = 1 })
		require.Empty(t, found.Candidates)
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy, order.Payment = &policy.Remedy{Money: &request.Claim.Amount}, bobs
		_, err := w.rule(found.ID, order)
		require.Equal(t, "payment", fieldOf(err))
		order.Payment = w.Payment("unheard")
		_, err = w.rule(found.ID, order)
		require.Equal(t, "payment", fieldOf(err))
		order.Payment = own
		_, err = w.rule(found.ID, order)
		require.NoError(t, err, "staff found it by hand")
		w.Drain()
		w.wantPaidBack(own, found.ID, 500)
		w.WantLaws(alice)
	}),
}
