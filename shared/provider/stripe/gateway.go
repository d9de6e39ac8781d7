package stripe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	sdk "github.com/stripe/stripe-go/v85"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Gateway asks Stripe. It is a payment.Gateway, safe for use by many goroutines.
type Gateway struct {
	keys    provider.Secrets
	account account
	backend sdk.Backend
	broken  error // what is wrong with the settings; every call returns it
}

// OpenGateway returns the gateway of the account that the first of keys opens, at baseURL ("":
// Stripe's own). accountID is that account's connected account (see New), "" for the account
// itself.
//
// Without a key there is nobody to ask: Look and List are empty, and a refund is refused. A baseURL
// that provider.Address refuses, or a connected account that cannot be one, fails every call with
// KindInternal.
func OpenGateway(keys provider.Secrets, baseURL, accountID string) Gateway {
	address, err := provider.Address("STRIPE_API_URL", cmp.Or(baseURL, sdk.APIURL))
	// A wrong setting is kept and returned by each call. To panic here would take down functions
	// that never need the provider.
	of := account(accountID)
	return Gateway{keys: keys, account: of, broken: cmp.Or(err, of.validate()), backend: sdk.GetBackendWithConfig(sdk.APIBackend, &sdk.BackendConfig{
		URL:               &address,
		HTTPClient:        provider.NewClient(),
		MaxNetworkRetries: sdk.Int64(0), // whoever asks decides about asking again
		EnableTelemetry:   sdk.Bool(false),
		LeveledLogger:     &sdk.LeveledLogger{Level: sdk.LevelNull}, // it would log bodies
	})}
}

// Look returns what Stripe says today of a payment intent, or of a checkout session that made one:
// its session, refunds and disputes. It is empty where no session of it names a package; otherwise
// as payment.Gateway has it.
func (g Gateway) Look(ctx context.Context, id payment.ID) ([]payment.Facts, error) {
	// One bound for all requests together: the queue's message becomes visible again at a fixed
	// time.
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	key, err := g.key(ctx)
	// An id that cannot be a payment's is never sent: it would become part of an address.
	if err != nil || key == "" || id.Validate("payment") != nil {
		return nil, fault.At("stripe.Look: key", string(id), err)
	}
	// The sessions come first: only they say that the payment was sold by us.
	all, err := g.purchases(ctx, key, id)
	if err != nil || len(all) == 0 {
		return nil, fault.At("stripe.Look: sessions", string(id), err)
	}
	// A session's id leads to its intent, and everything else is listed by the intent.
	intent, livemode := all[0].Payment, *all[0].Livemode
	if strings.HasPrefix(string(intent), sessionPrefix) {
		return all, nil // no money was taken, so none goes back
	}
	// Each kind of object is read as an event of its own type would be, so that a look and a
	// webhook can never disagree.
	for _, kind := range []struct {
		path, eventType string
		params          sdk.ListParamsContainer
	}{
		{"/v1/refunds", "refund.updated", &sdk.RefundListParams{PaymentIntent: sdk.String(intent)}},
		{"/v1/disputes", "charge.dispute.updated", &sdk.DisputeListParams{PaymentIntent: sdk.String(intent)}},
	} {
		objects, err := g.all(ctx, key, kind.path, kind.params)
		if err != nil {
			return nil, fault.At("stripe.Look: list "+kind.path, string(intent), err)
		}
		for _, raw := range objects {
			facts, err := decode(event{Type: kind.eventType, Livemode: livemode}, raw, intent)
			if err != nil {
				return nil, fault.At("stripe.Look: decode "+kind.path, string(intent), err)
			}
			// A list may be filtered loosely; a fact of another payment would be merged into this
			// one.
			if facts.Payment == intent {
				all = append(all, facts)
			}
		}
	}
	return all, nil
}

