package standin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

func TestAcceptedThenDroppedRefundExistsAndIsTold(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultAcceptThenDrop})
	_, err := d.refund("pi_1", 200, "k")
	require.Error(t, err, "no answer")
	assert.EqualValues(t, 200, d.RefundedMinor("pi_1"))
	assert.Equal(t, []string{"refund.created", "charge.refunded"}, d.kinds())
	a := must(d.refund("pi_1", 200, "k"))(t)
	assert.Equal(t, "true", a.header.Get("Idempotent-Replayed"))
	assert.EqualValues(t, 200, d.RefundedMinor("pi_1"))
}

func TestAForgottenKeyMakesAnotherRefund(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultKeyForgotten})
	must(d.refund("pi_1", 200, "k"))(t)
	assert.Equal(t, 1, d.Heal(), "the first call has nothing to forget")
	d.fault(standin.Fault{Kind: standin.FaultKeyForgotten})
	must(d.refund("pi_1", 200, "k"))(t)
	must(d.refund("pi_1", 200, "k"))(t)
	assert.Len(t, d.Refunds("pi_1"), 2)
	assert.EqualValues(t, 400, d.RefundedMinor("pi_1"))
}

func TestASlowAnswerComesAfterItsRefund(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultSlow, Delay: time.Second})
	started := time.Now()
	done := make(chan time.Duration, 1)
	go func() {
		_, _ = d.refund("pi_1", 200, "k")
		done <- time.Since(started)
	}()
	require.Eventually(t, func() bool { return d.RefundedMinor("pi_1") == 200 }, 10*time.Second, time.Millisecond)
	assert.Empty(t, done, "the refund is there before its answer")
	assert.GreaterOrEqual(t, <-done, time.Second)
}

func TestARefusedCallDoesNothingAndLeavesItsKeyFree(t *testing.T) {
	for kind, want := range map[standin.FaultKind]string{
		standin.FaultInUse: "409idempotency_key_in_use", standin.FaultThrottled: "429lock_timeout",
	} {
		d := open(t)
		d.bought("pi_1")
		d.fault(standin.Fault{Kind: kind, Times: 2})
		for range 2 {
			a := must(d.refund("pi_1", 200, "k"))(t)
			assert.Equal(t, want, fmt.Sprint(a.status, a.code()))
			assert.Zero(t, d.RefundedMinor("pi_1"))
		}
		assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 200, "k"))(t).status, "after as many times as were asked for")
	}
}

func TestAServerErrorIsSavedUnderItsKeyAlone(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultServerErrorSaved})
	first, second := must(d.refund("pi_1", 200, "k"))(t), must(d.refund("pi_1", 200, "k"))(t)
	assert.Equal(t, http.StatusInternalServerError, first.status)
	assert.Empty(t, first.header.Get("Idempotent-Replayed"))
	assert.Equal(t, first.raw, second.raw)
	assert.Equal(t, "true", second.header.Get("Idempotent-Replayed"))
	assert.Zero(t, d.RefundedMinor("pi_1"))
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 200, "k-2"))(t).status)
}

func TestARefusedRefundIsSaved(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultRefused})
	assert.Equal(t, "charge_not_refundable", must(d.refund("pi_1", 200, "k"))(t).code())
	assert.Equal(t, "charge_not_refundable", must(d.refund("pi_1", 200, "k"))(t).code())
	assert.Zero(t, d.RefundedMinor("pi_1"))
}

func TestARefundThatFailsLaterGivesItsAmountFreeAgain(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultFailsLater, Delay: 50 * time.Millisecond})
	a := must(d.refund("pi_1", 500, "k"))(t)
	assert.Equal(t, "succeeded", a.body["status"])
	require.Eventually(t, func() bool { return d.RefundedMinor("pi_1") == 0 }, 10*time.Second, 5*time.Millisecond)
	require.Eventually(t, func() bool { return len(d.told()) == 4 }, 10*time.Second, 5*time.Millisecond)
	assert.Equal(t, []string{"refund.created", "charge.refunded", "refund.updated", "refund.failed"}, d.kinds())
	last := d.told()[3].Facts
	assert.Equal(t, a.body["id"], last.RefundID)
	assert.EqualValues(t, "failed", last.Refund.Status)
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 500, "k-2"))(t).status)
}

func TestARefundWaitsUntilItIsMoved(t *testing.T) {
	for kind, to := range map[standin.FaultKind][]string{
		standin.FaultPending: {"succeeded", "failed"}, standin.FaultRequiresAction: {"canceled"},
	} {
		d := open(t)
		d.bought("pi_1")
		d.fault(standin.Fault{Kind: kind})
		a := must(d.refund("pi_1", 500, "k"))(t)
		assert.EqualValues(t, kind, a.body["status"])
		id, _ := a.body["id"].(string)
		for _, status := range to {
			_, err := d.MoveRefund(id, status)
			require.NoError(t, err)
			shown := must(d.ask(http.MethodGet, "/v1/refunds/"+id, nil))(t)
			assert.Equal(t, status, shown.body["status"])
		}
		_, err := d.MoveRefund(id, "succeeded")
		assert.ErrorContains(t, err, "cannot become", "failed and cancelled are final")
		_, err = d.MoveRefund("re_none", "failed")
		assert.Error(t, err)
	}
}

