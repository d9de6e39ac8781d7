package standin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"makegood/shared/provider/fake"
)

const standardPage = 100 // events of one page

// serveStandard adds an adapter, as shared/provider's page asks for it.
func (p *Provider) serveStandard(mux *http.ServeMux, adapter Adapter) {
	mux.HandleFunc("POST "+adapter.Below+"/refunds", standardCaller(adapter, p.standardRefund))
	mux.HandleFunc("GET "+adapter.Below+"/payments/{id}", standardCaller(adapter, p.standardPayment))
	mux.HandleFunc("GET "+adapter.Below+"/events", standardCaller(adapter, p.standardEvents))
}

// question is what an adapter was asked: whose it is, and the body, read.
type question struct {
	provider string
	body     []byte
}

// standardCaller lets messages in that are signed with the adapter's secret.
func standardCaller(adapter Adapter, next func(http.ResponseWriter, *http.Request, question)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
		if err != nil {
			standardRefuse(w, denial{status: http.StatusRequestEntityTooLarge, code: "too_large"})
			return
		}
		// Signed as a webhook is, both ways: an adapter knows no other key.
		verifier, err := standardwebhooks.NewWebhook(adapter.Secret)
		if err != nil || verifier.Verify(body, r.Header) != nil {
			standardRefuse(w, denial{status: http.StatusUnauthorized, code: "unauthenticated"})
			return
		}
		next(w, r, question{adapter.Name, body})
	}
}

// standardCodes are the adapter's words for Stripe's.
var standardCodes = map[string]string{
	"charge_already_refunded": "already_refunded", "charge_disputed": "disputed", "charge_not_refundable": "refused",
	"idempotency_key_in_use": "in_use", "lock_timeout": "throttled", "resource_missing": "not_found",
}

func standardDeny(d denial) answer {
	code, ok := standardCodes[d.code]
	if !ok {
		code = firstOf(d.code, "refused")
	}
	status := d.status
	if d.keep && status == http.StatusBadRequest { // it ran, and will end the same
		status = http.StatusConflict
	}
	return answer{status: status, body: marshal(map[string]any{"code": code, "detail": d.message}), keep: d.keep}
}

func standardRefuse(w http.ResponseWriter, d denial) { write(w, standardDeny(d)) }

// standardMoney is an amount with its currency, or bare minor units.
type standardMoney struct {
	Currency string `json:"currency"`
	Minor    int64  `json:"minor"`
}

// UnmarshalJSON reads both ways of writing it.
func (m *standardMoney) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &m.Minor) == nil {
		return nil
	}
	type plain standardMoney
	return json.Unmarshal(raw, (*plain)(m))
}

func (p *Provider) standardRefund(w http.ResponseWriter, r *http.Request, q question) {
	var request struct {
		Payment string        `json:"payment"`
		Amount  standardMoney `json:"amount"`
		Case    string        `json:"case"`
	}
	if err := strictly(q.body, &request); err != nil || request.Payment == "" || request.Amount.Minor <= 0 {
		standardRefuse(w, denial{status: http.StatusBadRequest, code: "invalid_request", message: "payment, amount and case are wanted"})
		return
	}
	// The adapter's contract: after a failure of ours a key is spent, so that nobody pays twice by
	// repeating it.
	keySpent := standardDeny(denial{status: http.StatusBadRequest, code: "key_spent", message: "the first call under this id failed", keep: true})
	p.refund(w, order{
		provider: q.provider, spent: &keySpent, payment: request.Payment, key: r.Header.Get(standardwebhooks.HeaderWebhookID),
		print: "POST " + r.URL.Path + " " + string(q.body), minor: request.Amount.Minor, currency: request.Amount.Currency,
		metadata: map[string]string{"case": request.Case}, deny: standardDeny, view: standardRefundView,
	})
}

func standardRefundView(r *Refund) map[string]any {
	view := map[string]any{"id": r.ID, "amount": standardMoney{r.Currency, r.Minor}, "status": r.Status}
	if r.Case != "" {
		view["case"] = r.Case
	}
	return view
}

// standardRefunded and standardDisputed are the data of the webhook's events; the caller holds the
// lock.
func (p *Provider) standardRefunded(r *Refund) map[string]any {
	return p.standardData(r.Payment, "refund", standardRefundView(r))
}

func (p *Provider) standardDisputed(d *Dispute) map[string]any {
	return p.standardData(d.Payment, "dispute", map[string]any{"id": d.ID, "amount": standardMoney{d.Currency, d.Minor}, "status": d.Status})
}

func (p *Provider) standardData(payment, what string, about map[string]any) map[string]any {
	page := p.books.Payments[payment]
	return map[string]any{
		"payment": payment, "customer": page.Customer, "package": page.Package, "amount": standardMoney{page.Currency, page.Paid}, what: about,
	}
}

