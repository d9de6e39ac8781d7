package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxEvent    = 1 << 20          // bytes of an event that is remembered
	awaitWithin = 20 * time.Second // how long a question about a payment waits for the event that tells of it: longer than whoever asks
)

// Observe stands before the stack's HTTP API: what that accepts (200) on a webhook's path enters
// the books before the sender hears of it.
func (p *Provider) Observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Everything but a webhook passes through untouched.
		provider, ok := p.webhooks[r.URL.Path]
		if !ok || r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		// The body is read here and handed on whole; how the reading ended goes on too.
		body, err := io.ReadAll(io.LimitReader(r.Body, maxEvent))
		r.Body = readCloser{io.MultiReader(bytes.NewReader(body), &failing{err: err, rest: r.Body}), r.Body}
		// While the stack is at it, questions about its payment wait (await).
		defer p.begin(body)()
		writer := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(writer, r)
		// Accepted is durable: from here on the provider knows the payment, before the sender hears
		// of it.
		if writer.status == http.StatusOK {
			_ = p.receive(provider, body, r.Header.Get("Webhook-Id")) // what the stack accepts and we cannot read is no payment's event
		}
	})
}

type readCloser struct {
	io.Reader
	io.Closer
}

// failing passes on how reading ended, so that the API behind sees what it would have seen.
type failing struct {
	err  error
	rest io.Reader
}

func (f *failing) Read(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.rest.Read(b)
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets the server find its own writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begin notes an event that the stack is at; the function that it returns, that it is done.
func (p *Provider) begin(body []byte) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := &body
	p.underway[at] = true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.underway, at)
	}
}

// await waits as long as the stack is at an event that names the id. A provider knows a payment
// before it posts the event; the stand-in learns it from the event, and the stack may ask sooner
// than its own answer is out.
func (p *Provider) await(id string) {
	if id == "" {
		return
	}
	// Bounded, since an event may name an id and never become a payment.
	deadline := time.Now().Add(awaitWithin)
	for p.awaits(id) && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
}

func (p *Provider) awaits(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for body := range p.underway {
		if bytes.Contains(*body, []byte(id)) {
			return p.books.Payments[id] == nil
		}
	}
	return false
}

// Plant enters a raw event into the books that the stack is never told of. Stripe's events have an
// "object", those of an adapter do not: they are the first one's. An event that is neither is an
// error.
func (p *Provider) Plant(raw []byte) error {
	var look struct {
		Object string `json:"object"`
		Type   string `json:"type"`
	}
	if err := json.Unmarshal(raw, &look); err != nil || look.Type == "" {
		return errors.New("standin: a planted event is JSON with a type")
	}
	if look.Object == "event" {
		return p.receive(providerStripe, raw, "")
	}
	if len(p.options.Adapters) == 0 {
		return errors.New("standin: there is no adapter whose event this could be")
	}
	return p.receive(p.options.Adapters[0].Name, raw, "")
}

// receive enters an event into the books and the list. What the stand-in posted itself, and a
// repeat, changes nothing.
func (p *Provider) receive(provider string, raw []byte, id string) error {
	// The caller may reuse its buffer; the list keeps these bytes for thirty days.
	raw = bytes.Clone(raw)
	p.mu.Lock()
	defer p.mu.Unlock()
	e, object, err := p.read(provider, raw, id)
	if err != nil {
		return err
	}
	// The same event twice is one event. Another one under its id is listed, as Stripe might send
	// an older version.
	if first := p.known[e.id]; first != nil && bytes.Equal(first.raw, raw) {
		return nil
	}
	p.list(e)
	if provider == providerStripe {
		return p.books.applyStripe(e, object)
	}
	return p.books.applyStandard(e, object)
}

