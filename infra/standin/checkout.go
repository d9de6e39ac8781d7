package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	checkoutWithin = 20 * time.Second // how long an answer waits for the stack to accept the event
	paidAfter      = time.Minute      // from a checkout's opening to its payment: prices go by the opening
)

// Checkout is one sale at the provider: who bought which package, for how much.
type Checkout struct {
	Payment  string `json:"payment"`  // its intent, pi_…
	Session  string `json:"session"`  // cs_test_…
	Event    string `json:"event"`    // the checkout.session.completed that was posted
	Customer string `json:"customer"` // client_reference_id
	Package  string `json:"package"`  // metadata.package
	Minor    int64  `json:"amount"`   // in Stripe's minor unit
	Currency string `json:"currency"` // as Stripe writes it
}

// Checkout sells a package to a customer: the payment enters the books as paid, and a signed
// checkout.session.completed goes to the stack's webhook. It returns when the stack has accepted
// the event, or a fault has lost it. The price is that of the stack's own GET /v1/policy. A package
// that the stack does not sell, a missing name, and an event that the stack keeps refusing are
// errors.
func (p *Provider) Checkout(ctx context.Context, customer, pack string) (Checkout, error) {
	if customer == "" || pack == "" {
		return Checkout{}, errors.New("standin: a checkout names a customer and a package")
	}
	// The event is posted again until the stack takes it; a developer does not wait for ever.
	ctx, cancel := context.WithTimeout(ctx, checkoutWithin)
	defer cancel()
	// The price is asked of the stack, since a wrong one would park the payment.
	minor, currency, err := p.price(ctx, pack)
	if err != nil {
		return Checkout{}, err
	}
	sale := Checkout{
		Payment: newID("pi_"), Session: newID("cs_test_"), Customer: customer, Package: pack, Minor: minor, Currency: currency,
	}
	// The books know the payment before its event is out, as a provider's do: whoever asks early
	// gets an answer.
	event, err := p.sell(&sale)
	if err != nil {
		return Checkout{}, err
	}
	p.post(sale.Payment, event)
	return sale, p.Settled(ctx, sale.Payment)
}

// sell enters the sale into the books and lists its event.
func (p *Provider) sell(sale *Checkout) (*event, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// A customer takes a moment to pay, and prices go by the opening.
	openedAt := p.now().Add(-paidAfter)
	// These are the fields that the webhook reads; the amount before tax and discounts must be the
	// package's.
	session := map[string]any{
		"id": sale.Session, "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid", "livemode": false,
		"amount_subtotal": sale.Minor, "amount_total": sale.Minor, "currency": sale.Currency, "payment_intent": sale.Payment,
		"client_reference_id": sale.Customer, "metadata": map[string]string{"package": sale.Package}, "customer": nil,
		"created": openedAt.Unix(), "expires_at": openedAt.Add(24 * time.Hour).Unix(),
	}
	e := p.newEvent("checkout.session.completed", session)
	sale.Event = e.id
	return e, p.books.applyStripe(e, marshal(session))
}

// price asks the stack what a package costs, and returns it in Stripe's minor unit and spelling.
func (p *Provider) price(ctx context.Context, pack string) (minor int64, currency string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.options.Stack+"/v1/policy", nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+p.options.AppKey)
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("standin: asking the stack for its packages: %w", err)
	}
	defer resp.Body.Close()
	var catalog struct {
		Packages []struct {
			Name  string        `json:"name"`
			Price standardMoney `json:"price"`
		} `json:"packages"`
	}
	if resp.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("standin: the stack answered %d when asked for its packages", resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(&catalog); err != nil {
		return 0, "", fmt.Errorf("standin: reading the stack's packages: %w", err)
	}
	var names []string
	for _, one := range catalog.Packages {
		if one.Name == pack {
			minor, currency = stripeUnits(one.Price)
			return minor, currency, nil
		}
		names = append(names, one.Name)
	}
	return 0, "", fmt.Errorf("standin: the stack sells no %q; it sells %s", pack, strings.Join(names, ", "))
}

// stripeUnits converts an ISO 4217 amount into Stripe's: ISK and UGX have two decimals there, MGA
// has none. https://docs.stripe.com/currencies
func stripeUnits(price standardMoney) (minor int64, currency string) {
	minor = price.Minor
	switch price.Currency {
	case "ISK", "UGX":
		minor *= 100
	case "MGA":
		minor /= 100
	}
	return minor, strings.ToLower(price.Currency)
}
