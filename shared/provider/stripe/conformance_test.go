package stripe_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/providertest"
	"makegood/shared/provider/stripe"
)

const key = "rk_test_local_key"

// whole is Stripe as a provider: what it tells, and what it is asked.
type whole struct {
	stripe.Webhook
	stripe.Gateway
}

// fields are an object of Stripe's.
type fields map[string]any

func written(object any) []byte {
	raw, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return raw
}

func lower(currency string) string { return strings.ToLower(currency) }

// shown returns the object that facts are about, and the type of the event that tells of it.
func shown(facts payment.Facts) (string, fields) {
	switch {
	case facts.Purchase != nil:
		bought := facts.Purchase
		return "checkout.session.completed", fields{
			"id": "cs_" + facts.Payment, "object": "checkout.session", "mode": "payment", "status": "complete", "livemode": false,
			"created": bought.PaidAt.Add(-time.Hour).Unix(), "amount_subtotal": bought.Subtotal.Minor, "amount_total": bought.Paid,
			"currency": lower(bought.Subtotal.Currency), "client_reference_id": bought.Customer, "payment_status": bought.Status,
			"metadata": fields{"package": bought.Package}, "payment_intent": facts.Payment,
		}
	case facts.Refund != nil:
		metadata := fields{}
		if facts.Refund.Case != "" {
			metadata["case"] = facts.Refund.Case
		}
		return "refund.updated", fields{
			"id": facts.RefundID, "object": "refund", "amount": facts.Refund.Amount.Minor, "currency": lower(facts.Refund.Amount.Currency),
			"status": facts.Refund.Status, "payment_intent": facts.Payment, "metadata": metadata,
		}
	default:
		return "charge.dispute.updated", fields{
			"id": facts.DisputeID, "object": "dispute", "amount": facts.Dispute.Amount.Minor, "currency": lower(facts.Dispute.Amount.Currency),
			"status": facts.Dispute.Status, "payment_intent": facts.Payment, "livemode": false,
		}
	}
}

func body(e providertest.Event) []byte {
	if e.Raw != "" {
		var raw fields
		if json.Unmarshal([]byte(e.Raw), &raw) != nil {
			return []byte(e.Raw)
		}
		raw["id"] = e.ID
		return written(raw)
	}
	kind, object := shown(e.Facts)
	return written(fields{
		"id": e.ID, "object": "event", "type": kind, "created": e.At.Unix(), "livemode": false, "data": fields{"object": object},
	})
}

// api plays Stripe over an account, as far as we ask it.
type api struct {
	*providertest.Account
	mux *http.ServeMux
}

func service(account *providertest.Account) http.Handler {
	a := api{account, http.NewServeMux()}
	a.mux.HandleFunc("GET /v1/checkout/sessions", a.sessions)
	a.mux.HandleFunc("GET /v1/checkout/sessions/{id}", a.session)
	a.mux.HandleFunc("GET /v1/refunds", a.list(func(f payment.Facts) bool { return f.Refund != nil }))
	a.mux.HandleFunc("GET /v1/disputes", a.list(func(f payment.Facts) bool { return f.Dispute != nil }))
	a.mux.HandleFunc("GET /v1/events", a.events)
	a.mux.HandleFunc("POST /v1/refunds", a.refund)
	return a
}

func fail(w http.ResponseWriter, status int, kind, code string) {
	failure(status, kind, code).ServeHTTP(w, nil)
}

func failure(status int, kind, code string) providertest.Answer {
	said := fields{"type": kind, "message": providertest.Private, "param": providertest.Private}
	if code != "" {
		said["code"] = code
	}
	return providertest.Answer{Status: status, Body: string(written(fields{"error": said}))}
}

func (a api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("X-Stripe-Client-Telemetry") != "" {
		fail(w, http.StatusUnauthorized, "invalid_request_error", "")
		return
	}
	w.Header().Set("Request-Id", "req_1")
	a.mux.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, object any) { _, _ = w.Write(written(object)) }

func page(w http.ResponseWriter, r *http.Request, all []json.RawMessage) {
	one, more := providertest.Paged(all, r.URL.Query().Get("starting_after"), func(raw json.RawMessage) string {
		var object struct{ ID string }
		_ = json.Unmarshal(raw, &object)
		return object.ID
	})
	answer(w, fields{"object": "list", "data": one, "has_more": more})
}

// expanded is a session with its intent and charge shown whole, as we ask for them: the charge says
// when the money was taken.
func expanded(f payment.Facts) fields {
	_, session := shown(f)
	session["payment_intent"] = fields{"id": f.Payment, "latest_charge": fields{"id": "ch_1", "created": f.Purchase.PaidAt.Unix()}}
	return session
}

func (a api) sessions(w http.ResponseWriter, r *http.Request) {
	all := []json.RawMessage{}
	for _, f := range a.Of(payment.ID(r.URL.Query().Get("payment_intent"))) {
		if f.Purchase != nil && r.URL.Query().Get("expand[0]") == "data.payment_intent.latest_charge" {
			all = append(all, written(expanded(f)))
		}
	}
	page(w, r, all)
}

func (a api) session(w http.ResponseWriter, r *http.Request) {
	for _, f := range a.Of(payment.ID(strings.TrimPrefix(r.PathValue("id"), "cs_"))) {
		if f.Purchase != nil && r.URL.Query().Get("expand[0]") == "payment_intent.latest_charge" {
			answer(w, expanded(f))
			return
		}
	}
	fail(w, http.StatusNotFound, "invalid_request_error", "resource_missing")
}

