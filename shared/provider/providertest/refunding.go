package providertest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// order returns the order that the suite's refunds are made with, under that idempotency key.
func order(key string) payment.RefundOrder {
	return payment.RefundOrder{Payment: "pi_1", Amount: usd(200), Case: "cas_1", Key: key}
}

// refunds returns the refunds that the account made.
func (b *bench) refunds() []payment.Facts {
	var refunds []payment.Facts
	for _, facts := range b.account.Of("pi_1") {
		if facts.Refund != nil {
			refunds = append(refunds, facts)
		}
	}
	return refunds
}

// refundTests are the promises of Refund.
var refundTests = map[string]func(*testing.T, *bench){
	"a refund is made of that payment, amount and case": func(t *testing.T, b *bench) {
		b.account.Happens(paid("pi_1"))
		facts, err := b.Refund(b.ctx, order("cas_1"))
		require.NoError(t, err)
		require.NoError(t, facts.Validate())
		want := refunded("pi_1", facts.RefundID, 200, payment.RefundPending, "cas_1")
		require.Equal(t, want, essence(facts))
		require.Equal(t, b.webhook()[0].Provider, facts.Provider)
		require.Equal(t, []payment.Facts{want}, b.refunds())
		look, err := b.Look(b.ctx, "pi_1")
		require.NoError(t, err)
		require.Contains(t, essences(look), essence(facts))
		require.Contains(t, essences(b.listAll(noon)), essence(facts))
	},
	"the same key is the same refund, another key another": func(t *testing.T, b *bench) {
		b.account.Happens(paid("pi_1"))
		// At once, as two deliveries of one message would: the key must hold without our help.
		var all sync.WaitGroup
		ids := make([]string, 8)
		for n := range ids {
			all.Go(func() {
				facts, err := b.Refund(b.ctx, order("cas_1"))
				if assert.NoError(t, err) {
					ids[n] = facts.RefundID
				}
			})
		}
		all.Wait()
		for _, id := range ids {
			require.Equal(t, ids[0], id)
		}
		require.Len(t, b.refunds(), 1)
		facts, err := b.Refund(b.ctx, order("cas_1-2"))
		require.NoError(t, err)
		require.NotEqual(t, ids[0], facts.RefundID)
		require.Len(t, b.refunds(), 2)
	},
	"an order without a key, a case or an amount is not sent": func(t *testing.T, b *bench) {
		for _, change := range []func(*payment.RefundOrder){
			func(o *payment.RefundOrder) { o.Key = "" }, func(o *payment.RefundOrder) { o.Case = "" },
			func(o *payment.RefundOrder) { o.Amount.Minor = 0 }, func(o *payment.RefundOrder) { o.Amount.Minor = -1 },
		} {
			wrong := order("cas_1")
			change(&wrong)
			_, err := b.Refund(b.ctx, wrong)
			b.wantError(err, fault.KindInternal)
		}
		// Our own bug must not reach a provider, where it would cost money.
		require.Zero(t, b.calls())
	},
	"a refusal has its code": func(t *testing.T, b *bench) {
		for _, code := range []string{payment.CodeAlreadyRefunded, payment.CodeDisputed, payment.CodeKeySpent, payment.CodeRefused} {
			require.NotEmpty(t, b.Refusals[code], code)
			for _, answer := range b.Refusals[code] {
				b.answers(answer)
				_, err := b.Refund(b.ctx, order("cas_1"))
				b.wantError(err, fault.KindConflict, code, answer)
				require.Equal(t, code, fault.CodeOf(err), answer)
			}
		}
	},
	"where there is nobody to ask, a refund is refused": func(t *testing.T, b *bench) {
		_, err := b.Nobody().Refund(b.ctx, order("cas_1"))
		b.wantError(err, fault.KindConflict)
		require.Equal(t, payment.CodeRefused, fault.CodeOf(err))
	},
	"a refund that was made before the line was cut is found by looking, and by its key": func(t *testing.T, b *bench) {
		b.account.Happens(paid("pi_1"))
		// The worst moment of all: the money has gone, and we do not know it.
		b.answers(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			b.service.ServeHTTP(httptest.NewRecorder(), r)
			cut()
		}))
		_, err := b.Refund(b.ctx, order("cas_1"))
		b.wantError(err, fault.KindBusy)
		b.answers(b.service)
		refunds := b.refunds()
		require.Len(t, refunds, 1)
		look, err := b.Look(b.ctx, "pi_1")
		require.NoError(t, err)
		require.Contains(t, essences(look), refunds[0])
		again, err := b.Refund(b.ctx, order("cas_1"))
		require.NoError(t, err)
		require.Equal(t, refunds[0].RefundID, again.RefundID)
		require.Len(t, b.refunds(), 1)
	},
}

// callAll makes every call of a gateway and returns the errors by the call's name.
func (b *bench) callAll(ctx context.Context) map[string]error {
	_, refund := b.Refund(ctx, order("cas_1"))
	_, look := b.Look(ctx, "pi_1")
	_, list := b.List(ctx, noon, "")
	return map[string]error{"refund": refund, "look": look, "list": list}
}

