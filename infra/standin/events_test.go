package standin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85"

	"makegood/infra/standin"
)

func TestAnEventThatTheStackRefusesIsNotHeard(t *testing.T) {
	d := open(t)
	d.answer(400)
	d.send(purchase("pi_1", 500))
	_, known := d.Payment("pi_1")
	assert.False(t, known)
	d.bought("pi_1")
	d.bought("pi_1")
	paid, known := d.Payment("pi_1")
	assert.True(t, known)
	assert.EqualValues(t, 500, paid.Paid)
	assert.Equal(t, "alice", paid.Customer)
	assert.Len(t, must(d.ask(http.MethodGet, "/v1/events", nil))(t).body["data"], 1, "a repeat is one event")
}

func TestAPlantedEventIsRememberedAndNotDelivered(t *testing.T) {
	d := open(t)
	a := must(d.askWith(http.MethodPost, "/_standin/events", strings.NewReader(purchase("pi_gap", 500))))(t)
	assert.Equal(t, http.StatusNoContent, a.status, a.raw)
	assert.Empty(t, d.posts)
	event, err := d.client(standin.ReadKey).V1Events.Retrieve(t.Context(), "evt_of_pi_gap", nil)
	require.NoError(t, err)
	assert.EqualValues(t, "checkout.session.completed", event.Type)
	session, err := d.client(standin.ReadKey).V1CheckoutSessions.Retrieve(t.Context(), "cs_of_pi_gap", nil)
	require.NoError(t, err)
	assert.Equal(t, "pi_gap", session.PaymentIntent.ID)
	assert.EqualValues(t, 500, session.AmountTotal)
	for _, body := range []string{"", "[]", "{}", `{"object":"event","type":"refund.created"}`} {
		assert.Error(t, d.Plant([]byte(body)), body)
	}
}

func TestEventsAreListedNewestFirstInPagesByTimeAndType(t *testing.T) {
	d := open(t)
	now := time.Now().Unix()
	at := func(id string, ago int64, kind string) {
		require.NoError(t, d.Plant([]byte(dated(stripeEvent(id, kind, `{"id":"x"}`), now-ago))))
	}
	at("evt_b", 100, "plan.created")
	at("evt_a", 200, "refund.created")
	at("evt_c", 50, "refund.updated")
	at("evt_old", 31*24*3600, "refund.created")
	at("evt_d", 50, "refund.failed")
	list := func(change func(*stripe.EventListParams)) string {
		params := &stripe.EventListParams{}
		params.Limit = stripe.Int64(2)
		change(params)
		var ids []string
		for e, err := range d.client(anyKey).V1Events.List(t.Context(), params).All(t.Context()) {
			require.NoError(t, err)
			ids = append(ids, e.ID)
		}
		return strings.Join(ids, " ")
	}
	assert.Equal(t, "evt_d evt_c evt_b evt_a", list(func(*stripe.EventListParams) {}), "not what is older than 30 days")
	assert.Equal(t, "evt_d evt_c evt_b", list(func(p *stripe.EventListParams) {
		p.CreatedRange = &stripe.RangeQueryParams{GreaterThanOrEqual: now - 100}
	}))
	assert.Equal(t, "evt_d evt_a", list(func(p *stripe.EventListParams) {
		p.Types = stripe.StringSlice([]string{"refund.created", "refund.failed"})
	}))
	assert.Equal(t, "evt_b evt_a", list(func(p *stripe.EventListParams) { p.StartingAfter = stripe.String("evt_c") }))
	_, err := d.client(anyKey).V1Events.Retrieve(t.Context(), "evt_old", nil)
	var failed *stripe.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, stripe.ErrorCodeResourceMissing, failed.Code)
}

