package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/notice/webhook"
)

const (
	first  = "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="
	second = "whsec_c2Vjb25kLW5vdGljZS1zZWNyZXQtb2YtMzItYnl0ZXM="
)

var ctx = context.Background()

// serve opens an endpoint whose server answers by handle; the counter counts the calls.
func serve(t *testing.T, secrets []string, handle http.HandlerFunc) (*webhook.Endpoint, *atomic.Int64) {
	t.Helper()
	t.Setenv("MAKEGOOD_LOCAL", "1")
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	endpoint, err := webhook.Open(server.URL+"/notices", func(context.Context) ([]string, error) { return secrets, nil })
	require.NoError(t, err)
	return endpoint, &calls
}

func answering(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func TestEveryLiveSecretSignsAsTheSpecificationHasIt(t *testing.T) {
	endpoint, calls := serve(t, []string{first, second}, func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.JSONEq(t, `{"type":"refund.decided"}`, string(body))
		assert.Equal(t, "cas_1.refunded", r.Header.Get("webhook-id"))
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		for _, secret := range []string{first, second} {
			oracle, err := standard.NewWebhook(secret)
			assert.NoError(t, err)
			assert.NoError(t, oracle.Verify(body, r.Header))
			assert.Error(t, oracle.Verify(append(body, ' '), r.Header))
		}
		assert.Len(t, strings.Split(r.Header.Get("webhook-signature"), " "), 2)
		stranger, err := standard.NewWebhook("whsec_c3RyYW5nZXI=")
		assert.NoError(t, err)
		assert.Error(t, stranger.Verify(body, r.Header))
	})
	require.NoError(t, endpoint.Post(ctx, "cas_1.refunded", []byte(`{"type":"refund.decided"}`), time.Now()))
	assert.EqualValues(t, 1, calls.Load())
}

func TestOnlyA2xxIsAYes(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 299} {
		endpoint, _ := serve(t, []string{first}, answering(status))
		require.NoError(t, endpoint.Post(ctx, "cas_1.refunded", nil, time.Now()), status)
	}
	for status, kind := range map[int]fault.Kind{
		302: fault.KindInternal, 304: fault.KindInternal, 400: fault.KindInternal, 401: fault.KindInternal, 404: fault.KindInternal, 410: fault.KindInternal,
		429: fault.KindBusy, 500: fault.KindBusy, 503: fault.KindBusy,
	} {
		endpoint, calls := serve(t, []string{first}, answering(status))
		err := endpoint.Post(ctx, "cas_1.refunded", nil, time.Now())
		require.Error(t, err, status)
		assert.Equal(t, kind, fault.KindOf(err), status)
		want := map[fault.Kind]int64{fault.KindInternal: 1, fault.KindBusy: 3}[kind]
		assert.Equal(t, want, calls.Load(), "calls for %d", status)
	}
}

func TestAPassingFaultIsTriedAgain(t *testing.T) {
	var n atomic.Int64
	endpoint, calls := serve(t, []string{first}, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	require.NoError(t, endpoint.Post(ctx, "cas_1.refunded", nil, time.Now()))
	assert.EqualValues(t, 3, calls.Load())
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer elsewhere.Close()
	endpoint, _ := serve(t, []string{first}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusPermanentRedirect)
	})
	require.Error(t, endpoint.Post(ctx, "cas_1.refunded", []byte("{}"), time.Now()))
}

func TestAnEndlessAnswerIsNotRead(t *testing.T) {
	endpoint, _ := serve(t, []string{first}, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	started := time.Now()
	require.NoError(t, endpoint.Post(ctx, "cas_1.refunded", nil, time.Now()))
	assert.Less(t, time.Since(started), 5*time.Second)
}

func TestASilentServerIsGivenUpWithTheDeadline(t *testing.T) {
	endpoint, _ := serve(t, []string{first}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	err := endpoint.Post(short, "cas_1.refunded", nil, time.Now())
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestNothingIsSentUnsigned(t *testing.T) {
	for _, secrets := range [][]string{nil, {"whsec_"}, {first, "whsec_!hunter2!"}} {
		endpoint, calls := serve(t, secrets, answering(200))
		err := endpoint.Post(ctx, "cas_1.refunded", nil, time.Now())
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hunter2")
		assert.Zero(t, calls.Load())
	}
}

func TestAnErrorDoesNotShowTheAddress(t *testing.T) {
	t.Setenv("MAKEGOOD_LOCAL", "1")
	endpoint, err := webhook.Open("http://127.0.0.1:1/notices?token=hunter2", func(context.Context) ([]string, error) { return []string{first}, nil })
	require.NoError(t, err)
	err = endpoint.Post(ctx, "cas_1.refunded", nil, time.Now())
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestSecretsThatCannotBeReadStopThePost(t *testing.T) {
	t.Setenv("MAKEGOOD_LOCAL", "1")
	endpoint, err := webhook.Open("http://127.0.0.1:9", func(context.Context) ([]string, error) { return nil, fault.Busy(errors.New("throttled")) })
	require.NoError(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(endpoint.Post(ctx, "cas_1.refunded", nil, time.Now())))
}

func TestPlainHTTPIsForTheLocalStackOnly(t *testing.T) {
	t.Setenv("MAKEGOOD_LOCAL", "")
	for _, address := range []string{"http://127.0.0.1:3001/notices", "ftp://app.example", "app.example/notices", "https://", "://"} {
		_, err := webhook.Open(address, nil)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), address)
	}
	_, err := webhook.Open("https://app.example/notices", nil)
	require.NoError(t, err)
}