// read opens an event's envelope; the caller holds the lock.
func (p *Provider) read(provider string, raw []byte, id string) (*event, json.RawMessage, error) {
	// The two doors differ: Stripe's event has an id and an object, the standard one has them in
	// headers and data.
	var envelope struct {
		ID        string    `json:"id"`
		Type      string    `json:"type"`
		Created   int64     `json:"created"`
		Timestamp time.Time `json:"timestamp"`
		Data      struct {
			Object json.RawMessage `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &envelope); err != nil {
		return nil, nil, fmt.Errorf("standin: not an event: %w", err)
	}
	e := &event{provider: provider, id: envelope.ID, kind: envelope.Type, at: p.now(), raw: raw}
	// A planted message has no header, so it gets an id here.
	if provider != providerStripe {
		e.id = id
		if e.id == "" {
			e.id = newID("msg_")
		}
		if !envelope.Timestamp.IsZero() {
			e.at = envelope.Timestamp.UTC()
		}
		return e, raw, nil
	}
	if e.id == "" {
		return nil, nil, errors.New("standin: the event has no id")
	}
	if envelope.Created > 0 {
		e.at = time.Unix(envelope.Created, 0).UTC()
	}
	return e, envelope.Data.Object, nil
}

// object is what the books read of Stripe's sessions, refunds, charges and disputes.
type object struct {
	ID                string            `json:"id"`
	Created           int64             `json:"created"`
	Amount            int64             `json:"amount"`
	AmountRefunded    int64             `json:"amount_refunded"`
	AmountSubtotal    *int64            `json:"amount_subtotal"`
	AmountTotal       *int64            `json:"amount_total"`
	Currency          string            `json:"currency"`
	ClientReferenceID string            `json:"client_reference_id"`
	Metadata          map[string]string `json:"metadata"`
	PaymentStatus     string            `json:"payment_status"`
	Status            string            `json:"status"`
	PaymentIntent     json.RawMessage   `json:"payment_intent"`
}

// intent is the payment that an object names, as an id or whole; "" for none.
func (o object) intent() string {
	var id string
	if json.Unmarshal(o.PaymentIntent, &id) == nil {
		return id
	}
	var whole struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(o.PaymentIntent, &whole) // null and absent name none
	return whole.ID
}

func (b *books) applyStripe(e *event, raw json.RawMessage) error {
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		return fmt.Errorf("standin: %s: %w", e.kind, err)
	}
	// An event that names no payment is listed, and enters nothing.
	payment := o.intent()
	switch {
	case strings.HasPrefix(e.kind, "checkout.session."):
		return b.applySession(e, o, raw)
	case payment == "":
		return nil
	// A refund may be heard of before its purchase: the page is opened blank.
	case strings.HasPrefix(e.kind, "refund."):
		page := b.Page(payment, providerStripe, e.at)
		b.EnterRefund(Refund{
			ID: o.ID, Payment: payment, Minor: o.Amount, Currency: o.Currency, Status: o.Status, Case: o.Metadata["case"], Metadata: o.Metadata,
			Created: created(o, e), Provider: providerStripe,
		})
		page.Currency = firstOf(page.Currency, o.Currency)
	// A charge tells a sum, no refund: what is missing is counted (EnterSum).
	case e.kind == "charge.refunded":
		page := b.Page(payment, providerStripe, e.at)
		page.Currency = firstOf(page.Currency, o.Currency)
		page.Paid = max(page.Paid, o.Amount)
		b.EnterSum(Refund{ID: newID("re_"), Payment: payment, Currency: page.Currency, Created: e.at, Provider: page.Provider}, o.AmountRefunded)
	case strings.HasPrefix(e.kind, "charge.dispute."):
		b.Page(payment, providerStripe, e.at)
		b.EnterDispute(Dispute{
			ID: o.ID, Payment: payment, Minor: o.Amount, Currency: o.Currency, Status: o.Status, Created: created(o, e), Provider: providerStripe,
		})
	}
	return nil
}

// applySession enters a checkout. Without an intent the session is the payment; what was paid stays
// paid.
func (b *books) applySession(e *event, o object, raw json.RawMessage) error {
	if o.ID == "" {
		return errors.New("standin: the session has no id")
	}
	// The session is kept whole, so that a question gets every field that the event had.
	whole := map[string]any{}
	if err := json.Unmarshal(raw, &whole); err != nil {
		return err
	}
	page := b.Page(firstOf(o.intent(), o.ID), providerStripe, e.at)
	// A payment that failed asynchronously is not paid, whatever its session says.
	isPaid := o.PaymentStatus == "paid" && e.kind != "checkout.session.async_payment_failed"
	// An older event must not undo a payment.
	if page.Sale.session != nil && page.Paid > 0 && !isPaid {
		return nil
	}
	page.Sale.session, page.Created = whole, created(o, e)
	page.Customer, page.Package, page.Currency = o.ClientReferenceID, o.Metadata["package"], firstOf(o.Currency, page.Currency)
	if !isPaid {
		return nil
	}
	page.Charged = e.at
	for _, amount := range []*int64{o.AmountSubtotal, o.AmountTotal} { // the total, where there is one
		if amount != nil {
			page.Paid = *amount
		}
	}
	return nil
}

func created(o object, e *event) time.Time {
	if o.Created > 0 {
		return time.Unix(o.Created, 0).UTC()
	}
	return e.at
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
