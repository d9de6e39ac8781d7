package standard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/providertest"
	"makegood/shared/provider/standard"
)

const (
	secret = "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="
	other  = "whsec_c2Vjb25kLXN0YW5kYXJkLXNlY3JldC1vZi0zMi1ieXRlcw=="
)

const paid = `{"type":"payment.paid","timestamp":"2026-03-01T11:59:55.1239Z","data":{"payment":"pay_1","customer":"alice","package":"starter",
	"amount":{"currency":"usd","minor":500}}}`

func secrets(all ...string) provider.Secrets {
	return func(context.Context) ([]string, error) { return all, nil }
}

func header(id, timestamp, signature string) http.Header {
	h := http.Header{}
	h.Set(standard.HeaderID, id)
	h.Set(standard.HeaderTimestamp, timestamp)
	h.Set(standard.HeaderSignature, signature)
	return h
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// readAll returns the body, and leaves it to be read again.
func readAll(r *http.Request) []byte {
	body := must(io.ReadAll(r.Body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// whole is a provider behind its adapter: what it tells, and what it is asked.
type whole struct {
	standard.Webhook
	standard.Gateway
}

type fields map[string]any

func written(object any) []byte {
	raw, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return raw
}

func told(e providertest.Event) []byte {
	if e.Raw != "" {
		return []byte(e.Raw)
	}
	f, data := e.Facts, fields{"payment": e.Facts.Payment}
	var kind string
	switch {
	case f.Purchase != nil:
		kind = "payment.paid"
		data["customer"], data["package"], data["amount"] = f.Purchase.Customer, f.Purchase.Package, f.Purchase.Subtotal
	case f.Refund != nil:
		kind = "payment.refunded"
		data["refund"] = fields{"id": f.RefundID, "amount": f.Refund.Amount, "status": f.Refund.Status, "case": f.Refund.Case}
	default:
		kind = "payment.disputed"
		data["dispute"] = fields{"id": f.DisputeID, "amount": f.Dispute.Amount, "status": f.Dispute.Status}
	}
	return written(fields{"type": kind, "timestamp": e.At, "data": data})
}

// adapter plays an app's adapter over an account, as the contract in provider/README.md has it.
type adapter struct {
	*providertest.Account
	mux *http.ServeMux
}

func service(account *providertest.Account) http.Handler {
	a := adapter{account, http.NewServeMux()}
	a.mux.HandleFunc("POST /refunds", a.refund)
	a.mux.HandleFunc("GET /payments/{id}", a.payment)
	a.mux.HandleFunc("GET /events", a.events)
	return a
}

func problem(status int, code string) providertest.Answer {
	return providertest.Answer{Status: status, Body: string(written(fields{"code": code, "detail": providertest.Private}))}
}

// ServeHTTP believes only what is signed, by the specification's own library.
func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, webhook := readAll(r), must(oracle.NewWebhook(secret))
	if webhook.Verify(body, r.Header) != nil {
		problem(http.StatusUnauthorized, "bad_signature").ServeHTTP(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

func (a adapter) refund(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Payment payment.ID
		Amount  money.Amount
		Case    string
	}
	if json.Unmarshal(readAll(r), &order) != nil || len(a.Of(order.Payment)) == 0 {
		problem(http.StatusUnprocessableEntity, "no_such_payment").ServeHTTP(w, r)
		return
	}
	made := a.Refund(payment.RefundOrder{Payment: order.Payment, Amount: order.Amount, Case: order.Case, Key: r.Header.Get(standard.HeaderID)})
	_, _ = w.Write(written(fields{"id": made.RefundID, "amount": made.Refund.Amount, "status": made.Refund.Status, "case": made.Refund.Case}))
}

func (a adapter) payment(w http.ResponseWriter, r *http.Request) {
	all := []json.RawMessage{}
	for _, f := range a.Of(payment.ID(r.PathValue("id"))) {
		e := providertest.Event{Facts: f}
		if f.Purchase != nil {
			e.At = f.Purchase.PaidAt
		}
		all = append(all, told(e))
	}
	if len(all) == 0 {
		problem(http.StatusNotFound, "not_found").ServeHTTP(w, r)
		return
	}
	_, _ = w.Write(written(fields{"events": all}))
}

func (a adapter) events(w http.ResponseWriter, r *http.Request) {
	since := must(time.Parse(time.RFC3339, r.URL.Query().Get("since")))
	page, more := a.Page(since, r.URL.Query().Get("cursor"))
	all, next := []json.RawMessage{}, ""
	for _, e := range page {
		all = append(all, told(e))
		next = e.ID
	}
	if !more {
		next = ""
	}
	_, _ = w.Write(written(fields{"events": all, "next": next}))
}

func TestStandardKeepsThePromisesOfAProvider(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Open: func(all provider.Secrets, baseURL string) provider.Provider {
			return whole{standard.New(all), standard.OpenGateway(all, baseURL)}
		},
		Nobody: func() provider.Provider {
			return whole{standard.New(secrets(secret)), standard.OpenGateway(secrets(secret), "")}
		},
		Secret: secret, Other: other, Hidden: []string{strings.TrimPrefix(secret, "whsec_")},
		Sign: func(t testing.TB, secret string, at time.Time, body []byte) http.Header {
			t.Helper()
			signature, err := standard.Sign(secret, "evt_1", at, body)
			require.NoError(t, err)
			return header("evt_1", strconv.FormatInt(at.Unix(), 10), signature)
		},
		Body:       told,
		Irrelevant: []string{`{"type":"customer.created","data":{}}`, strings.Replace(paid, `"package":"starter",`, "", 1)},
		Broken: []string{
			`{"type":"payment.paid","data":{"package":"starter"}}`, `{"type":"payment.refunded","data":{"payment":"pay_1"}}`,
			`{"type":"payment.refunded","data":{"payment":"pay_1","refund":{"id":"rf_1","amount":-1,"status":"pending"}}}`,
			`{"type":"payment.disputed","data":{"payment":"pay_1","dispute":{"id":"dp_1","amount":-1,"status":"lost"}}}`,
			`{"type":["` + providertest.Private + `"]}`, `7`,
		},
		Service: service,
		Refusals: map[string][]providertest.Answer{
			payment.CodeAlreadyRefunded: {problem(409, "already_refunded")},
			payment.CodeDisputed:        {problem(409, "disputed")},
			payment.CodeKeySpent:        {problem(409, "key_spent")},
			payment.CodeRefused: {
				problem(409, "refused"), problem(400, "bad_amount"), problem(404, ""), problem(422, providertest.Private),
				{Status: http.StatusBadRequest, Body: "<html>" + providertest.Private},
			},
		},
		Busy: []providertest.Answer{
			problem(409, "in_use"), problem(409, "unheard_of"),
			{Status: http.StatusConflict},
			problem(429, "throttled"),
			problem(500, "internal"), problem(503, "refused"), problem(202, ""),
		},
		Strangers: []providertest.Answer{problem(401, "bad_signature"), problem(403, "forbidden")},
	})
}