func (a api) list(wanted func(payment.Facts) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		all := []json.RawMessage{}
		for _, f := range a.Of(payment.ID(r.URL.Query().Get("payment_intent"))) {
			if wanted(f) {
				_, object := shown(f)
				all = append(all, written(object))
			}
		}
		page(w, r, all)
	}
}

func (a api) events(w http.ResponseWriter, r *http.Request) {
	since, _ := strconv.ParseInt(r.URL.Query().Get("created[gte]"), 10, 64)
	one, more := a.Page(time.Unix(since, 0), r.URL.Query().Get("starting_after"))
	all := []json.RawMessage{}
	for _, e := range one {
		all = append(all, body(e))
	}
	answer(w, fields{"object": "list", "data": all, "has_more": more})
}

func (a api) refund(w http.ResponseWriter, r *http.Request) {
	minor, err := strconv.ParseInt(r.FormValue("amount"), 10, 64)
	id := payment.ID(r.FormValue("payment_intent"))
	if err != nil || !slices.ContainsFunc(a.Of(id), func(f payment.Facts) bool { return f.Purchase != nil }) || len(r.Form) != 3 {
		fail(w, http.StatusBadRequest, "invalid_request_error", "parameter_invalid_integer")
		return
	}
	_, made := shown(a.Refund(payment.RefundOrder{
		Payment: id, Amount: money.Amount{Currency: "USD", Minor: minor}, Case: r.FormValue("metadata[case]"), Key: r.Header.Get("Idempotency-Key"),
	}))
	answer(w, made)
}

func replayed(a providertest.Answer) providertest.Answer {
	a.Header = map[string]string{"Idempotent-Replayed": "true"}
	return a
}

func keys(context.Context) ([]string, error) { return []string{key}, nil }

func TestStripeKeepsThePromisesOfAProvider(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Open: func(all provider.Secrets, baseURL string) provider.Provider {
			return whole{stripe.New(all, ""), stripe.OpenGateway(keys, baseURL, "")}
		},
		Nobody: func() provider.Provider {
			return whole{stripe.New(secrets(secret), ""), stripe.OpenGateway(secrets(), "", "")}
		},
		Secret: secret, Other: "whsec_other_stripe", Hidden: []string{key},
		Sign: func(_ testing.TB, secret string, at time.Time, body []byte) http.Header {
			return http.Header{stripe.Header: {stripe.Sign(secret, at, body)}}
		},
		Body: body,
		Irrelevant: []string{
			event("plan.created", "{}"), event("refund.created", `{"id":"re_9","amount":1,"currency":"usd","status":"succeeded"}`),
			event("checkout.session.completed", strings.Replace(session, `{"package":"starter"}`, "{}", 1)),
		},
		Broken: []string{
			event("checkout.session.completed", `"cs_1"`), event("checkout.session.completed", strings.Replace(session, `"paid"`, `""`, 1)),
			event("refund.updated", `{"id":"re_9","amount":1,"currency":"usd","status":"","payment_intent":"pi_1"}`),
			event("refund.updated", `{"id":"re_9","amount":-1,"currency":"usd","status":"failed","payment_intent":"pi_1"}`),
			event("charge.dispute.created", `{"id":"","amount":1,"status":"lost","payment_intent":"pi_1"}`),
			`{"type":["` + providertest.Private + `"]}`,
		},
		Service: service,
		Refusals: map[string][]providertest.Answer{
			payment.CodeAlreadyRefunded: {failure(400, "invalid_request_error", "charge_already_refunded")},
			payment.CodeDisputed:        {failure(400, "invalid_request_error", "charge_disputed")},
			payment.CodeKeySpent:        {replayed(failure(500, "api_error", "")), replayed(failure(503, "api_error", "lock_timeout"))},
			payment.CodeRefused: {
				failure(400, "invalid_request_error", ""), failure(400, "idempotency_error", ""), failure(404, "invalid_request_error", "resource_missing"),
				failure(402, "card_error", "insufficient_funds"), failure(400, "invalid_request_error", "balance_insufficient"),
				replayed(failure(402, "card_error", "insufficient_funds")), failure(400, providertest.Private, ""),
			},
		},
		Busy: []providertest.Answer{
			failure(409, "idempotency_error", "idempotency_key_in_use"), failure(429, "invalid_request_error", "rate_limit"),
			failure(429, "invalid_request_error", "lock_timeout"), failure(500, "api_error", ""), failure(503, "api_error", ""),
			{Status: http.StatusInternalServerError, Body: `{"message":"` + providertest.Private + `"}`},
		},
		Strangers: []providertest.Answer{
			failure(401, "invalid_request_error", ""), failure(401, "invalid_request_error", "api_key_expired"), failure(403, "invalid_request_error", "more_permissions_required"),
		},
	})
}

func TestEveryTypeThatIsListedIsUnderstood(t *testing.T) {
	var asked []string
	var query url.Values
	gateway := asking(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		for name, values := range query {
			if strings.HasPrefix(name, "types[") {
				asked = append(asked, values...)
			}
		}
		answer(w, fields{"data": []any{}})
	})
	_, err := gateway.List(t.Context(), time.Time{}, "")
	assert.NoError(t, err)
	assert.Equal(t, "100", query.Get("limit"), "Stripe's own bound")
	assert.NotContains(t, query, "created[gte]", "since ever")
	assert.Len(t, asked, 12)
	assert.LessOrEqual(t, len(asked), 20, "Stripe's own bound")
	for _, kind := range asked {
		_, err := says(event(kind, `{"id":"x_1","mode":"payment","metadata":{"package":"starter"},"payment_intent":"pi_1"}`))
		assert.NoError(t, err, kind)
	}
}
