package standard_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider/standard"
)

// asking returns a gateway whose every request serve answers; live are the secrets that sign.
func asking(t *testing.T, serve http.HandlerFunc, live ...string) standard.Gateway {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	return standard.OpenGateway(secrets(live...), server.URL)
}

func answering(t *testing.T, body string) standard.Gateway {
	t.Helper()
	return asking(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }, secret)
}

var ours = payment.RefundOrder{Payment: "pay_1", Amount: usd(200), Case: "cas_1", Key: "cas_1-2"}

func TestEveryRequestIsSignedByEveryLiveSecret(t *testing.T) {
	asked, ids := []string{}, []string{}
	gateway := asking(t, func(w http.ResponseWriter, r *http.Request) {
		body := readAll(r)
		for _, live := range []string{secret, other} {
			assert.NoError(t, must(oracle.NewWebhook(live)).Verify(body, r.Header), r.Method)
		}
		asked = append(asked, r.Method+" "+r.URL.String()+" "+string(body))
		assert.Equal(t, r.Method == http.MethodPost, r.Header.Get("Content-Type") == "application/json")
		ids = append(ids, r.Header.Get(standard.HeaderID))
		_, _ = w.Write([]byte(`{"id":"rf_1"}`))
	}, other, "whsec_not base64", secret)
	_, err := gateway.Look(t.Context(), "pay|1")
	require.NoError(t, err)
	_, err = gateway.Refund(t.Context(), ours)
	require.NoError(t, err)
	_, err = gateway.List(t.Context(), noon, "a b")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"GET /payments/pay%7C1 ",
		`POST /refunds {"payment":"pay_1","amount":{"currency":"USD","minor":200},"case":"cas_1"}`,
		"GET /events?cursor=a+b&since=2026-03-01T12%3A00%3A00Z ",
	}, asked)
	assert.Equal(t, "cas_1-2", ids[1], "the id is the idempotency key")
	assert.NotEqual(t, ids[0], ids[2])
}

func TestNothingIsAskedUnsigned(t *testing.T) {
	for name, live := range map[string][]string{"none": nil, "a slip": {"whsec_not base64"}, "a weak one": {"whsec_c2hvcnQ="}} {
		gateway := asking(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") }, live...)
		_, err := gateway.Refund(t.Context(), ours)
		require.Error(t, err, name)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), name)
	}
}

func TestAnswerToARefundMayBeShort(t *testing.T) {
	for body, want := range map[string]payment.Refund{
		`{"id":"rf_1"}`: {Amount: usd(200), Status: payment.RefundPending, Case: "cas_1"},
		`{"id":"rf_1","amount":150,"status":"succeeded"}`: {Amount: usd(150), Status: payment.RefundSucceeded, Case: "cas_1"},
		`{"id":"rf_1","amount":{"currency":"eur","minor":150},"status":"failed","case":"cas_0"}`: {
			Amount: money.Amount{Currency: "EUR", Minor: 150}, Status: payment.RefundFailed, Case: "cas_0",
		},
	} {
		facts, err := answering(t, body).Refund(t.Context(), ours)
		require.NoError(t, err)
		assert.Equal(t, payment.Facts{Payment: "pay_1", Provider: "standard", RefundID: "rf_1", Refund: &want}, facts, body)
	}
}

func TestLookThatShowsWhatCannotBeUnderstoodIsAnError(t *testing.T) {
	for _, event := range []string{`7`, `{"type":"payment.refunded","data":{"payment":"pay_1","refund":{"id":"rf_1","amount":-1,"status":"pending"}}}`} {
		found, err := answering(t, `{"events":[`+paid+`,`+event+`]}`).Look(t.Context(), "pay_1")
		require.Error(t, err)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err))
		assert.Empty(t, found)
	}
}

func TestLookLeavesOutWhatIsOfAnotherPaymentOrNotOurs(t *testing.T) {
	found, err := answering(t, `{"events":[{"type":"customer.created"},`+paid+`]}`).Look(t.Context(), "pay_2")
	require.NoError(t, err)
	assert.Empty(t, found)
	found, err = answering(t, `{"events":[{"type":"customer.created"},`+paid+`]}`).Look(t.Context(), "pay_1")
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

func TestPurchaseThatDoesNotSayWhenIsOfNow(t *testing.T) {
	before := time.Now().Add(-time.Second)
	listing, err := answering(t, `{"events":[{"type":"payment.paid","data":{"payment":"pay_1","package":"starter"}}]}`).List(t.Context(), noon, "")
	require.NoError(t, err)
	require.Len(t, listing.Facts, 1)
	assert.Zero(t, listing.Facts[0].At, "it does not say")
	assert.WithinRange(t, listing.Facts[0].Purchase.PaidAt, before, time.Now())
}

func TestAdapterThatKeepsNoListHasNoEvents(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, secret)
	listing, err := gateway.List(t.Context(), noon, "")
	require.NoError(t, err)
	assert.Equal(t, payment.Listing{NoList: true}, listing)
	_, err = gateway.List(t.Context(), noon, "page 2")
	require.Error(t, err, "a page that is gone is no end of the list")
}

func TestQuestionThatTheAdapterRefusesIsAMistakeOfOurs(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }, secret)
	_, err := gateway.List(t.Context(), noon, "")
	require.Error(t, err)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))

	gateway = asking(t, func(w http.ResponseWriter, r *http.Request) {
		problem(http.StatusConflict, payment.CodeRefused).ServeHTTP(w, r)
	}, secret)
	_, err = gateway.Look(t.Context(), "pay_1")
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err), "a question has no refusals")
}

func TestAnswerWithoutEndIsNotReadToItsEnd(t *testing.T) {
	const end = 64
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for chunk := bytes.Repeat([]byte(" "), 1<<20); sent < end; sent++ {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	_, err := standard.OpenGateway(secrets(secret), server.URL).Look(t.Context(), "pay_1")
	server.Close() // when the handler is done
	assert.Less(t, sent, end)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}
