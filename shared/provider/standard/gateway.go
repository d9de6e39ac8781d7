package standard

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Gateway asks the app's adapter. It is a payment.Gateway, safe for use by many goroutines.
type Gateway struct {
	secrets provider.Secrets
	client  *http.Client
	base    string // "": the app has no adapter
	broken  error  // what is wrong with the address; every call returns it
}

// OpenGateway returns the gateway to the adapter at baseURL, signing with every secret of secrets.
// With "" there is nobody to ask: Look and List are empty, and a refund is refused. A baseURL that
// provider.Address refuses fails every call with KindInternal.
func OpenGateway(secrets provider.Secrets, baseURL string) Gateway {
	g := Gateway{secrets: secrets, client: provider.NewClient()}
	if baseURL != "" {
		g.base, g.broken = provider.Address("STANDARD_API_URL", baseURL)
	}
	return g
}

// none reports whether there is nobody to ask.
func (g Gateway) none() bool { return g.base == "" && g.broken == nil }

// events is what the adapter answers: bodies as its webhook sends them.
type events struct {
	Events []json.RawMessage `json:"events"`
	Next   string            `json:"next"`
}

// Look returns what the adapter says today of a payment; see payment.Gateway.
func (g Gateway) Look(ctx context.Context, id payment.ID) ([]payment.Facts, error) {
	if g.none() || !addressable(id) {
		return nil, nil
	}
	// The events of this answer are as fresh as its signature would be, so now bounds what they say
	// of their time.
	now := time.Now()
	var response events
	err := unread(g.ask(ctx, request{http.MethodGet, "/payments/" + url.PathEscape(string(id)), question(), nil}, &response, now))
	if err != nil {
		return nil, fault.At("standard.Look: ask", string(id), err)
	}
	var all []payment.Facts
	for _, raw := range response.Events {
		facts, err := read(raw, "", now)
		facts.At = time.Time{} // this is the payment as it is today, and no event
		if err == nil {
			err = facts.Validate()
		}
		// The facts of another payment would be merged into this one, so they are dropped. A broken
		// fact must not be: the caller would pay again what it hides.
		switch {
		case errors.Is(err, provider.ErrIrrelevant):
		case err != nil:
			return nil, fault.At("standard.Look: decode", string(id), unclear(id, err))
		case facts.Payment == id:
			all = append(all, facts)
		}
	}
	return all, nil
}

// addressable reports whether an id can be a payment's, and the end of an address: servers take "."
// and ".." for another address.
func addressable(id payment.ID) bool {
	return id.Validate("payment") == nil && id != "." && id != ".."
}

// Refund asks the adapter for money back; see payment.Gateway.
func (g Gateway) Refund(ctx context.Context, order payment.RefundOrder) (payment.Facts, error) {
	// Without a key a second attempt would pay twice; without a case the refund would look like one
	// made by hand.
	if order.Key == "" || order.Case == "" || order.Amount.Minor <= 0 {
		return payment.Facts{}, errors.New("standard: a refund needs an idempotency key, a case and an amount")
	}
	// A refusal, not an error: the case goes to staff, who may refund by hand.
	if g.none() {
		return payment.Facts{}, provider.NoRefund(payment.CodeRefused, "no_adapter_configured")
	}
	body, err := json.Marshal(struct {
		Payment payment.ID   `json:"payment"`
		Amount  money.Amount `json:"amount"`
		Case    string       `json:"case"`
	}{order.Payment, order.Amount, order.Case})
	if err != nil {
		return payment.Facts{}, err
	}
	var response refund
	if err := g.ask(ctx, request{http.MethodPost, "/refunds", order.Key, body}, &response, time.Now()); err != nil {
		return payment.Facts{}, fault.At("standard.Refund: ask", string(order.Payment), err)
	}
	// An adapter may answer with little more than an id. What it leaves out is as ordered, and the
	// webhook corrects it.
	back := order.Amount
	if response.Amount != nil {
		back = response.Amount.in(order.Amount.Currency)
	}
	facts := payment.Facts{Payment: order.Payment, Provider: Name, RefundID: response.ID, Refund: &payment.Refund{
		Amount: back,
		Status: cmp.Or(response.Status, payment.RefundPending), // not final, where nothing is said
		Case:   cmp.Or(response.Case, order.Case),
	}}
	if err := facts.Validate(); err != nil { // it was taken, and nothing is known of it
		return payment.Facts{}, fault.At("standard.Refund: decode", string(order.Payment), fault.Busy(err))
	}
	return facts, nil
}

// List returns a page of the adapter's events since an instant, none where it keeps no list; see
// payment.Gateway.
func (g Gateway) List(ctx context.Context, since time.Time, cursor string) (payment.Listing, error) {
	if g.none() {
		return payment.Listing{NoList: true}, nil
	}
	query := url.Values{"since": {since.UTC().Format(time.RFC3339)}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	now := time.Now()
	var response events
	err := g.ask(ctx, request{http.MethodGet, "/events?" + query.Encode(), question(), nil}, &response, now)
	// An adapter without a list answers 404 to the first page. In the middle of a list 404 is a
	// fault, since the rest would be missing in silence.
	if errors.Is(err, errUnknown) && cursor == "" {
		return payment.Listing{NoList: true}, nil
	}
	if err != nil {
		return payment.Listing{}, fault.At("standard.List: ask", "", err)
	}
	listing := payment.Listing{Next: response.Next}
	// One bad event must not hide the page's others: provider.AppendFacts logs it and goes on.
	for _, raw := range response.Events {
		facts, err := read(raw, "", now)
		listing.Facts = provider.AppendFacts(ctx, listing.Facts, Name, "", facts, err)
	}
	return listing, nil
}

// question returns the id of a message that only asks: any id will do, once.
func question() string { return "ask_" + rand.Text() }
