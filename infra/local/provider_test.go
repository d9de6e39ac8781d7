package local_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// sold has the stack accept a purchase of 500 cents.
func sold(t *testing.T, s *local.Stack, payment, query string) int {
	t.Helper()
	body := fmt.Sprintf(`{"id":"evt_%[1]s","object":"event","created":%[2]d,"type":"checkout.session.completed","data":{"object":{"id":"cs_%[1]s",
		"mode":"payment","amount_subtotal":500,"amount_total":500,"currency":"usd","payment_intent":"%[1]s","payment_status":"paid"}}}`,
		payment, time.Now().Unix())
	resp, _ := call(t, s, http.MethodPost, "/webhooks/stripe"+query, []byte(body), "Content-Type", "application/json")
	return resp.StatusCode
}

// refunded asks at the address for 200 cents back; an answer that never comes is the error.
func refunded(t *testing.T, address, payment string) (int, error) {
	t.Helper()
	form := url.Values{"payment_intent": {payment}, "amount": {"200"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/refunds", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+standin.RefundKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Idempotency-Key", "cas_of_"+payment)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

func TestTheProviderKnowsWhatTheStackAcceptedAndPostsBack(t *testing.T) {
	s := running(t)
	require.Equal(t, http.StatusOK, sold(t, s, "pi_heard", ""))
	require.Equal(t, http.StatusInternalServerError, sold(t, s, "pi_refused", "?do=fail"))
	_, known := s.Provider.Payment("pi_refused")
	assert.False(t, known)

	status, err := refunded(t, s.Provider.URL, "pi_heard")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.EqualValues(t, 200, s.Provider.RefundedMinor("pi_heard"))
	require.NoError(t, s.Provider.Settled(t.Context(), "pi_heard"), "the stack takes what the provider posts")
}

func TestTheAddressOfTheProviderIsShown(t *testing.T) {
	s := running(t)
	resp, err := http.Get(s.AdminURL + "/_local/status")
	require.NoError(t, err)
	defer resp.Body.Close()
	var status struct {
		ProviderURL string `json:"provider_url"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&status))
	assert.Equal(t, s.Provider.URL, status.ProviderURL)
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+$`, status.ProviderURL)
}

func TestAProxyStandsBeforeTheProviderAndACutIsHeardOf(t *testing.T) {
	s := running(t)
	require.Equal(t, http.StatusOK, sold(t, s, "pi_cut", ""))
	var calls atomic.Int32
	proxy, err := local.NewProxy("", func(call local.Call, forward func() local.Reply) local.Reply {
		reply := forward()
		if call.Operation == "POST /v1/refunds" && calls.Add(1) == 2 { // on a connection that was used before: Go's client would ask again
			return local.Reply{}
		}
		return reply
	})
	require.NoError(t, err)
	defer proxy.Stop()
	proxy.To(s.Provider.URL)
	_, err = refunded(t, proxy.URL, "pi_cut")
	require.NoError(t, err)
	_, err = refunded(t, proxy.URL, "pi_cut")
	require.Error(t, err)
	assert.EqualValues(t, 2, calls.Load())
	assert.Equal(t, standin.Calls{Refunds: 2, Replayed: 1}, s.Provider.Calls("pi_cut"))
}
