package main

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/message"
	"makegood/shared/payment"
)

// queues remembers what was sent, or fails.
type queues struct {
	sent []string
	err  error
}

func (q *queues) Request(_ context.Context, request message.RefundRequested) error {
	q.sent = append(q.sent, "follow "+request.Payment)
	return q.err
}

func (q *queues) Settle(_ context.Context, unsettled message.PaymentUnsettled) error {
	q.sent = append(q.sent, "settle "+unsettled.Payment)
	return q.err
}

func TestARefundOfOursIsKnownByItsCase(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-paid-starter", "stripe-refund-for-a-case", "standard-paid", "standard-refunded-for-a-case")
	for _, id := range []payment.ID{stripeID, standardID} {
		p, _ := d.payment(id)
		require.Len(t, p.Refunds, 1)
		for _, refund := range p.Refunds {
			assert.Equal(t, "cas_66r5a4ce6yl6frliurr62r35jkic2s2wdm3w4xrb", refund.Case)
		}
	}
	assert.Empty(t, d.queues.sent, "nobody promised it: it is one more refund")
}

func TestAPurchaseSendsNothing(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-paid-starter", "stripe-refund-pending", "stripe-refund-succeeded", "stripe-charge-refunded", "stripe-dispute-opened")
	assert.Empty(t, d.queues.sent)
}

func TestARefundThatIsOnlyCountedIsAskedAboutUntilItIsHeard(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-paid-starter", "stripe-charge-refunded")
	settle := "settle " + string(stripeID)
	assert.Equal(t, []string{settle}, d.queues.sent)
	d.wants(stripeID, 50, 50, 0)
	d.hears("stripe-charge-refunded")
	assert.Equal(t, []string{settle, settle}, d.queues.sent, "a repeat sends again")
	d.hears("stripe-refund-succeeded", "stripe-charge-refunded")
	assert.Len(t, d.queues.sent, 2)
	d.wants(stripeID, 30, 50, 20)
}

func TestWhatCannotBeSentIsDurableAndIsAskedForAgain(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-paid-starter")
	d.queues.err = errors.New("no such queue: payment-refunds-7f3a")
	p := d.refused(fixture(t, "stripe-charge-refunded"))
	assert.Equal(t, []any{503, "busy"}, []any{p.Status, p.Code})
	assert.NotContains(t, p.Detail, "7f3a")
	heard, _ := d.payment(stripeID)
	assert.Equal(t, int64(200), heard.RefundedInAll)
	d.queues.err = nil
	d.hears("stripe-charge-refunded")
	assert.Len(t, d.queues.sent, 2)
}