// failureTests are the promises for a service that fails: what is open must read as open, since a
// refund called refused is never asked for again.
var failureTests = map[string]func(*testing.T, *bench){
	"a service that is busy, or that nobody understands, leaves it open": func(t *testing.T, b *bench) {
		nonsense := []Answer{
			{Status: http.StatusOK, Body: "<html>" + Private},
			{Status: http.StatusOK},
			{Status: http.StatusOK, Body: `{"data":[`},
			{Status: http.StatusBadGateway, Body: "<html>" + Private},
			{Status: http.StatusServiceUnavailable},
		}
		for _, answer := range append(nonsense, b.Busy...) {
			b.answers(answer)
			for call, err := range b.callAll(b.ctx) {
				b.wantError(err, fault.KindBusy, call, answer)
			}
			require.Equal(t, 3, b.calls(), "asking again is the caller's to decide")
		}
	},
	"a refund of which the answer says nothing is asked for again": func(_ *testing.T, b *bench) {
		// With 200 the refund was taken, so that no answer's nonsense may end in a refusal.
		for _, body := range []string{`{}`, `null`, `[]`, `{"id":""}`, `{"id":"re_1","status":"pending","amount":-1,"currency":"usd"}`} {
			b.answers(Answer{Status: http.StatusOK, Body: body})
			_, err := b.Refund(b.ctx, order("cas_1"))
			b.wantError(err, fault.KindBusy, body)
		}
	},
	"a caller who is not known is told so": func(t *testing.T, b *bench) {
		require.NotEmpty(t, b.Strangers)
		// Internal: a key that is wrong is for us to mend, and an alarm should tell so.
		for _, answer := range b.Strangers {
			b.answers(answer)
			for call, err := range b.callAll(b.ctx) {
				b.wantError(err, fault.KindInternal, call, answer)
			}
		}
	},
	"a line that is cut leaves it open": func(_ *testing.T, b *bench) {
		for _, line := range []http.HandlerFunc{
			func(http.ResponseWriter, *http.Request) { cut() },
			func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte(`{"id":"re_1"`))
				_ = http.NewResponseController(w).Flush()
				cut()
			},
		} {
			b.answers(line)
			for call, err := range b.callAll(b.ctx) {
				b.wantError(err, fault.KindBusy, call)
			}
		}
	},
	"nobody there leaves it open": func(t *testing.T, b *bench) {
		// A port that nobody listens at: a closed server's.
		server := httptest.NewServer(b.service)
		server.Close()
		b.Provider = b.Open(secrets(b.Secret), server.URL)
		for call, err := range b.callAll(b.ctx) {
			b.wantError(err, fault.KindBusy, call)
		}
		require.Zero(t, b.calls())
	},
	"a caller who waits no longer leaves it open": func(t *testing.T, b *bench) {
		b.answers(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the caller go
			<-r.Context().Done()
		}))
		for _, ask := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := b.Refund(ctx, order("cas_1")); return err },
			func(ctx context.Context) error { _, err := b.Look(ctx, "pi_1"); return err },
			func(ctx context.Context) error { _, err := b.List(ctx, noon, ""); return err },
		} {
			ctx, cancel := context.WithTimeout(b.ctx, 50*time.Millisecond)
			start := time.Now()
			b.wantError(ask(ctx), fault.KindBusy)
			require.Less(t, time.Since(start), provider.Patience/2, "it was the caller who gave up")
			cancel()
		}
	},
	"nothing is sent on to another address": func(t *testing.T, b *bench) {
		// A redirect would carry the signature or key to whoever is named in it.
		target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t.Errorf("%s %s was sent on", r.Method, r.URL.Path)
			b.service.ServeHTTP(w, r)
		}))
		defer target.Close()
		for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			b.answers(Answer{Status: status, Header: map[string]string{"Location": target.URL}})
			for call, err := range b.callAll(b.ctx) {
				b.wantError(err, fault.KindBusy, call)
			}
		}
	},
	"an address that is none, or that anybody can listen to, is refused": func(_ *testing.T, b *bench) {
		for _, address := range []string{"http://example.com", "ftp://127.0.0.1", "127.0.0.1:1", "/v1", "https://", "https://user:pass@example.com", "https://example.com/?a=b"} {
			b.Provider = b.Open(secrets(b.Secret), address)
			for call, err := range b.callAll(b.ctx) {
				b.wantError(err, fault.KindInternal, call, address)
			}
		}
	},
	"secrets that cannot be had now leave it open": func(t *testing.T, b *bench) {
		b.Provider = b.Open(func(context.Context) ([]string, error) { return nil, context.DeadlineExceeded }, "http://127.0.0.1:1")
		body := b.Body(Event{ID: "evt_1", At: noon, Facts: paid("pi_1")})
		_, err := b.Verify(b.ctx, body, b.Sign(t, b.Secret, noon, body), noon)
		b.wantError(err, fault.KindBusy)
	},
}

// cut ends the connection in the middle of whatever was sent.
func cut() { panic(http.ErrAbortHandler) }
