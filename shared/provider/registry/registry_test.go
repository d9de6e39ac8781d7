package registry_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider/registry"
)

var order = payment.RefundOrder{Payment: "pi_1", Amount: money.Amount{Currency: "USD", Minor: 100}, Case: "cas_1", Key: "cas_1"}

func clear(t *testing.T) {
	t.Helper()
	for _, name := range []string{"STRIPE_KEY", "STRIPE_API_URL", "STANDARD_API_URL", "STANDARD_WEBHOOK_SECRETS"} {
		t.Setenv(name, "")
	}
}

func TestAProviderThatIsNotSetUpKnowsNothingAndRefundsNothing(t *testing.T) {
	clear(t)
	opened := registry.OpenGateways()
	require.Len(t, opened, 2)
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
	asked := map[string]http.Header{}
	answer := func(name string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked[name] = r.Header.Clone()
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	t.Setenv("STRIPE_API_URL", answer("stripe"))
	t.Setenv("STANDARD_API_URL", answer("standard"))
	t.Setenv("STRIPE_KEY", "literal:rk_test_0123456789abcdef01234567")
	t.Setenv("STANDARD_WEBHOOK_SECRETS", "literal:whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM=")
	for name, gateway := range registry.OpenGateways() {
		_, err := gateway.Refund(t.Context(), order)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), name)
	}
	require.Len(t, asked, 2)
	assert.Equal(t, "Bearer rk_test_0123456789abcdef01234567", asked["stripe"].Get("Authorization"))
	assert.NotEmpty(t, asked["standard"].Get("webhook-signature"))
}
