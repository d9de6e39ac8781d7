package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// paidIn is a purchase whose checkout was in that language.
func (w *World) paidIn(id payment.ID, customer ledger.CustomerID, locale string) payment.Facts {
	facts := w.Paid(id, customer)
	bought := *facts.Purchase
	bought.Locale = locale
	facts.Purchase = &bought
	return facts
}

var locales = map[string]func(*testing.T, *World){
	"a case is told of in the language of whoever asked, else of its generation, and a repeat in another is a repeat": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		order := w.order(alice, 2)
		order.Locale = "de"
		started, err := w.start(order)
		require.NoError(t, err)
		order.Locale = "fr"
		again, err := w.start(order)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, "de", w.Generation(started.ID).Locale)
		w.Settles(started.ID, w.Success(2))
		own := w.report(started.ID, 0)
		own.Locale = "pt-BR"
		opened, err := w.file(own)
		require.NoError(t, err)
		own.Locale = "fr"
		repeated, err := w.file(own)
		require.NoError(t, err)
		require.True(t, repeated.Replayed)
		other := w.Reports(started.ID, 1)
		w.Deliver()
		require.Equal(t, []string{"pt-BR", "de"}, []string{w.CaseOf(opened.Case).Locale, w.CaseOf(other).Locale})
		w.Rules(other, policy.OutcomeDeclined)
		w.Deliver()
		require.Equal(t, "de", w.CaseOf(other).Locale, "a verdict leaves it")

		order = w.order(alice, 1)
		order.Locale = "de"
		failed, err := w.start(order)
		require.NoError(t, err)
		w.Settles(failed.ID, w.Failure(generation.CausePlatform))
		w.Deliver()
		require.Equal(t, "de", w.Case(failed.ID).Locale)
	},
	"a claim is told of in its own language, else in that of the checkout; so is what an outage offers": inGoopter(func(t *testing.T, w *World) {
		alice, paid := w.Customer("alice"), w.Payment("german")
		w.Hears(w.paidIn(paid, alice, "de"))
		w.Hears(w.Paid(paid, alice))
		require.Equal(t, "de", w.PaymentOf(paid).Locale(), "what an event leaves out stands")
		silent := w.Claims(policy.KindChangeOfMind, alice, paid)
		french := w.claim(policy.KindNotCredited, alice, paid)
		french.Locale = "fr"
		opened, err := w.claims(french)
		require.NoError(t, err)
		w.Deliver()
		require.Equal(t, []string{"de", "fr"}, []string{w.CaseOf(silent).Locale, w.CaseOf(opened.Case).Locale})
		w.WantVerdict(silent, refund.StateDeclined, "G1")

		bob := w.Customer("bob")
		w.Hears(w.Paid(w.Payment("bobs"), bob))
		stranger := w.Claims(policy.KindAbnormalCharge, bob, paid)
		w.Deliver()
		require.Empty(t, w.CaseOf(stranger).Locale, "another's checkout says nothing of who claims")

		began := w.Now
		w.Pass(49 * time.Hour)
		w.MakesGood(w.Declares(began, w.Now).ID, "")
		w.Drain()
		require.Equal(t, "de", w.offer(outage.NewOfferID(alice, paid, began)).Locale)
	}),
}
