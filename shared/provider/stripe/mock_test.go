package stripe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
	"makegood/shared/provider/stripe"
)

// startMock starts Stripe's own mock of its API, which holds every request against Stripe's
// published description and answers with its fixtures, and returns its address on this machine.
func startMock(t *testing.T) string {
	t.Helper()
	path, err := exec.Command("go", "tool", "-modfile=../../../infra/tools/go.mod", "-n", "stripe-mock").Output()
	require.NoError(t, err)
	mock := exec.Command(strings.TrimSpace(string(path)), "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	out, err := mock.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, mock.Start())
	t.Cleanup(func() {
		_ = mock.Process.Kill()
		_ = mock.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, found := strings.Cut(lines.Text(), "HTTP at address: "); found {
			return "http://" + address
		}
	}
	require.Fail(t, "the mock did not start")
	return ""
}

// mocked is a gateway to the mock, through a proxy that demands that the mock accepts what is
// asked, and makes its fixtures ours.
type mocked struct {
	stripe.Gateway
	t     *testing.T
	at    string
	asked []string
}

func (m *mocked) get(path string) fields {
	request, err := http.NewRequest(http.MethodGet, m.at+path, nil)
	require.NoError(m.t, err)
	request.Header.Set("Authorization", "Bearer sk_test_mock")
	answered, err := http.DefaultClient.Do(request)
	require.NoError(m.t, err)
	defer answered.Body.Close()
	var object fields
	require.NoError(m.t, json.NewDecoder(answered.Body).Decode(&object))
	return object
}

// sold makes the fixture of a session, which is open, one of ours. Its own instant is an hour
// before that of its charge.
func sold(session fields) {
	session["created"] = charged.Add(-time.Hour).Unix()
	maps.Copy(session, fields{"status": "complete", "payment_status": "paid", "currency": "usd", "amount_subtotal": 500, "amount_total": 500})
	maps.Copy(session, fields{"client_reference_id": "alice", "metadata": fields{"package": "starter"}})
}

// charged is when everything of the fixtures was created.
var charged = time.Unix(1234567890, 0).UTC()

func (m *mocked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	request, err := http.NewRequest(r.Method, m.at+r.URL.String(), bytes.NewReader(raw))
	assert.NoError(m.t, err)
	request.Header = r.Header.Clone()
	request.Header.Del("Accept-Encoding")
	answered, err := http.DefaultClient.Do(request)
	if !assert.NoError(m.t, err) {
		return
	}
	defer answered.Body.Close()
	m.asked = append(m.asked, r.Method+" "+r.URL.Path)
	body, _ := io.ReadAll(answered.Body)
	assert.Equal(m.t, http.StatusOK, answered.StatusCode, "%s %s: %s", r.Method, r.URL, body)
	var object fields
	assert.NoError(m.t, json.Unmarshal(body, &object))
	switch r.URL.Path {
	case "/v1/checkout/sessions":
		sold(object["data"].([]any)[0].(map[string]any))
	case "/v1/checkout/sessions/cs_1":
		sold(object)
	case "/v1/events":
		object["data"] = m.events(object["data"].([]any)[0].(map[string]any))
	}
	answer(w, object)
}

// events makes of the fixture of an event, which is about a plan, one of every object that we hear
// of.
func (m *mocked) events(fixture fields) []fields {
	session := m.get("/v1/checkout/sessions/cs_1")
	sold(session)
	all := []fields{fixture}
	for kind, object := range map[string]fields{
		"checkout.session.completed": session, "refund.updated": m.get("/v1/refunds/re_1"),
		"charge.dispute.created": m.get("/v1/disputes/dp_1"), "charge.refunded": m.get("/v1/charges/ch_1"),
	} {
		object["payment_intent"] = "pi_1" // the fixtures' are null, but the session's
		one := maps.Clone(fixture)
		one["type"], one["data"] = kind, fields{"object": object}
		all = append(all, one)
	}
	return all
}

func TestStripesOwnMockAcceptsWhatIsAskedAndItsFixturesAreUnderstood(t *testing.T) {
	m := &mocked{t: t, at: startMock(t)}
	proxy := httptest.NewServer(m)
	t.Cleanup(proxy.Close)
	m.Gateway = stripe.OpenGateway(secrets("sk_test_mock"), proxy.URL, "")

	made, err := m.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: usd(5), Case: "cas_1", Key: "cas_1"})
	require.NoError(t, err)
	assert.NotEmpty(t, made.RefundID)
	assert.Equal(t, payment.ID("pi_1"), made.Payment)
	assert.Equal(t, usd(5), made.Refund.Amount)
	assert.Equal(t, payment.RefundSucceeded, made.Refund.Status)

	intent := payment.ID(m.get("/v1/checkout/sessions/cs_1")["payment_intent"].(string))
	for _, id := range []payment.ID{intent, "cs_1"} {
		found, err := m.Look(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, found, 3, id)
		assert.Equal(t, charged, found[0].Purchase.PaidAt)
		assert.Equal(t, usd(100), found[1].Refund.Amount)
		assert.Equal(t, payment.DisputeInquiryOpen, found[2].Dispute.Status)
	}

	listing, err := m.List(t.Context(), charged.Add(-time.Hour), "evt_0")
	require.NoError(t, err)
	assert.Len(t, listing.Facts, 4, "all but the plan")
	assert.Empty(t, listing.Next)
	assert.Equal(t, []string{
		"POST /v1/refunds",
		"GET /v1/checkout/sessions", "GET /v1/refunds", "GET /v1/disputes",
		"GET /v1/checkout/sessions/cs_1", "GET /v1/refunds", "GET /v1/disputes",
		"GET /v1/events",
	}, m.asked)
	assert.Contains(t, m.get("/v1/refunds?bogus=1"), "error", "the mock refuses what Stripe does not know")
}
