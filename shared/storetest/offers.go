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

// offer returns the offer, nil when there is none.
func (w *World) offer(id outage.OfferID) *outage.Offer {
	w.t.Helper()
	// The offer's own row is read, which lags by nothing.
	return read(w, func() (*outage.Offer, error) { return w.Store.FindOffer(w.ctx(), id) })
}

// notifyOffers marks the offer of each waiting message as notified, and returns how many there
// were.
func (w *World) notifyOffers() int {
	batch := take(w, &w.offers)
	for _, request := range batch {
		require.NoError(w.t, again(func() error { return w.Store.MarkOfferNotified(w.ctx(), outage.OfferID(request.Offer), w.Now) }))
		w.notified = append(w.notified, request.Offer)
	}
	return len(batch)
}

// offersOne has an outage of 49 hours offered to a customer who bought before it, and returns the
// offer's id.
func offersOne(w *World, customer ledger.CustomerID, paymentID payment.ID) (outage.OfferID, outage.ID) {
	w.t.Helper()
	// The purchase lies before the outage, or the outage would owe it nothing.
	w.Receives(w.Paid(paymentID, customer))
	began := w.Now
	w.Pass(49 * time.Hour)
	outageID := w.Declares(began, w.Now)
	w.MakesGood(outageID.ID, "")
	return outage.NewOfferID(customer, paymentID, began), outageID.ID
}

var offerStories = map[string]func(*testing.T, *World){
	"an outage is offered once for a purchase, though the run is cut off, and moves nothing until it is claimed": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("offered")
		id, o := offersOne(w, alice, paymentID)
		w.Lose() // the message of the first page
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { w.Runs(); w.Deliver(); return w.offer(id) != nil })
		offer := *w.offer(id)
		require.Equal(t, []any{alice, paymentID, o, money.Amount{Currency: "USD", Minor: 500}},
			[]any{offer.Customer, offer.Payment, offer.Outage, offer.Remedy.Money()})
		require.Equal(t, offer.PaidAt.Add(30*24*time.Hour), offer.ClaimUntil)
		require.True(t, offer.Untold())
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(o).Run.DoneAt.IsZero() })
		w.WantAvailable(alice, 50)
		require.Nil(t, w.CaseOf(outageCase(alice, paymentID, o)), "nobody claimed")

		// The notice is lost too; it stays due on the offer, so a sweep sends it again.
		w.Lose() // the notice
		w.Pass(2 * time.Minute)
		count := 0
		w.SweepUntil(func() bool { count += w.notifyOffers(); return count > 0 })
		require.Equal(t, todo.List(nil), w.offer(id).Todo)
		require.False(t, w.offer(id).NotifiedAt.IsZero())

		// Another declaration of the same time meets the same purchase, which has its offer
		// already.
		again := w.Declares(offer.Met.StartedAt, *offer.Met.EndedAt)
		w.MakesGood(again.ID, "")
		w.Drain()
		w.Lose()
		w.Pass(2 * time.Minute)
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(again.ID).Run.DoneAt.IsZero() })
		require.Equal(t, o, w.offer(id).Outage, "declared again it is offered no more")
		require.NotContains(t, w.offers, message.NewOutageOffered(string(id)))

		// The claim uses the id that a run which gives at once would use, so that one purchase is
		// given to once.
		claim := w.ClaimsOutage(alice, paymentID, o)
		require.Equal(t, outageCase(alice, paymentID, o), claim, "the case that a run which gives would make")
		w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(claim).State == refund.StateClosed })
		w.WantVerdict(claim, refund.StateClosed, "G2.3")
		w.WantAvailable(alice, 0)
		require.EqualValues(t, 500, w.PaymentOf(paymentID).RefundTotal())
		w.WantLaws(alice)
	}),
	"an offer is recorded once, and told once": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		ends := w.Now.Add(49 * time.Hour)
		offer := outage.Offer{
			ID: outage.NewOfferID(alice, "pi_1", w.Now), Customer: alice, Payment: "pi_1", Outage: outage.NewID("staff", w.Key()), PaidAt: w.Now,
			Met:    policy.OutageFacts{StartedAt: w.Now, EndedAt: &ends, PreventedUse: true},
			Remedy: *policy.InCredits(5), Policy: policy.Ref{Name: "goopter", Revision: "r", Digest: "d"}, MadeAt: w.Now,
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
		// Two runs may make the offer at once. The second gets the first one's, whatever it
		// computed itself.
		makes(offer)
		require.Equal(t, &offer, w.offer(offer.ID))
		other := offer
		other.Remedy = *policy.InCredits(6)
		require.Equal(t, &offer, makes(other))
		require.Equal(t, &offer, w.offer(offer.ID))

		// Claims of the mail: the same claimant may ask again, another has to wait.
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
		// b's return changes nothing, for the claim is a's.
		for _, by := range []string{"b", "a"} {
			require.NoError(t, again(func() error { return w.Store.ReturnOfferMail(w.ctx(), offer.ID, by) }))
			if by == "b" {
				wants("a", true)
			}
		}
		wants("b", true)
		// A minute later the mail has gone out, or died with its claimant: nobody sends it any
		// more.
		w.Pass(notice.MailClaim)
		wants("c", false)

		w.Pass(time.Hour)
		mark := func() {
			require.NoError(t, again(func() error { return w.Store.MarkOfferNotified(w.ctx(), offer.ID, w.Now) }))
		}
		mark()
		after := w.offer(offer.ID)
		require.Equal(t, []any{w.Now, todo.List(nil)}, []any{after.NotifiedAt, after.Todo})
		w.Pass(time.Hour)
		mark()
		require.Equal(t, after, w.offer(offer.ID), "it was told before")
		wants("d", false)
		nobody := outage.NewOfferID(alice, "pi_2", w.Now)
		require.NoError(t, again(func() error { return w.Store.MarkOfferNotified(w.ctx(), nobody, w.Now) }))
		require.Nil(t, w.offer(nobody))
	}),
	"an offer that nobody can be told of is listed as stuck, by its own kind": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, _ := offersOne(w, alice, w.Payment("stuck"))
		w.SweepUntil(func() bool { w.Drain(); return w.offer(id) != nil })
		// Nobody can be notified, so the offer is given up under its own kind.
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
