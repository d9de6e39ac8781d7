package providertest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/payment"
	"makegood/shared/storetest"
)

// outcome is how a payment ends, by whatever way its facts came.
type outcome struct {
	state          payment.State
	purchase       payment.Purchase
	refunds        map[string]payment.Refund
	disputes       map[string]payment.Dispute
	granted, taken ledger.Credits
	available      ledger.Credits
}

// outcomeOf returns how pi_1 ends for a new stack that receives these facts in this order.
func (b *bench) outcomeOf(all []payment.Facts) outcome {
	b.t.Helper()
	w := storetest.NewWorldOf(b.t, memory.New(), "goopter")
	for _, facts := range all {
		w.Receives(facts)
	}
	p := w.Snapshot("pi_1", "alice").Payment
	require.NotNil(b.t, p)
	purchase := *p.Purchase
	// A look may not know the mode, so it is no part of the outcome.
	purchase.Livemode = nil
	return outcome{p.State, purchase, p.Refunds, p.Disputes, p.Granted(), p.Clawback.Total(), w.Wallet("alice").Available(w.Now)}
}

// mergeTests are the promises that the ways of a fact keep together.
var mergeTests = map[string]func(*testing.T, *bench){
	"a payment ends the same, in whatever way and order it is heard": func(t *testing.T, b *bench) {
		b.account.Happens(history("pi_1")[:3]...)
		// All that is left, and before the bank comes: then nothing is refunded any more.
		_, err := b.Refund(b.ctx, order("cas_1-2"))
		require.NoError(t, err)
		b.wantOneOutcome(t)
		// After every single event, not only at the end: a stack may look or list at any moment.
		for _, facts := range history("pi_1")[3:] {
			b.account.Happens(facts)
			b.wantOneOutcome(t)
		}
	},
	"the answer to a refund is what the webhook will tell": func(t *testing.T, b *bench) {
		b.account.Happens(paid("pi_1"))
		purchase := b.webhook()
		reply, err := b.Refund(b.ctx, order("cas_1"))
		require.NoError(t, err)
		require.Equal(t, b.outcomeOf(b.webhook()), b.outcomeOf(append(purchase, reply)))
	},
}

// wantOneOutcome demands that the payment ends the same by every way, and by every mixture of ways.
func (b *bench) wantOneOutcome(t *testing.T) {
	t.Helper()
	webhooks, list := b.webhook(), b.listAll(noon)
	look, err := b.Look(b.ctx, "pi_1")
	require.NoError(t, err)
	want := b.outcomeOf(webhooks)
	require.Equal(t, payment.StateGranted, want.state)
	// Without a clawback in play the comparison would prove little.
	require.NotZero(t, want.taken)
	// Webhooks promise no order: the last may come first.
	backwards := slices.Clone(webhooks)
	slices.Reverse(backwards)
	for way, facts := range map[string][]payment.Facts{
		"look": look, "list": list, "backwards": backwards,
		"look, then webhooks": slices.Concat(look, webhooks), "webhooks, then look": slices.Concat(webhooks, look), "all": slices.Concat(list, look, webhooks),
	} {
		require.Equal(t, want, b.outcomeOf(facts), way)
	}
}