// Refund asks for money back; see payment.Gateway.
func (g Gateway) Refund(ctx context.Context, order payment.RefundOrder) (payment.Facts, error) {
	// Without a key a second attempt would pay twice; without a case the refund would look like one
	// made by hand.
	if order.Key == "" || order.Case == "" || order.Amount.Minor <= 0 {
		return payment.Facts{}, errors.New("stripe: a refund needs an idempotency key, a case and an amount")
	}
	// Refused before it is sent: no further attempt can change what the currency allows.
	minor, ok := Payable(order.Amount)
	if !ok {
		return payment.Facts{}, provider.NoRefund(payment.CodeRefused, "amount_not_payable")
	}
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	key, err := g.key(ctx)
	if err != nil {
		return payment.Facts{}, fault.At("stripe.Refund: key", string(order.Payment), err)
	}
	// A refusal, not an error: the case goes to staff, who may refund by hand.
	if key == "" {
		return payment.Facts{}, provider.NoRefund(payment.CodeRefused, "no_key_configured")
	}
	// The case travels in the metadata. Every later webhook, look and listing repeats it, and so
	// the refund finds its promise even where this answer is lost.
	var response object
	err = g.backend.Call(http.MethodPost, "/v1/refunds", key, &sdk.RefundParams{
		Params:        sdk.Params{Context: ctx, IdempotencyKey: &order.Key, StripeAccount: g.account.header()},
		PaymentIntent: sdk.String(order.Payment),
		Amount:        &minor,
		Metadata:      map[string]string{"case": order.Case},
	}, &response)
	if err != nil {
		return payment.Facts{}, fault.At("stripe.Refund: create", string(order.Payment), classify(err))
	}
	// Stripe has taken the order by now. An answer that cannot be understood leaves the refund's
	// fate open, and the same key will show it again.
	facts, err := decode(event{Type: "refund.updated"}, response.raw, order.Payment)
	if err == nil && facts.Payment != order.Payment {
		err = errNotUnderstood
	}
	if err != nil { // it was taken, and nothing is known of it
		return payment.Facts{}, fault.At("stripe.Refund: decode", string(order.Payment), fault.Busy(err))
	}
	facts.Livemode = nil // a refund does not say
	return facts, nil
}

// List returns a page of the events since an instant, of those that Stripe still keeps (30 days),
// newest first; see payment.Gateway.
func (g Gateway) List(ctx context.Context, since time.Time, cursor string) (payment.Listing, error) {
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	key, err := g.key(ctx)
	if err != nil || key == "" {
		return payment.Listing{NoList: true}, fault.At("stripe.List: key", "", err)
	}
	// The filter saves pages: Stripe sends many more events for a purchase than these.
	params := &sdk.EventListParams{Types: sdk.StringSlice(eventTypes)}
	// The zero instant lies before 1970 and asks for every event, so there is no filter for it.
	if since.Unix() > 0 {
		params.CreatedRange = &sdk.RangeQueryParams{GreaterThanOrEqual: since.Unix()}
	}
	page, err := g.page(ctx, key, "/v1/events", params, cursor)
	if err != nil {
		return payment.Listing{}, fault.At("stripe.List: events", "", err)
	}
	listing := payment.Listing{Next: page.next()}
	// One bad event must not hide the page's others: provider.AppendFacts logs it and goes on.
	for _, raw := range page.Data {
		var e event
		facts, err := payment.Facts{}, json.Unmarshal(raw, &e)
		if err == nil {
			err = g.account.checkListed(e)
		}
		if err == nil {
			facts, err = e.facts(time.Now()) // it comes fresh from Stripe, as a webhook that is signed now
		}
		listing.Facts = provider.AppendFacts(ctx, listing.Facts, Name, e.ID, facts, err)
	}
	return listing, nil
}

// key returns the key for Stripe's API, "" when none is configured.
func (g Gateway) key(ctx context.Context) (string, error) {
	if g.broken != nil {
		return "", g.broken
	}
	// A secret store that fails now may answer in a moment: busy, never "no key".
	keys, err := g.keys(ctx)
	if err != nil {
		return "", fault.Busy(err)
	}
	if len(keys) == 0 {
		return "", nil
	}
	return keys[0], nil
}
