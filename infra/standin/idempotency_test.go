package standin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"makegood/infra/standin"
)

func TestARepeatUnderAKeyGetsTheFirstAnswerByteForByte(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	first, second := must(d.refund("pi_1", 200, "k"))(t), must(d.refund("pi_1", 200, "k"))(t)
	assert.Equal(t, first.raw, second.raw)
	assert.Empty(t, first.header.Get("Idempotent-Replayed"))
	assert.Equal(t, "true", second.header.Get("Idempotent-Replayed"))
	assert.EqualValues(t, 200, d.RefundedMinor("pi_1"))
	assert.Len(t, d.told(), 2, "a repeat tells nothing")
	assert.Equal(t, standin.Calls{Refunds: 2, Replayed: 1}, d.Calls("pi_1"))
}

func TestAKeyWithOtherParametersIsRefused(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	must(d.refund("pi_1", 200, "k"))(t)
	a := must(d.refund("pi_1", 300, "k"))(t)
	assert.Equal(t, http.StatusBadRequest, a.status)
	assert.Equal(t, "idempotency_error", a.body["error"].(map[string]any)["type"])
	assert.EqualValues(t, 200, d.RefundedMinor("pi_1"))
}

func TestARefusalThatRanIsSavedAndOneThatDidNotIsNot(t *testing.T) {
	d := open(t)
	a := must(d.refund("pi_1", 200, "early"))(t)
	assert.Equal(t, http.StatusNotFound, a.status)
	d.bought("pi_1")
	a = must(d.refund("pi_1", 200, "early"))(t)
	assert.Equal(t, http.StatusOK, a.status, "the payment is known now: %s", a.raw)

	_, err := d.Dispute("pi_1", 0, "needs_response")
	require.NoError(t, err)
	assert.Equal(t, "charge_disputed", must(d.refund("pi_1", 100, "k"))(t).code())
	_, err = d.Dispute("pi_1", 0, "won")
	require.NoError(t, err)
	a = must(d.refund("pi_1", 100, "k"))(t)
	assert.Equal(t, "charge_disputed", a.code(), "it ran, so it is what the key gets for good")
	assert.Equal(t, "true", a.header.Get("Idempotent-Replayed"))
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 100, "k-2"))(t).status)
}

func TestCallsOfOneKeyAtOnceMakeOneRefund(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.fault(standin.Fault{Kind: standin.FaultSlow, Delay: 200 * time.Millisecond})
	var calls errgroup.Group
	answers := make([]answered, 8)
	for n := range answers {
		calls.Go(func() (err error) {
			answers[n], err = d.refund("pi_1", 200, "k")
			return err
		})
	}
	require.NoError(t, calls.Wait())
	counts := map[string]int{}
	for _, a := range answers {
		counts[fmt.Sprint(a.status, " ", a.code())]++
	}
	assert.Positive(t, counts["200 <nil>"])
	assert.Positive(t, counts["409 idempotency_key_in_use"])
	assert.Len(t, counts, 2)
	assert.Len(t, d.Refunds("pi_1"), 1)
	assert.Positive(t, d.Calls("pi_1").Overlapped)
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 200, "k"))(t).status, "a conflict is not saved")
}

func TestAKeyIsAtMost255Characters(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	assert.Equal(t, http.StatusBadRequest, must(d.refund("pi_1", 1, strings.Repeat("k", 256)))(t).status)
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 1, strings.Repeat("k", 255)))(t).status)
}