// standardPayment tells what the books say of a payment today: its purchase as it was heard of,
// every refund, every dispute.
func (p *Provider) standardPayment(w http.ResponseWriter, r *http.Request, q question) {
	id := r.PathValue("id")
	p.await(id)
	if !p.reading(w, id, standardRefuse) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	page := p.books.Payments[id]
	if page == nil || page.Provider != q.provider {
		standardRefuse(w, denial{status: http.StatusNotFound, code: "not_found", message: "no such payment"})
		return
	}
	// The purchase first, then refunds, then disputes: a look gives all of them, or it is an error.
	messages := []any{}
	if page.Sale.message != nil {
		messages = append(messages, page.Sale.message)
	}
	for _, one := range p.books.RefundsOf(id) {
		messages = append(messages, map[string]any{"type": "payment.refunded", "timestamp": one.Created, "data": p.standardRefunded(one)})
	}
	for _, one := range p.books.DisputesOf(id) {
		messages = append(messages, map[string]any{"type": "payment.disputed", "timestamp": one.Created, "data": p.standardDisputed(one)})
	}
	write(w, answer{status: http.StatusOK, body: marshal(map[string]any{"events": messages})})
}

// standardEvents lists events since an instant (RFC 3339, or seconds since 1970), newest first. A
// cursor is where the next page starts.
func (p *Provider) standardEvents(w http.ResponseWriter, r *http.Request, q question) {
	query := r.URL.Query()
	since, ok := instant(query.Get("since"))
	start, err := strconv.Atoi(firstOf(query.Get("cursor"), "0"))
	if !ok || err != nil || start < 0 {
		standardRefuse(w, denial{status: http.StatusBadRequest, code: "invalid_request", message: "since or cursor is not understood"})
		return
	}
	if !p.reading(w, "", standardRefuse) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// Newest first; the contract allows any order, and tests shuffle it elsewhere.
	all := slices.DeleteFunc(p.newestFirst(q.provider), func(e *event) bool { return e.at.Before(since) })
	end := min(len(all), start+standardPage)
	messages := []json.RawMessage{}
	for at := start; at < end; at++ {
		messages = append(messages, json.RawMessage(all[at].raw))
	}
	body := map[string]any{"events": messages}
	if end < len(all) {
		body["next"] = strconv.Itoa(end)
	}
	write(w, answer{status: http.StatusOK, body: marshal(body)})
}

func instant(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	if unix, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(unix, 0), true
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}

// applyStandard enters a message of an adapter.
func (b *books) applyStandard(e *event, raw json.RawMessage) error {
	var message struct {
		Data struct {
			Payment  string        `json:"payment"`
			Customer string        `json:"customer"`
			Package  string        `json:"package"`
			Amount   standardMoney `json:"amount"`
			Refund   *struct {
				ID     string        `json:"id"`
				Amount standardMoney `json:"amount"`
				Status string        `json:"status"`
				Case   string        `json:"case"`
			} `json:"refund"`
			Dispute *struct {
				ID     string        `json:"id"`
				Amount standardMoney `json:"amount"`
				Status string        `json:"status"`
			} `json:"dispute"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &message); err != nil || message.Data.Payment == "" || !strings.HasPrefix(e.kind, "payment.") {
		return err
	}
	d := message.Data
	page := b.Page(d.Payment, e.provider, e.at)
	// A bare amount is in the payment's own currency.
	currency := func(m standardMoney) string {
		return strings.ToUpper(firstOf(m.Currency, d.Amount.Currency, page.Currency))
	}
	switch {
	case e.kind == "payment.paid":
		page.Sale.message, page.Created, page.Charged = bytes.Clone(raw), e.at, e.at
		page.Customer, page.Package, page.Currency, page.Paid = d.Customer, d.Package, currency(d.Amount), d.Amount.Minor
	case d.Refund != nil:
		b.EnterRefund(Refund{
			ID: d.Refund.ID, Payment: page.ID, Minor: d.Refund.Amount.Minor, Currency: currency(d.Refund.Amount),
			Status: firstOf(d.Refund.Status, fake.StatusSucceeded), Case: d.Refund.Case, Created: e.at, Provider: e.provider,
		})
	case d.Dispute != nil:
		b.EnterDispute(Dispute{
			ID: d.Dispute.ID, Payment: page.ID, Minor: d.Dispute.Amount.Minor, Currency: currency(d.Dispute.Amount),
			Status: firstOf(d.Dispute.Status, fake.StatusNeedsResponse), Created: e.at, Provider: e.provider,
		})
	}
	return nil
}
