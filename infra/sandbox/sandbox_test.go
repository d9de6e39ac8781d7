package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/shared/fault"
	"makegood/shared/provider/registry"
)

func TestEveryProviderOfTheRegistryHasItsPlaceHere(t *testing.T) {
	var here, there []string
	for _, p := range sandbox.Providers {
		here = append(here, p.Name)
	}
	for _, p := range registry.Providers {
		there = append(there, p.Name)
	}
	assert.Equal(t, there, here)
}

func TestEveryParameterOfASecretHasItsLiteral(t *testing.T) {
	literals := sandbox.Literals()
	for _, p := range sandbox.Providers {
		for _, parameter := range append(p.WebhookSecret.Parameters, p.GatewaySecret.Parameters...) {
			assert.NotEmpty(t, literals[parameter], "%s: no literal for %s", p.Name, parameter)
		}
	}
}

func TestWhatIsSignedHereIsTakenThere(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	webhooks := registry.Webhooks(sandbox.Settings())
	require.Len(t, webhooks, len(sandbox.Providers), "one route each")
	for _, p := range sandbox.Providers {
		for secret, genuine := range map[string]bool{p.SigningSecret(): true, "whsec_c29tZWJvZHktZWxzZXMtc2VjcmV0LTMyYnl0ZXM=": false} {
			header := http.Header{}
			require.NoError(t, p.Sign(header, secret, at, []byte("[]")), p.Name)
			_, err := webhooks[p.Path].Verify(t.Context(), []byte("[]"), header, at)
			// Whoever accepts the signature goes on to the body, which says nothing.
			var refusal *fault.Error
			require.ErrorAs(t, err, &refusal, p.Name)
			assert.Equal(t, genuine, !strings.HasSuffix(strings.ToLower(refusal.Field), "signature"), "%s: %v", p.Name, err)
		}
	}
}

func TestEveryProviderIsPlayedWhereItIsAsked(t *testing.T) {
	played := standin.New(sandbox.Standin(standin.Options{}))
	t.Cleanup(played.Close)
	server := httptest.NewServer(played)
	t.Cleanup(server.Close)
	for _, p := range sandbox.Providers {
		settings := sandbox.Settings()
		settings.Text = func(variable string) string {
			if variable == p.Address.Variable {
				return server.URL + p.Below
			}
			return ""
		}
		listing, err := p.Gateway(settings).List(t.Context(), time.Now().Add(-time.Hour), "")
		require.NoError(t, err, p.Name)
		assert.False(t, listing.NoList, p.Name)
	}
}
