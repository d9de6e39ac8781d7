package registry_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/registry"
)

var order = payment.RefundOrder{Payment: "pi_1", Amount: money.Amount{Currency: "USD", Minor: 100}, Case: "cas_1", Key: "cas_1"}

func clear(t *testing.T) {
	t.Helper()
	for _, p := range registry.Providers {
		for _, name := range []string{p.GatewaySecret.Variable, p.Address.Variable, p.WebhookSecret.Variable} {
			t.Setenv(name, "")
		}
	}
}

func TestAProviderThatIsNotSetUpKnowsNothingAndRefundsNothing(t *testing.T) {
	clear(t)
	opened := registry.OpenGateways()
	require.Len(t, opened, len(registry.Providers))
	for name, gateway := range opened {
		found, err := gateway.Look(t.Context(), "pi_1")
		require.NoError(t, err, name)
		assert.Empty(t, found, name)
		listing, err := gateway.List(t.Context(), time.Now(), "")
		require.NoError(t, err, name)
		assert.Equal(t, payment.Listing{NoList: true}, listing, name)
		_, err = gateway.Refund(t.Context(), order)
		assert.Equal(t, []any{fault.KindConflict, payment.CodeRefused}, []any{fault.KindOf(err), fault.CodeOf(err)}, name)
	}
}

func TestEachProviderIsAskedAtItsOwnAddressWithItsOwnSecret(t *testing.T) {
	clear(t)
	t.Setenv("MAKEGOOD_LOCAL", "1")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
	seen := map[string]http.Header{}
	for _, p := range sandbox.Providers {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen[p.Name] = r.Header.Clone()
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		t.Cleanup(server.Close)
		t.Setenv(p.Address.Variable, server.URL)
		t.Setenv(p.GatewaySecret.Variable, "literal:"+p.Literals[p.GatewaySecret.Parameters[0]])
	}
	for name, gateway := range registry.OpenGateways() {
		_, err := gateway.Refund(t.Context(), order)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), name)
	}
	require.Len(t, seen, len(registry.Providers))
	assert.Equal(t, "Bearer "+standin.RefundKey, seen["stripe"].Get("Authorization"))
	assert.NotEmpty(t, seen["standard"].Get("webhook-signature"))
}

func TestAnEventWithoutASecretIsLeftWithItsSender(t *testing.T) {
	clear(t)
	webhooks := registry.OpenWebhooks()
	now := time.Now()
	for _, p := range sandbox.Providers {
		header := http.Header{}
		require.NoError(t, p.Sign(header, p.SigningSecret(), now, []byte("{}")))
		_, err := webhooks[p.Path].Verify(t.Context(), []byte("{}"), header, now)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), p.Name)
	}
}

func TestNoProviderTakesASecretThatIsQuicklyGuessed(t *testing.T) {
	for _, p := range registry.Providers {
		for _, secret := range []provider.Secret{p.WebhookSecret, p.GatewaySecret} {
			require.NotNil(t, secret.Fit, "%s: %s", p.Name, secret.Variable)
			for _, guess := range []string{"", " ", "secret", "whsec_", "whsec_short"} {
				assert.Error(t, secret.Fit(guess), "%s: %s would be %q", p.Name, secret.Variable, guess)
			}
		}
	}
}
