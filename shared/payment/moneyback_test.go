package payment_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/payment"
)

func TestRefundAndDisputeHeardBeforeTheirPurchaseEndLevel(t *testing.T) {
	d := newDesk(t)
	result := d.hears(refunded("re_1", 200, payment.RefundSucceeded))
	assert.True(t, result.Changed, "durable before anybody knows whose it is")
	assert.Equal(t, payment.StatePending, result.Payment.State)
	d.hears(disputed("dp_1", 100, payment.DisputeOpen))
	d.hears(paid())
	d.wants(t, 20, 0, 50, 30)
	d.hears(disputed("dp_1", 100, payment.DisputeWon))
	d.wants(t, 30, 0, 50, 20)
	d.hears(refunded("re_1", 200, payment.RefundFailed))
	d.wants(t, 50, 0, 50, 0)
}

func TestStatementShowsTheMovementsOfAPaymentInTheirOrder(t *testing.T) {
	d := newDesk(t)
	grant := d.hears(paid()).Entries[0]
	var last ledger.Entry
	for _, earlier := range []time.Duration{0, time.Minute, time.Hour} {
		status := []payment.RefundStatus{payment.RefundPending, payment.RefundFailed}
		for n, s := range status {
			result, err := d.Receive(context.Background(), refunded("re_"+earlier.String(), 200, s), noon.Add(-earlier))
			require.NoError(t, err)
			require.Len(t, result.Entries, 1, n)
			require.Greater(t, result.Entries[0].ID, max(grant.ID, last.ID), "handled by a clock that is %s behind", earlier)
			last = result.Entries[0]
		}
	}
}

func TestStatementSaysWhyCreditsWereTakenBack(t *testing.T) {
	back, dispute := refunded("re_1", 200, payment.RefundPending), disputed("dp_1", 200, payment.DisputeOpen)
	for reason, order := range map[string][]payment.Facts{
		"payment_refund": {paid(), back}, "payment_refund before": {back, paid()},
		"payment_dispute": {paid(), dispute}, "payment_dispute before": {dispute, paid()},
	} {
		entries := newDesk(t).hears(order...).Entries
		assert.Equal(t, strings.Fields(reason)[0], entries[len(entries)-1].Cause.Reason, reason)
	}
}

func TestRankDecidesWhateverIsHeardLast(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), refunded("re_1", 500, payment.RefundFailed), refunded("re_1", 500, payment.RefundSucceeded), refunded("re_1", 500, payment.RefundPending))
	d.wants(t, 50, 0, 50, 0)
	d.hears(disputed("dp_1", 500, payment.DisputeWon), disputed("dp_1", 500, payment.DisputeOpen), disputed("dp_1", 500, payment.DisputeLost))
	d.wants(t, 50, 0, 50, 0)
	d.hears(disputed("dp_2", 500, payment.DisputeLost), disputed("dp_2", 500, payment.DisputeInquiryOpen))
	d.wants(t, 0, 0, 50, 50)
}

func TestInquiryTakesNothingBack(t *testing.T) {
	d := newDesk(t)
	for _, status := range []payment.DisputeStatus{
		payment.DisputeInquiryOpen, payment.DisputeInquiryReview, payment.DisputeInquiryClosed, payment.DisputePrevented,
	} {
		d.hears(paid(), disputed("dp_"+string(status), 500, status))
		d.wants(t, 50, 0, 50, 0)
	}
}

func TestMoneyBackBeyondWhatWasPaidIsCapped(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), refunded("re_1", 400, payment.RefundSucceeded), disputed("dp_1", 1<<62, payment.DisputeLost), refunded("re_2", 1<<62, payment.RefundSucceeded))
	d.wants(t, 0, 0, 50, 50)
}

func TestMoneyBackInAnotherCurrencyCountsInFull(t *testing.T) {
	d := newDesk(t)
	euro := disputed("dp_1", 1, payment.DisputeOpen)
	euro.Dispute.Amount.Currency = "EUR"
	d.hears(paid(), euro)
	d.wants(t, 0, 0, 50, 50)
}

