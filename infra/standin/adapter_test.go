package standin_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
	"makegood/shared/payment"
	"makegood/shared/provider/standard"
)

func TestEachAdapterKnowsItsOwnPaymentsAndItsOwnSecret(t *testing.T) {
	secrets := map[string]string{"first": standardSecret, "second": "whsec_c2Vjb25kLXN0YW5kYXJkLXNlY3JldC1vZi0zMi1ieXRlcw=="}
	var options standin.Options
	for _, name := range []string{"first", "second"} {
		options.Adapters = append(options.Adapters, standin.Adapter{Name: name, Webhook: "/webhooks/" + name, Below: "/" + name, Secret: secrets[name]})
	}
	p := standin.New(options)
	t.Cleanup(p.Close)
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	stack := p.Observe(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	body := `{"type":"payment.paid","data":{"payment":"pay_2","customer":"alice","package":"starter","amount":{"currency":"USD","minor":500}}}`
	stack.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/webhooks/second", strings.NewReader(body)))

	gateway := func(name, secret string) payment.Gateway {
		return standard.OpenGateway(func(context.Context) ([]string, error) { return []string{secret}, nil }, server.URL+"/"+name)
	}
	for name, count := range map[string]int{"first": 0, "second": 1} {
		facts, err := gateway(name, secrets[name]).Look(t.Context(), "pay_2")
		require.NoError(t, err, name)
		assert.Len(t, facts, count, name)
		listing, err := gateway(name, secrets[name]).List(t.Context(), time.Now().Add(-time.Hour), "")
		require.NoError(t, err, name)
		assert.Len(t, listing.Facts, count, name)
	}
	_, err := gateway("second", secrets["first"]).Look(t.Context(), "pay_2")
	assert.Error(t, err, "signed with another's secret")
}