func TestWhatCannotBeAskedIsRefused(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	for path, want := range map[string]string{
		"/v1/events?limit=0":                                 "400 parameter_invalid_integer",
		"/v1/events?limit=101":                               "400 parameter_invalid_integer",
		"/v1/events?created[gte]=noon":                       "400 parameter_invalid_integer",
		"/v1/events?since=1":                                 "400 parameter_unknown",
		"/v1/events?starting_after=evt_none":                 "404 resource_missing",
		"/v1/events/evt_none":                                "404 resource_missing",
		"/v1/refunds?payment_intent=pi_none":                 "404 resource_missing",
		"/v1/disputes?payment_intent=":                       "404 resource_missing",
		"/v1/checkout/sessions?payment_intent=pi_none":       "404 resource_missing",
		"/v1/checkout/sessions/cs_none":                      "404 resource_missing",
		"/v1/payment_intents/pi_none":                        "404 resource_missing",
		"/v1/refunds?payment_intent=pi_1&expand[]=data.nope": "400 <nil>",
		"/v1/charges":                                        "404 <nil>",
	} {
		a := must(d.ask(http.MethodGet, path, nil))(t)
		assert.Equal(t, want, fmt.Sprint(a.status, " ", a.code()), path)
	}
}

func TestASessionIsShownWithItsIntentAndChargeOnDemand(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	list := must(d.ask(http.MethodGet, "/v1/checkout/sessions?payment_intent=pi_1&expand[0]=data.payment_intent.latest_charge", nil))(t)
	require.Len(t, list.body["data"], 1)
	session := list.body["data"].([]any)[0].(map[string]any)
	intent := session["payment_intent"].(map[string]any)
	assert.Equal(t, "pi_1", intent["id"])
	assert.Equal(t, "charge", intent["latest_charge"].(map[string]any)["object"])
	plain := must(d.ask(http.MethodGet, "/v1/checkout/sessions?payment_intent=pi_1", nil))(t)
	assert.Equal(t, "pi_1", plain.body["data"].([]any)[0].(map[string]any)["payment_intent"])
}

func TestTheChargeIsAsOldAsTheEventThatSaysItWasPaid(t *testing.T) {
	d := open(t)
	now := time.Now().Unix()
	unpaid := strings.Replace(purchase("pi_1", 500), `"payment_status":"paid"`, `"payment_status":"unpaid"`, 1)
	require.NoError(t, d.Plant([]byte(dated(unpaid, now-90))))
	later := strings.NewReplacer("evt_of_pi_1", "evt_later", "completed", "async_payment_succeeded").Replace(purchase("pi_1", 500))
	require.NoError(t, d.Plant([]byte(dated(later, now-60))))
	a := must(d.ask(http.MethodGet, "/v1/checkout/sessions/cs_of_pi_1?expand[]=payment_intent.latest_charge", nil))(t)
	charge := a.body["payment_intent"].(map[string]any)["latest_charge"].(map[string]any)
	assert.EqualValues(t, now-60, charge["created"])
}

func TestEventsInAnyOrderEndInTheSameBooks(t *testing.T) {
	events := []string{
		purchase("pi_1", 500),
		stripeEvent("evt_1", "refund.created", `{"id":"re_1","amount":200,"currency":"usd","status":"succeeded","payment_intent":"pi_1"}`),
		stripeEvent("evt_2", "charge.refunded", `{"id":"ch_1","amount":500,"amount_refunded":200,"currency":"usd","payment_intent":"pi_1"}`),
		stripeEvent("evt_3", "refund.failed", `{"id":"re_1","amount":200,"currency":"usd","status":"failed","payment_intent":"pi_1"}`),
		stripeEvent("evt_4", "charge.dispute.created", `{"id":"dp_1","amount":500,"currency":"usd","status":"needs_response","payment_intent":"pi_1"}`),
		stripeEvent("evt_5", "charge.dispute.closed", `{"id":"dp_1","amount":500,"currency":"usd","status":"lost","payment_intent":"pi_1"}`),
		strings.Replace(purchase("pi_1", 500), `"payment_status":"paid"`, `"payment_status":"unpaid"`, 1),
	}
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1, 0}, {2, 5, 0, 3, 6, 1, 4, 2, 3, 0}, {3, 1, 6, 2, 0, 4, 5}} {
		d := open(t)
		for _, at := range order {
			require.NoError(t, d.Plant([]byte(events[at])), order)
		}
		paid, _ := d.Payment("pi_1")
		assert.EqualValues(t, 500, paid.Paid, order)
		assert.Zero(t, d.RefundedMinor("pi_1"), order)
		refunds, disputes := d.Refunds("pi_1"), d.Disputes("pi_1")
		require.Len(t, refunds, 1, order)
		assert.Equal(t, "re_1 failed 200", fmt.Sprint(refunds[0].ID, " ", refunds[0].Status, " ", refunds[0].Minor))
		require.Len(t, disputes, 1, order)
		assert.Equal(t, "lost", disputes[0].Status, order)
	}
}