func TestWebhooksAreLostRepeatedAndLate(t *testing.T) {
	d := open(t)
	for _, id := range []string{"pi_lost", "pi_twice", "pi_late"} {
		d.bought(id)
	}
	d.fault(standin.Fault{Kind: standin.FaultWebhookLost, Payment: "pi_lost"})
	d.fault(standin.Fault{Kind: standin.FaultWebhookTwice, Payment: "pi_twice"})
	d.fault(standin.Fault{Kind: standin.FaultWebhookLate, Payment: "pi_late", Delay: 100 * time.Millisecond})

	must(d.refund("pi_lost", 500, "a"))(t)
	assert.Empty(t, d.told())
	listed := must(d.ask(http.MethodGet, "/v1/events?type=refund.created", nil))(t)
	assert.Len(t, listed.body["data"], 1, "what was lost is listed all the same")

	must(d.refund("pi_twice", 500, "b"))(t)
	assert.Equal(t, []string{"refund.created", "refund.created", "charge.refunded", "charge.refunded"}, d.kinds())
	assert.Equal(t, d.told()[0].Raw, d.told()[1].Raw)

	started := time.Now()
	must(d.refund("pi_late", 500, "c"))(t)
	assert.Len(t, d.told(), 6)
	assert.GreaterOrEqual(t, time.Since(started), 100*time.Millisecond)
}

func TestFaultsOfDifferentKindsMeetInOneCall(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	for _, kind := range []standin.FaultKind{standin.FaultAcceptThenDrop, standin.FaultPending, standin.FaultWebhookLost} {
		d.fault(standin.Fault{Kind: kind, Payment: "pi_1"})
	}
	_, err := d.refund("pi_1", 200, "k")
	require.Error(t, err)
	assert.Empty(t, d.told(), "only looking finds it")
	assert.Equal(t, "pending", d.Refunds("pi_1")[0].Status)
	assert.Zero(t, d.Heal())
}

func TestAFaultOfAnotherPaymentWaitsForIt(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.bought("pi_2")
	d.fault(standin.Fault{Kind: standin.FaultThrottled, Payment: "pi_2"})
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 1, "a"))(t).status)
	assert.Equal(t, http.StatusTooManyRequests, must(d.refund("pi_2", 1, "b"))(t).status)
}

func TestAFaultOfARefundWaitsForOneThatIsMade(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	must(d.refund("pi_1", 1, "a"))(t)
	d.fault(standin.Fault{Kind: standin.FaultPending})
	must(d.refund("pi_1", 1, "a"))(t)
	assert.Equal(t, 1, d.Heal(), "a replay makes none")
}

func TestReadsFailOnDemandToo(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultThrottled, Read: true})
	d.fault(standin.Fault{Kind: standin.FaultServerError, Read: true})
	d.fault(standin.Fault{Kind: standin.FaultAcceptThenDrop, Read: true, Payment: "pi_1"})
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 1, "a"))(t).status, "a call for a refund meets none of them")
	assert.Equal(t, http.StatusTooManyRequests, must(d.ask(http.MethodGet, "/v1/events", nil))(t).status)
	assert.Equal(t, http.StatusInternalServerError, must(d.ask(http.MethodGet, "/v1/refunds?payment_intent=pi_1", nil))(t).status)
	_, err := d.ask(http.MethodGet, "/v1/disputes?payment_intent=pi_1", nil)
	assert.Error(t, err)
	assert.Equal(t, http.StatusOK, must(d.ask(http.MethodGet, "/v1/disputes?payment_intent=pi_1", nil))(t).status)
	assert.Equal(t, 3, d.Calls("pi_1").Reads)
}

func TestFaultsAreAskedForOverHTTPAndMisspeltOnesRefused(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	say := func(method, body string) answered {
		return must(d.askWith(method, "/_standin/faults", strings.NewReader(body)))(t)
	}
	a := say(http.MethodPost, `{"refund":{"kind":"throttled","times":2,"payment":"pi_1"},"read":{"kind":"slow","delay_ms":1}}`)
	assert.Equal(t, http.StatusNoContent, a.status, a.raw)
	assert.Equal(t, http.StatusTooManyRequests, must(d.refund("pi_1", 1, "a"))(t).status)
	assert.EqualValues(t, 2, say(http.MethodDelete, "").body["left"])
	for _, body := range []string{
		`{"refund":{"kind":"explode"}}`, `{"refund":{"kind":"slow","time":2}}`, `{"refunds":{"kind":"slow"}}`, `{"read":{"kind":"pending"}}`,
		`{"refund":{"kind":"slow","times":-1}}`, `[]`,
	} {
		assert.Equal(t, http.StatusBadRequest, say(http.MethodPost, body).status, body)
	}
}
