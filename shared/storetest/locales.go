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

// paidIn returns a purchase whose checkout was in that language.
func (w *World) paidIn(id payment.ID, customer ledger.CustomerID, locale string) payment.Facts {
	facts := w.Paid(id, customer)
	// The purchase is copied, since other facts of the story share it.
	purchase := *facts.Purchase
	purchase.Locale = locale
	facts.Purchase = &purchase
	return facts
}

var locales = map[string]func(*testing.T, *World){
	"a case is told of in the language of whoever asked, else of its generation, and a repeat in another is a repeat": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		order := w.order(alice, 2)
		order.Locale = "de"
		start, err := w.start(order)
		require.NoError(t, err)
		// The language is no part of what an idempotency key stands for: a replay may come from
		// another screen.
		order.Locale = "fr"
		again, err := w.start(order)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, "de", w.Generation(start.ID).Locale)
		w.Settles(start.ID, w.Success(2))
		own := w.report(start.ID, 0)
		own.Locale = "pt-BR"
		result, err := w.file(own)
		require.NoError(t, err)
		own.Locale = "fr"
		replay, err := w.file(own)
		require.NoError(t, err)
		require.True(t, replay.Replayed)
		// The second report names no language, so it has its generation's.
		other := w.Reports(start.ID, 1)
		w.Deliver()
		require.Equal(t, []string{"pt-BR", "de"}, []string{w.CaseOf(result.Case).Locale, w.CaseOf(other).Locale})
		w.Rules(other, policy.OutcomeDeclined)
		w.Deliver()
		require.Equal(t, "de", w.CaseOf(other).Locale, "a verdict leaves it")

		order = w.order(alice, 1)
		order.Locale = "de"
		failure, err := w.start(order)
		require.NoError(t, err)
		w.Settles(failure.ID, w.Failure(generation.CausePlatform))
		w.Deliver()
		require.Equal(t, "de", w.Case(failure.ID).Locale)
	},
	"a claim is told of in its own language, else in that of the checkout; so is what an outage offers": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("german")
		w.Receives(w.paidIn(id, alice, "de"))
		// A later event without a language must not erase the one that is known.
		w.Receives(w.Paid(id, alice))
		require.Equal(t, "de", w.PaymentOf(id).Locale(), "what an event leaves out stands")
		silent := w.Claims(policy.KindChangeOfMind, alice, id)
		french := w.claim(policy.KindNotCredited, alice, id)
		french.Locale = "fr"
		result, err := w.claims(french)
		require.NoError(t, err)
		w.Deliver()
		require.Equal(t, []string{"de", "fr"}, []string{w.CaseOf(silent).Locale, w.CaseOf(result.Case).Locale})
		w.WantVerdict(silent, refund.StateDeclined, "G1")

		// Bob claims about alice's purchase: its language says nothing about him.
		bob := w.Customer("bob")
		w.Receives(w.Paid(w.Payment("bobs"), bob))
		stranger := w.Claims(policy.KindAbnormalCharge, bob, id)
		w.Deliver()
		require.Empty(t, w.CaseOf(stranger).Locale, "another's checkout says nothing of who claims")

		began := w.Now
		w.Pass(49 * time.Hour)
		w.MakesGood(w.Declares(began, w.Now).ID, "")
		w.Drain()
		require.Equal(t, "de", w.offer(outage.NewOfferID(alice, id, began)).Locale)
	}),
}
