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

	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/notice"
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

// got is one post as the app's server saw it.
type got struct {
	header http.Header
	body   []byte
}

// recorded posts by these secrets and returns what came, all attempts.
func recorded(t *testing.T, secrets []string, id, body string, now time.Time, statuses ...int) []got {
	t.Helper()
	var came []got
	endpoint, _ := serve(t, secrets, func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		came = append(came, got{r.Header.Clone(), text})
		if len(statuses) >= len(came) {
			w.WriteHeader(statuses[len(came)-1])
		}
	})
	require.NoError(t, endpoint.Post(ctx, id, []byte(body), now))
	return came
}

func verified(t *testing.T, secret string, post got) error {
	t.Helper()
	oracle, err := standard.NewWebhook(secret)
	require.NoError(t, err)
	return oracle.Verify(post.body, post.header)
}

func TestEveryLiveSecretSignsAsTheSpecificationHasIt(t *testing.T) {
	posts := recorded(t, []string{first, second}, "cas_1.refunded", `{"type":"refund.decided"}`, time.Now())
	require.Len(t, posts, 1)
	post := posts[0]
	assert.JSONEq(t, `{"type":"refund.decided"}`, string(post.body))
	assert.Equal(t, "cas_1.refunded", post.header.Get("webhook-id"))
	assert.Equal(t, "application/json", post.header.Get("Content-Type"))
	for _, secret := range []string{first, second} {
		require.NoError(t, verified(t, secret, post))
		require.Error(t, verified(t, secret, got{post.header, append(post.body, ' ')}))
		for _, name := range []string{"webhook-id", "webhook-timestamp"} {
			forged := got{post.header.Clone(), post.body}
			forged.header.Set(name, strings.ReplaceAll(post.header.Get(name), "1", "2"))
			require.Error(t, verified(t, secret, forged), name)
		}
	}
	assert.Regexp(t, `^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$`, post.header.Get("webhook-signature"))
	require.Error(t, verified(t, "whsec_c3RyYW5nZXI=", post))
}

func TestAPostBringsTheIDOfItsLogLines(t *testing.T) {
	ids := make(chan string, 2)
	endpoint, _ := serve(t, []string{first}, func(_ http.ResponseWriter, r *http.Request) { ids <- r.Header.Get("Correlation-Id") })
	require.NoError(t, endpoint.Post(correlation.With(ctx, "req-7"), "cas_1.refunded", []byte("{}"), time.Now()))
	assert.Equal(t, "req-7", <-ids)
	require.NoError(t, endpoint.Post(ctx, "cas_1.refunded", []byte("{}"), time.Now()))
	assert.Empty(t, <-ids)
}

func TestAReceiverMayChangeItsSecretAtAnyTime(t *testing.T) {
	for _, stage := range []struct {
		live   []string
		before bool
		after  bool
	}{
		{[]string{first}, true, false},
		{[]string{first, second}, true, true},
		{[]string{second, first}, true, true},
		{[]string{second}, false, true},
	} {
		post := recorded(t, stage.live, "cas_1.refunded", "{}", time.Now())[0]
		assert.Equal(t, stage.before, verified(t, first, post) == nil, stage.live)
		assert.Equal(t, stage.after, verified(t, second, post) == nil, stage.live)
	}
}

func TestTheSignatureIsThatOfThePublishedExample(t *testing.T) {
	// The id, instant, body, key and signature that every library of the specification tests with.
	published := []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	post := recorded(t, published, "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, time.Unix(1614265330, 0))[0]
	assert.Equal(t, "1614265330", post.header.Get("webhook-timestamp"))
	assert.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", post.header.Get("webhook-signature"))
}

func TestARepeatedAttemptKeepsTheIDAndSignsItsOwnInstant(t *testing.T) {
	now := time.Now().Truncate(time.Second).Add(900 * time.Millisecond) // so that the second attempt falls into the next second
	posts := recorded(t, []string{first}, "cas_1.refunded", "{}", now, http.StatusServiceUnavailable)
	require.Len(t, posts, 2)
	assert.Equal(t, posts[0].header.Get("webhook-id"), posts[1].header.Get("webhook-id"))
	assert.Equal(t, posts[0].body, posts[1].body)
	assert.NotEqual(t, posts[0].header.Get("webhook-timestamp"), posts[1].header.Get("webhook-timestamp"))
	for _, post := range posts {
		require.NoError(t, verified(t, first, post))
	}
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

func TestAReceiversRetryAfterIsHeeded(t *testing.T) {
	now := time.Now()
	for header, want := range map[string]time.Duration{
		"3600": time.Hour, "999999999": 24 * time.Hour, now.Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour,
	} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			endpoint, calls := serve(t, []string{first}, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(status)
			})
			err := endpoint.Post(ctx, "cas_1.refunded", nil, now)
			var busy *fault.Error
			require.ErrorAs(t, err, &busy)
			assert.Equal(t, fault.KindBusy, busy.Kind)
			assert.InDelta(t, want.Seconds(), busy.RetryAfter.Seconds(), 2, header)
			assert.EqualValues(t, 1, calls.Load(), "not before: it goes back to its queue")
		}
	}
	for _, header := range []string{"", "soon", "-5", "0", now.Add(-time.Hour).UTC().Format(http.TimeFormat)} {
		endpoint, calls := serve(t, []string{first}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		require.Error(t, endpoint.Post(ctx, "cas_1.refunded", nil, now))
		assert.EqualValues(t, 3, calls.Load(), header)
	}
}

func TestAReceiverThatIsGoneIsSaidSo(t *testing.T) {
	endpoint, calls := serve(t, []string{first}, answering(http.StatusGone))
	require.ErrorIs(t, endpoint.Post(ctx, "cas_1.refunded", nil, time.Now()), notice.ErrGone)
	assert.EqualValues(t, 1, calls.Load())
}