func TestCumulativeCountOfRefundsMovesNothingByItself(t *testing.T) {
	d := newDesk(t)
	count := payment.Facts{Payment: "pi_1", Provider: "stripe", Event: "evt_9", RefundedInAll: 500}
	d.hears(paid(), count)
	d.wants(t, 50, 0, 50, 0)
	assert.EqualValues(t, 500, d.payment("pi_1").RefundedInAll)
	assert.False(t, d.hears(count).Changed)
}

func TestSpentCreditsOfARefundedPurchaseAreOwedAndForgivenWhenItFails(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	wallet := d.wallet("alice")
	_, hold, err := ledger.Hold(wallet, 30, noon)
	require.NoError(t, err)
	d.wallets["alice"] = hold.After
	d.hears(refunded("re_1", 500, payment.RefundSucceeded))
	d.wants(t, 0, 30, 50, 50)
	d.hears(refunded("re_1", 500, payment.RefundFailed))
	d.wants(t, 20, 0, 50, 0)
}

func TestFactsOfOneRankEndTheSameInEitherOrder(t *testing.T) {
	refund := refunded("re_1", 100, payment.RefundPending)
	refund.Refund.Case = "cas_1"
	facts := []payment.Facts{
		paid(), refund, refunded("re_1", 100, payment.RefundSucceeded), refunded("re_1", 300, payment.RefundSucceeded),
		refunded("re_2", 100, payment.RefundCanceled), refunded("re_2", 100, payment.RefundFailed),
		disputed("dp_1", 10, payment.DisputeOpen), disputed("dp_1", 50, payment.DisputeOpen),
		{Payment: "pi_1", Provider: "stripe", RefundedInAll: 100},
		{Payment: "pi_1", Provider: "stripe", RefundedInAll: 300},
	}
	forth, back := newDesk(t), newDesk(t)
	forth.hears(facts...)
	slices.Reverse(facts)
	back.hears(facts...)
	for _, d := range []*desk{forth, back} {
		p := d.payment("pi_1")
		assert.Equal(t, map[string]payment.Refund{
			"re_1": {Amount: usd(300), Status: payment.RefundSucceeded, Case: "cas_1"}, "re_2": {Amount: usd(100), Status: payment.RefundFailed},
		}, p.Refunds)
		assert.Equal(t, map[string]payment.Dispute{"dp_1": {Amount: usd(50), Status: payment.DisputeOpen}}, p.Disputes)
		assert.EqualValues(t, 300, p.RefundedInAll)
		d.wants(t, 15, 0, 50, 35)
	}
}

func TestFactsOfTheOtherModeAboutMoneyBackAreNotHeard(t *testing.T) {
	d := newDesk(t)
	live, test := true, false
	d.Rules.Livemode = &live
	d.hears(paid(func(p *payment.Purchase) { p.Livemode = &live }))
	back := refunded("re_1", 500, payment.RefundSucceeded)
	back.Livemode = &test
	assert.False(t, d.hears(back).Changed)
	d.wants(t, 50, 0, 50, 0)
	back.Livemode = &live
	d.hears(back)
	d.wants(t, 0, 0, 50, 50)
}

func TestPurchasePaysAnOldDebtFirst(t *testing.T) {
	d := newDesk(t)
	other := paid()
	other.Payment = "pi_2"
	d.hears(other)
	_, hold, err := ledger.Hold(d.wallet("alice"), 50, noon)
	require.NoError(t, err)
	d.wallets["alice"] = hold.After
	back := refunded("re_2", 500, payment.RefundSucceeded)
	back.Payment = "pi_2"
	d.hears(back, paid())
	d.wants(t, 0, 0, 50, 0)
	failure := refunded("re_2", 500, payment.RefundFailed)
	failure.Payment = "pi_2"
	d.hears(failure)
	d.wants(t, 50, 0, 50, 0)
}
