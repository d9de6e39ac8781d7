package providertest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// verify has a provider that trusts these secrets verify a body, at noon. Its API is out of reach:
// verifying must not need it.
func (b *bench) verify(all provider.Secrets, body []byte, header http.Header) (payment.Facts, error) {
	return b.Open(all, "http://127.0.0.1:1").Verify(b.ctx, body, header, noon)
}

// deliver sends an event through the webhook and returns what it says.
func (b *bench) deliver(event Event) payment.Facts {
	b.t.Helper()
	body := b.Body(event)
	facts, err := b.Verify(b.ctx, body, b.Sign(b.t, b.Secret, noon, body), noon)
	require.NoError(b.t, err)
	require.NoError(b.t, facts.Validate())
	return facts
}

// verifyTests are the promises of Verify.
var verifyTests = map[string]func(*testing.T, *bench){
	"only a fresh signature of these bytes by a live secret is accepted": func(t *testing.T, b *bench) {
		body := b.Body(Event{ID: "evt_1", At: noon, Facts: paid("pi_1")})
		at := func(away time.Duration) http.Header { return b.Sign(t, b.Secret, noon.Add(away), body) }
		for name, header := range map[string]http.Header{
			"now": at(0), "300 s ago": at(-300 * time.Second), "300 s ahead": at(300 * time.Second),
		} {
			_, err := b.verify(secrets(b.Secret), body, header)
			require.NoError(t, err, name)
		}
		for name, header := range map[string]http.Header{
			"301 s ago": at(-301 * time.Second), "301 s ahead": at(301 * time.Second), "none": {},
			"another secret": b.Sign(t, b.Other, noon, body), "another body": b.Sign(t, b.Secret, noon, append(body, ' ')),
		} {
			_, err := b.verify(secrets(b.Secret), body, header)
			b.wantError(err, fault.KindInvalid, name)
		}
		// Every byte is signed: one that is not could be changed on the way.
		for n := range body {
			forgery := append([]byte{}, body...)
			forgery[n] ^= 1
			_, err := b.verify(secrets(b.Secret), forgery, at(0))
			b.wantError(err, fault.KindInvalid, n)
		}
	},
	"any live secret verifies, and none verifies nothing for now": func(t *testing.T, b *bench) {
		body := b.Body(Event{ID: "evt_1", At: noon, Facts: paid("pi_1")})
		header := b.Sign(t, b.Secret, noon, body)
		for _, live := range []provider.Secrets{secrets(b.Secret, b.Other), secrets(b.Other, b.Secret)} {
			_, err := b.verify(live, body, header)
			require.NoError(t, err)
		}
		_, err := b.verify(secrets(b.Other), body, header)
		b.wantError(err, fault.KindInvalid)
		// No secret at all, and a store that fails, are faults of ours: the sender must try again.
		_, err = b.verify(secrets(), body, header)
		b.wantError(err, fault.KindBusy)
		_, err = b.verify(func(context.Context) ([]string, error) { return nil, errors.New("throttled") }, body, header)
		b.wantError(err, fault.KindBusy)
	},
	"a genuine event that changes nothing is irrelevant": func(t *testing.T, b *bench) {
		require.NotEmpty(t, b.Irrelevant)
		for _, body := range b.Irrelevant {
			_, err := b.Verify(b.ctx, []byte(body), b.Sign(t, b.Secret, noon, []byte(body)), noon)
			require.ErrorIs(t, err, provider.ErrIrrelevant, body)
		}
	},
	"a signed body that is no event is refused": func(t *testing.T, b *bench) {
		// Signed by the provider and yet nonsense: the sender's fault, and to send it again would
		// not help.
		for _, body := range []string{"", "[]", "null", "Test message.", `{"type":7}`, `{}`} {
			_, err := b.Verify(b.ctx, []byte(body), b.Sign(t, b.Secret, noon, []byte(body)), noon)
			b.wantError(err, fault.KindInvalid, body)
		}
	},
	"an event says what happened, and by whom it is said": func(t *testing.T, b *bench) {
		for _, want := range history("pi_1") {
			facts := b.deliver(Event{ID: "evt_1", At: noon, Facts: want})
			assert.NotEmpty(t, facts.Provider)
			assert.Equal(t, "evt_1", facts.Event)
			assert.Equal(t, noon, facts.At)
			assert.Equal(t, essence(want), essence(facts))
		}
	},
}
