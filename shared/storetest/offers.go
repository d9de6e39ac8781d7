package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func (w *World) offer(id outage.OfferID) (found *outage.Offer) {
	w.t.Helper()
	require.NoError(w.t, again(func() (err error) {
		found, err = w.Store.FindOffer(w.ctx(), id)
		return err
	}))
	return found
}

// tellOffers marks each offer whose telling was asked for as told, and returns how often it was asked.
func (w *World) tellOffers() int {
	waiting := take(w, &w.offers)
	for _, request := range waiting {
		require.NoError(w.t, again(func() error { return w.Store.MarkOfferTold(w.ctx(), outage.OfferID(request.Offer), w.Now) }))
	}
	return len(waiting)
}

// offersOne has an outage of 49 hours offered to a customer who bought before it, and returns the offer's id.
func offersOne(w *World, customer ledger.CustomerID, paid payment.ID) (outage.OfferID, outage.ID) {
	w.t.Helper()
	w.Hears(w.Paid(paid, customer))
	began := w.Now
	w.Pass(49 * time.Hour)
	declared := w.Declares(began, w.Now)
	w.MakesGood(declared.ID, "")
	return outage.NewOfferID(customer, paid, began), declared.ID
}

var offering = map[string]func(*testing.T, *World){
	"an outage is offered once for a purchase, though the run is cut off, and moves nothing until it is claimed": inGoopter(func(t *testing.T, w *World) {
		alice, paid := w.Customer("alice"), w.Payment("offered")
		id, declared := offersOne(w, alice, paid)
		w.Lose() // the message of the first page
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { w.Runs(); w.Deliver(); return w.offer(id) != nil })
		made := *w.offer(id)
		require.Equal(t, []any{alice, paid, declared, &money.Amount{Currency: "USD", Minor: 500}},
			[]any{made.Customer, made.Payment, made.Outage, made.Remedy.Money})
		require.Equal(t, made.PaidAt.Add(30*24*time.Hour), made.ClaimUntil)
		require.True(t, made.Untold())
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(declared).Run.DoneAt.IsZero() })
		w.WantAvailable(alice, 50)
		require.Nil(t, w.CaseOf(outageCase(alice, paid, declared)), "nobody claimed")

		w.Lose() // the notice
		w.Pass(2 * time.Minute)
		asks := 0
		w.SweepUntil(func() bool { asks += w.tellOffers(); return asks > 0 })
		require.Equal(t, todo.List(nil), w.offer(id).Todo)
		require.False(t, w.offer(id).ToldAt.IsZero())

		again := w.Declares(made.Met.StartedAt, *made.Met.EndedAt)
		w.MakesGood(again.ID, "")
		w.Drain()
		w.Lose()
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(again.ID).Run.DoneAt.IsZero() })
		require.Equal(t, declared, w.offer(id).Outage, "declared again it is offered no more")
		require.NotContains(t, w.offers, message.NewOutageOffered(string(id)))

		claim := w.ClaimsOutage(alice, paid, declared)
		require.Equal(t, outageCase(alice, paid, declared), claim, "the case that a run which gives would make")
		w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(claim).State == refund.StateClosed })
		w.WantVerdict(claim, refund.StateClosed, "G2.3")
		w.WantAvailable(alice, 0)
		require.EqualValues(t, 500, w.PaymentOf(paid).GoneBack())
		w.WantLaws(alice)
	}),
	"an offer is recorded once, and told once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		ends := w.Now.Add(49 * time.Hour)
		offer := outage.Offer{
			ID: outage.NewOfferID(alice, "pi_1", w.Now), Customer: alice, Payment: "pi_1", Outage: outage.NewID("staff", w.Key()), PaidAt: w.Now,
			Met:    policy.OutageFacts{StartedAt: w.Now, EndedAt: &ends, PreventedUse: true},
			Remedy: policy.Remedy{Credits: 5, To: policy.ToBalance}, Policy: policy.Ref{Name: "goopter", Revision: "r", Digest: "d"}, MadeAt: w.Now,
			Todo: todo.List{todo.StepOffer: w.Now.Add(todo.Resend)},
		}
		require.Nil(t, w.offer(offer.ID))
		makes := func(o outage.Offer) (earlier *outage.Offer) {
			require.NoError(t, again(func() (err error) {
				earlier, err = w.Store.MakeOffer(w.ctx(), o)
				return err
			}))
			return earlier
		}
		makes(offer)
		require.Equal(t, &offer, w.offer(offer.ID))
		other := offer
		other.Remedy.Credits = 6
		require.Equal(t, &offer, makes(other))
		require.Equal(t, &offer, w.offer(offer.ID))

		claims := func(by string) (mine bool, err error) {
			err = again(func() error {
				mine, err = w.Store.ClaimOfferMail(w.ctx(), offer.ID, by, w.Now)
				return err
			})
			return mine, err
		}
		wants := func(by string, want bool) {
			mine, err := claims(by)
			require.NoError(t, err)
			require.Equal(t, want, mine, by)
		}
		wants("a", true)
		wants("a", true)
		_, err := claims("b")
		require.Equal(t, fault.KindBusy, fault.KindOf(err))
		for _, by := range []string{"b", "a"} {
			require.NoError(t, again(func() error { return w.Store.ReturnOfferMail(w.ctx(), offer.ID, by) }))
			if by == "b" {
				wants("a", true)
			}
		}
		wants("b", true)
		w.Pass(notice.MailClaim)
		wants("c", false)

		w.Pass(time.Hour)
		tells := func() {
			require.NoError(t, again(func() error { return w.Store.MarkOfferTold(w.ctx(), offer.ID, w.Now) }))
		}
		tells()
		told := w.offer(offer.ID)
		require.Equal(t, []any{w.Now, todo.List(nil)}, []any{told.ToldAt, told.Todo})
		w.Pass(time.Hour)
		tells()
		require.Equal(t, told, w.offer(offer.ID), "it was told before")
		wants("d", false)
		nobody := outage.NewOfferID(alice, "pi_2", w.Now)
		require.NoError(t, again(func() error { return w.Store.MarkOfferTold(w.ctx(), nobody, w.Now) }))
		require.Nil(t, w.offer(nobody))
	}),
	"an offer that nobody can be told of is listed as stuck, by its own kind": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, _ := offersOne(w, alice, w.Payment("stuck"))
		w.SweepUntil(func() bool { w.Drain(); return w.offer(id) != nil })
		for range due.MaxAttempts + 2 {
			w.Pass(2 * time.Hour)
			w.Nudge()
			w.Sweep()
			w.Lose()
		}
		w.SweepUntil(func() bool { return stuckOf(w, alice) == 1 })
		stuck := stuckPages(w, alice, 10)
		require.Equal(t, []any{todo.KindOffer, string(id)}, []any{stuck[0].Kind, stuck[0].Sort})
		require.Equal(t, todo.StepOffer, only(stuck[0].Todo))
	}),
}

// only returns the one step of the list.
func only(list todo.List) (step todo.Step) {
	for one := range list {
		step = one
	}
	return step
}
