package standin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"makegood/infra/standin"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/standard"
	stripehook "makegood/shared/provider/stripe"
)

const (
	stripeSecret   = "whsec_local_stripe"
	standardSecret = "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="
	appKey         = "mk_local_app"
	anyKey         = "sk_local_test"
)

// catalog is what the stack of these tests sells, as GET /v1/policy has it.
const catalog = `{"name":"own","packages":[{"name":"starter","credits":100,"price":{"currency":"USD","minor":500}},
	{"name":"saga","credits":100,"price":{"currency":"ISK","minor":700}},{"name":"vanilla","credits":100,"price":{"currency":"MGA","minor":900}}]}`

// desk is a stand-in with a stack that only listens: it verifies what it is sent as the real one
// does, and answers what the test says.
type desk struct {
	*standin.Provider
	t        *testing.T
	stack    *httptest.Server
	payments []string // that were made so far

	mu      sync.Mutex
	answers []int // to the next posts; 200 after them
	posts   []post
}

// post is one event that the stack took.
type post struct {
	Type  string
	ID    string
	Facts payment.Facts
	Raw   []byte
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t}
	var inner http.Handler = http.HandlerFunc(d.take)
	d.stack = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.Observe(inner).ServeHTTP(w, r) }))
	d.Provider = standin.New(standin.Options{Stack: d.stack.URL, AppKey: appKey, StripeSecret: stripeSecret, Adapters: []standin.Adapter{{Name: "standard", Webhook: "/webhooks/standard", Below: "/standard", Secret: standardSecret}}})
	served := httptest.NewServer(d.Provider)
	d.URL = served.URL
	t.Cleanup(func() {
		served.Close()
		d.Close()
		d.stack.Close()
	})
	return d
}

func (d *desk) take(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/policy" && r.Header.Get("Authorization") == "Bearer "+appKey {
		_, _ = io.WriteString(w, catalog)
		return
	}
	raw, err := io.ReadAll(r.Body)
	secrets := func(context.Context) ([]string, error) {
		if r.URL.Path == "/webhooks/stripe" {
			return []string{stripeSecret}, nil
		}
		return []string{standardSecret}, nil
	}
	var hook interface {
		Verify(context.Context, []byte, http.Header, time.Time) (payment.Facts, error)
	} = stripehook.New(secrets, "")
	if r.URL.Path == "/webhooks/standard" {
		hook = standard.New(secrets)
	}
	facts, verifyErr := hook.Verify(r.Context(), raw, r.Header, time.Now())
	d.mu.Lock()
	defer d.mu.Unlock()
	status := http.StatusOK
	if len(d.answers) > 0 {
		status, d.answers = d.answers[0], d.answers[1:]
	}
	if err != nil || verifyErr != nil && !strings.Contains(verifyErr.Error(), provider.ErrIrrelevant.Error()) {
		status = http.StatusBadRequest
	}
	w.WriteHeader(status)
	if status != http.StatusOK {
		return
	}
	var look struct{ ID, Type string }
	_ = json.Unmarshal(raw, &look)
	d.posts = append(d.posts, post{look.Type, firstOf(look.ID, r.Header.Get("Webhook-Id")), facts, raw})
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// answer has the stack answer its next posts otherwise than 200.
func (d *desk) answer(statuses ...int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers = statuses
}

// told are the events that the stack took, from the first that is not a purchase.
func (d *desk) told() []post {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	for _, payment := range d.payments {
		require.NoError(d.t, d.Settled(ctx, payment))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []post
	for _, p := range d.posts {
		if !strings.HasPrefix(p.Type, "checkout.") && p.Type != "payment.paid" {
			all = append(all, p)
		}
	}
	return all
}

func (d *desk) kinds() []string {
	d.t.Helper()
	kinds := []string{}
	for _, p := range d.told() {
		kinds = append(kinds, p.Type)
	}
	return kinds
}

// send posts a signed event to the stack, as any provider would.
func (d *desk) send(body string) int {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.stack.URL+"/webhooks/stripe", strings.NewReader(body))
	require.NoError(d.t, err)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: stripeSecret, Timestamp: time.Now()})
	req.Header.Set("Stripe-Signature", signed.Header)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	resp.Body.Close()
	return resp.StatusCode
}

// bought sends the purchase of 500 cents.
func (d *desk) bought(payment string) {
	d.t.Helper()
	require.Equal(d.t, http.StatusOK, d.send(purchase(payment, 500)))
	d.payments = append(d.payments, payment)
}

func purchase(payment string, minor int64) string {
	return stripeEvent("evt_of_"+payment, "checkout.session.completed", fmt.Sprintf(`{"id":"cs_of_%s","object":"checkout.session","mode":"payment",
		"amount_subtotal":%d,"amount_total":%d,"currency":"usd","client_reference_id":"alice","metadata":{"package":"starter"},
		"payment_intent":"%s","payment_status":"paid","status":"complete","livemode":false,"created":%d}`,
		payment, minor, minor, payment, time.Now().Unix()))
}

func stripeEvent(id, kind, object string) string {
	return fmt.Sprintf(`{"id":"%s","object":"event","api_version":"2026-03-25.dahlia","created":%d,"livemode":false,"pending_webhooks":1,
		"request":{"id":null,"idempotency_key":null},"type":"%s","data":{"object":%s}}`, id, time.Now().Unix(), kind, object)
}

// dated is the event as of another instant.
func dated(event string, unix int64) string {
	return regexp.MustCompile(`"created":\d+`).ReplaceAllString(event, fmt.Sprintf(`"created":%d`, unix))
}

// answered is what came back of one request.
type answered struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (a answered) code() any {
	failed, _ := a.body["error"].(map[string]any)
	return failed["code"]
}

// ask sends a request to the stand-in; an answer that never comes is the error.
func (d *desk) ask(method, path string, form url.Values, headers ...string) (answered, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	return d.askWith(method, path, body, append([]string{"Authorization", "Bearer " + anyKey, "Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func (d *desk) askWith(method, path string, body io.Reader, headers ...string) (answered, error) {
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.URL+path, body)
	if err != nil {
		return answered{}, err
	}
	for n := 0; n < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answered{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return answered{}, err
	}
	a := answered{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.NewDecoder(bytes.NewReader(raw)).Decode(&a.body)
	return a, nil
}

// refund asks for minor units of the payment back under a key.
func (d *desk) refund(payment string, minor int64, key string) (answered, error) {
	return d.ask(http.MethodPost, "/v1/refunds", url.Values{
		"payment_intent": {payment}, "amount": {fmt.Sprint(minor)}, "metadata[case]": {"cas_" + key},
	}, "Idempotency-Key", key)
}

// must is an answer that came.
func must(a answered, err error) func(*testing.T) answered {
	return func(t *testing.T) answered {
		t.Helper()
		require.NoError(t, err)
		return a
	}
}

func (d *desk) fault(f standin.Fault) {
	d.t.Helper()
	require.NoError(d.t, d.Fault(f))
}

// client is Stripe's own, pointed at the stand-in; it repeats nothing by itself.
func (d *desk) client(key string) *stripe.Client {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(d.URL), MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return stripe.NewClient(key, stripe.WithBackends(&stripe.Backends{API: backend, Connect: backend, Uploads: backend}))
}