func TestARefundThatOnlyASumTellsOfCanBeLookedUp(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.send(stripeEvent("evt_2", "charge.refunded", `{"id":"ch_1","amount":500,"amount_refunded":200,"currency":"usd","payment_intent":"pi_1"}`))
	list := must(d.ask(http.MethodGet, "/v1/refunds?payment_intent=pi_1", nil))(t)
	require.Len(t, list.body["data"], 1)
	assert.EqualValues(t, 200, d.RefundedMinor("pi_1"))
	assert.Equal(t, http.StatusBadRequest, must(d.refund("pi_1", 301, "k"))(t).status)
}

func TestAnUnpaidOrFreeCheckoutHasNothingToRefund(t *testing.T) {
	d := open(t)
	for id, change := range map[string][2]string{
		"pi_unpaid": {`"payment_status":"paid"`, `"payment_status":"unpaid"`},
		"pi_failed": {"checkout.session.completed", "checkout.session.async_payment_failed"},
		"pi_free":   {`"payment_status":"paid"`, `"payment_status":"no_payment_required"`},
	} {
		require.Equal(t, http.StatusOK, d.send(strings.Replace(purchase(id, 500), change[0], change[1], 1)), id)
		assert.Equal(t, "resource_missing", must(d.refund(id, 1, id))(t).code(), id)
	}
	d.send(stripeEvent("evt_later", "checkout.session.async_payment_succeeded", `{"id":"cs_of_pi_unpaid","amount_subtotal":500,"amount_total":450,
		"currency":"usd","payment_intent":{"id":"pi_unpaid"},"payment_status":"paid"}`))
	paid, _ := d.Payment("pi_unpaid")
	assert.EqualValues(t, 450, paid.Paid, "what was paid is the total")
	d.send(strings.Replace(purchase("cs_only", 500), `"payment_intent":"cs_only"`, `"payment_intent":null`, 1))
	paid, known := d.Payment("cs_of_cs_only")
	assert.True(t, known, "without an intent the session is the payment")
	assert.Equal(t, http.StatusNotFound, must(d.ask(http.MethodGet, "/v1/payment_intents/cs_of_cs_only", nil))(t).status)
	assert.EqualValues(t, 500, paid.Paid)
}

func TestAQuestionWaitsForTheEventThatTheStackIsAt(t *testing.T) {
	d := open(t)
	reached, release := make(chan struct{}), make(chan struct{})
	slow := d.Observe(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(reached)
		<-release
		w.WriteHeader(http.StatusOK)
	}))
	go func() {
		req, _ := http.NewRequest(http.MethodPost, "/webhooks/stripe", strings.NewReader(purchase("pi_1", 500)))
		slow.ServeHTTP(nullWriter{}, req)
	}()
	<-reached
	go func() {
		time.Sleep(50 * time.Millisecond)
		close(release)
	}()
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 1, "k"))(t).status)
}

type nullWriter struct{}

func (nullWriter) Header() http.Header         { return http.Header{} }
func (nullWriter) Write(b []byte) (int, error) { return len(b), nil }
func (nullWriter) WriteHeader(int)             {}
