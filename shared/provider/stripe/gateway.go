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
	broken  error // of the address
}

// OpenGateway returns the gateway of the account that the first of keys opens, at baseURL ("": Stripe's own), or of that account's connected
// account (see New). Without a key there is nobody to ask: Look and List are empty, and a refund is refused. A baseURL that provider.Address
// refuses, or a connected account that cannot be one, fails every call with KindInternal.
func OpenGateway(keys provider.Secrets, baseURL, connected string) Gateway {
	address, err := provider.Address("STRIPE_API_URL", cmp.Or(baseURL, sdk.APIURL))
	of := account(connected)
	return Gateway{keys: keys, account: of, broken: cmp.Or(err, of.validate()), backend: sdk.GetBackendWithConfig(sdk.APIBackend, &sdk.BackendConfig{
		URL:               &address,
		HTTPClient:        provider.NewClient(),
		MaxNetworkRetries: sdk.Int64(0), // whoever asks decides about asking again
		EnableTelemetry:   sdk.Bool(false),
		LeveledLogger:     &sdk.LeveledLogger{Level: sdk.LevelNull}, // it would log bodies
	})}
}

// Look returns what Stripe says today of a payment intent, or of a checkout session that made one: its session, refunds and disputes.
// It is empty where no session of it names a package; otherwise as payment.Gateway has it.
func (g Gateway) Look(ctx context.Context, id payment.ID) ([]payment.Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	key, err := g.key(ctx)
	if err != nil || key == "" || id.Validate("payment") != nil {
		return nil, err
	}
	found, err := g.bought(ctx, key, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	intent, livemode := found[0].Payment, *found[0].Livemode
	if strings.HasPrefix(string(intent), sessionPrefix) {
		return found, nil // no money was taken, so none goes back
	}
	for _, kind := range []struct {
		path, told string
		params     sdk.ListParamsContainer
	}{
		{"/v1/refunds", "refund.updated", &sdk.RefundListParams{PaymentIntent: sdk.String(intent)}},
		{"/v1/disputes", "charge.dispute.updated", &sdk.DisputeListParams{PaymentIntent: sdk.String(intent)}},
	} {
		shown, err := g.all(ctx, key, kind.path, kind.params)
		if err != nil {
			return nil, err
		}
		for _, object := range shown {
			facts, err := told(event{Type: kind.told, Livemode: livemode}, object, intent)
			if err != nil {
				return nil, err
			}
			if facts.Payment == intent {
				found = append(found, facts)
			}
		}
	}
	return found, nil
}

// Refund asks for money back; see payment.Gateway.
func (g Gateway) Refund(ctx context.Context, order payment.RefundOrder) (payment.Facts, error) {
	if order.Key == "" || order.Case == "" || order.Amount.Minor <= 0 {
		return payment.Facts{}, errors.New("stripe: a refund needs an idempotency key, a case and an amount")
	}
	minor, ok := Payable(order.Amount)
	if !ok {
		return payment.Facts{}, provider.NoRefund(payment.CodeRefused, "amount_not_payable")
	}
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	key, err := g.key(ctx)
	if err != nil {
		return payment.Facts{}, err
	}
	if key == "" {
		return payment.Facts{}, provider.NoRefund(payment.CodeRefused, "no_key_configured")
	}
	var made object
	err = g.backend.Call(http.MethodPost, "/v1/refunds", key, &sdk.RefundParams{
		Params:        sdk.Params{Context: ctx, IdempotencyKey: &order.Key, StripeAccount: g.account.header()},
		PaymentIntent: sdk.String(order.Payment),
		Amount:        &minor,
		Metadata:      map[string]string{"case": order.Case},
	}, &made)
	if err != nil {
		return payment.Facts{}, classify(err)
	}
	facts, err := told(event{Type: "refund.updated"}, made.raw, order.Payment)
	if err == nil && facts.Payment != order.Payment {
		err = errNotUnderstood
	}
	if err != nil { // it was taken, and nothing is known of it
		return payment.Facts{}, fault.Busy(err)
	}
	facts.Livemode = nil // a refund does not say
	return facts, nil
}

// List returns a page of the events since an instant, of those that Stripe still keeps (30 days), newest first; see payment.Gateway.
func (g Gateway) List(ctx context.Context, since time.Time, cursor string) (payment.Listing, error) {
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	key, err := g.key(ctx)
	if err != nil || key == "" {
		return payment.Listing{NoList: true}, err
	}
	params := &sdk.EventListParams{Types: sdk.StringSlice(heard)}
	if since.Unix() > 0 {
		params.CreatedRange = &sdk.RangeQueryParams{GreaterThanOrEqual: since.Unix()}
	}
	page, err := g.page(ctx, key, "/v1/events", params, cursor)
	if err != nil {
		return payment.Listing{}, err
	}
	listing := payment.Listing{Next: page.next()}
	for _, raw := range page.Data {
		var e event
		facts, err := payment.Facts{}, json.Unmarshal(raw, &e)
		if err == nil {
			err = g.account.lists(e)
		}
		if err == nil {
			facts, err = e.facts(time.Now()) // it comes fresh from Stripe, as a webhook that is signed now
		}
		listing.Facts = provider.Hear(ctx, listing.Facts, Name, e.ID, facts, err)
	}
	return listing, nil
}

// key returns the key to ask with, "" when none is configured.
func (g Gateway) key(ctx context.Context) (string, error) {
	if g.broken != nil {
		return "", g.broken
	}
	keys, err := g.keys(ctx)
	if err != nil {
		return "", fault.Busy(err)
	}
	if len(keys) == 0 {
		return "", nil
	}
	return keys[0], nil
}
