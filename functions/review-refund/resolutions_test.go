package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

func TestOfTenStaffAtOnceOneGrantsTheCredits(t *testing.T) {
	d := shop(t)
	d.parks(waiting, cheap)
	var wait sync.WaitGroup
	for i := range 10 {
		wait.Go(func() {
			assert.Contains(t, []int{200, 409, 503}, d.Ask([]string{"resolve-grant", "resolve-again-otherwise"}[i%2]).StatusCode)
		})
	}
	wait.Wait()
	p := d.PaymentOf(waiting)
	require.Len(t, p.Resolutions, 1)
	if p.Resolutions[0].Action == payment.ActionGrant {
		d.WantAvailable("alice", 50)
		assert.Empty(t, p.Promised)
	} else {
		d.WantAvailable("alice", 0)
		assert.Len(t, p.Promised, 1)
	}
	d.WantLaws("alice")
}

// deaf queues take nothing.
type deaf struct{}

func (deaf) Settle(context.Context, message.PaymentUnsettled) error { return errors.New("no queue") }

func TestAResolutionThatCannotBeSentIsRecordedAndSentByItsRepeat(t *testing.T) {
	d := shop(t)
	d.parks(waiting, cheap)
	h := handler{
		store:    d.Store,
		payments: payment.Receiver{Store: d.Store, Rules: payment.Rules{Catalog: d.World}},
		outbox:   payment.Outbox{Settlements: deaf{}}, now: func() time.Time { return d.Now },
	}
	assert.Equal(t, 500, httptest.New(t, "review-refund", h.now, h.routes).Ask("resolve-refund").StatusCode)
	assert.Len(t, d.PaymentOf(waiting).Resolutions, 1)
	d.gets("resolve-refund")
	assert.Equal(t, 1, d.Pays())
}

func TestARepeatThatIsClaimedIsRuledOnInItsCase(t *testing.T) {
	d := shop(t)
	d.Receives(d.Paid("pi_3NqFirst", "alice"))
	d.Pass(time.Minute)
	d.Receives(d.Paid(waiting, "alice"))
	claimed := d.Claims(policy.KindDuplicateCharge, "alice", waiting)
	refused := d.Ask("resolve-refund-repeated")
	assert.Equal(t, httptest.Refusal{409, "already_reported", nil}, refused.Refusal())
	assert.Equal(t, string(claimed), refused.Fields["case"])
	d.parks("pi_3NqOther", cheap)
	d.Claims(policy.KindDuplicateCharge, "alice", "pi_3NqOther")
	other := d.Ask("resolve-refund", func(event map[string]any) {
		event["rawPath"] = "/v1/payments/pi_3NqOther/resolve"
	})
	assert.Equal(t, 200, other.StatusCode, "what is no repeat is paid back without a case: %s", other.Body)
	assert.Empty(t, d.gets("payment")["resolutions"])
}

func TestAResolutionIsRepeatedForEverByItsKeyAndNoOtherTakesItsPlace(t *testing.T) {
	d := shop(t)
	d.parks(waiting, cheap)
	first := d.Ask("resolve-grant")
	require.Equal(t, 200, first.StatusCode)
	assert.NotContains(t, first.Headers, "idempotent-replayed")
	assert.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("resolve-under-a-used-key").Refusal())
	d.Receives(d.Refunded(waiting, "re_1", 200, payment.RefundSucceeded))
	d.Pass(time.Hour)
	again := d.Ask("resolve-grant")
	assert.Equal(t, []any{200, "true", first.Body}, []any{again.StatusCode, again.Headers["idempotent-replayed"], again.Body})
	d.WantAvailable("alice", 25)
}

func TestAStaleScreenIsToldWhatWaitsNow(t *testing.T) {
	d := shop(t)
	d.Receives(d.Paid("pi_3NqFirst", "alice"))
	d.Pass(time.Minute)
	d.Receives(d.Paid(waiting, "alice"))
	refused := d.Ask("resolve-refund") // of a wrong amount
	assert.Equal(t, httptest.Refusal{409, "reason_changed", nil}, refused.Refusal())
	assert.Equal(t, "repeated", refused.Fields["waits"])
	assert.Empty(t, d.PaymentOf(waiting).Resolutions)
}

func TestCreditsGivenForMoneyThatNeverCameAreTakenBack(t *testing.T) {
	d := shop(t)
	unpaid := func(bought *payment.Purchase) { bought.Status = payment.StatusUnpaid }
	d.parks(waiting, unpaid)
	d.gets("resolve-grant", waitsFor(payment.ReasonUnpaid))
	d.Uses("alice", 1) // 3 credits
	failed := d.Paid(waiting, "alice")
	failed.Purchase.Status = payment.StatusFailed
	d.Receives(failed)
	taken := d.gets("resolve-take-back")
	assert.Equal(t, []any{50.0, 3.0, nil}, []any{taken["taken"], taken["owed"], taken["waits"]})
	d.WantAvailable("alice", 0)
	d.WantOwed("alice", 3)
	d.WantLaws("alice")
}
