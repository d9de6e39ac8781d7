package stripe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/form"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// The pages of one list: Stripe gives at most 100 objects a page, and a payment with more than
// 1,000 refunds is looked at by hand.
const (
	pageSize = 100
	maxPages = 10
)

// sessionPrefix begins the id of a checkout session.
const sessionPrefix = "cs_"

// chargeOfIntent asks for an intent's charge as a whole object: it says when the money was taken.
const chargeOfIntent = "payment_intent.latest_charge"

var errNotUnderstood = errors.New("stripe: the answer is not one of Stripe's")

// page is one page of a list.
type page struct {
	sdk.APIResource
	Data    []json.RawMessage `json:"data"`
	HasMore bool              `json:"has_more"`
}

// next returns the cursor of the page after this one, "" on the last.
func (p page) next() string {
	if !p.HasMore || len(p.Data) == 0 {
		return ""
	}
	var last struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(p.Data[len(p.Data)-1], &last) // without an id the list ends
	return last.ID
}

// object is one object of Stripe's, its bytes kept.
type object struct {
	sdk.APIResource
	raw json.RawMessage
}

// UnmarshalJSON keeps the object's bytes.
func (o *object) UnmarshalJSON(raw []byte) error {
	o.raw = append(o.raw[:0], raw...)
	return nil
}

// page requests one page of a list. A payment or cursor that Stripe does not know has an empty one.
func (g Gateway) page(ctx context.Context, key, path string, params sdk.ListParamsContainer, after string) (page, error) {
	common := params.GetListParams()
	common.Context, common.Limit, common.StripeAccount = ctx, sdk.Int64(pageSize), g.account.header()
	if after != "" {
		common.StartingAfter = &after
	}
	// CallRaw takes the query as text: the library's own iterators would decode the objects into
	// types of one API version, and drop what these do not have.
	query := &form.Values{}
	form.AppendTo(query, params)
	var result page
	err := g.backend.CallRaw(http.MethodGet, path, key, []byte(query.Encode()), common.ToParams(), &result)
	return result, unread(err)
}

// all returns the objects of a list, all its pages. A list that does not end within maxPages is an
// error: half of it would look like all of it.
func (g Gateway) all(ctx context.Context, key, path string, params sdk.ListParamsContainer) ([]json.RawMessage, error) {
	var objects []json.RawMessage
	// The bound keeps a cursor that leads in a circle from holding the function until it is killed.
	after := ""
	for range maxPages {
		one, err := g.page(ctx, key, path, params, after)
		if err != nil {
			return nil, err
		}
		objects = append(objects, one.Data...)
		if after = one.next(); after == "" {
			return objects, nil
		}
	}
	return nil, fmt.Errorf("stripe: %s goes on after %d pages", path, maxPages)
}

// sessions returns the checkout sessions of a payment: those of an intent, or the one session.
func (g Gateway) sessions(ctx context.Context, key string, id payment.ID) ([]json.RawMessage, error) {
	// An intent does not name its session. The list by intent finds it.
	if !strings.HasPrefix(string(id), sessionPrefix) {
		return g.all(ctx, key, "/v1/checkout/sessions", &sdk.CheckoutSessionListParams{
			PaymentIntent: sdk.String(id), Expand: sdk.StringSlice([]string{"data." + chargeOfIntent}),
		})
	}
	// The id is a session's own: a checkout that took no money has no intent.
	var session object
	params := &sdk.CheckoutSessionParams{Params: sdk.Params{Context: ctx, StripeAccount: g.account.header()}, Expand: sdk.StringSlice([]string{chargeOfIntent})}
	err := unread(g.backend.Call(http.MethodGet, sdk.FormatURLPath("/v1/checkout/sessions/%s", string(id)), key, params, &session))
	// Stripe does not know the session: unread has made nothing of that answer.
	if err != nil || session.raw == nil {
		return nil, err
	}
	return []json.RawMessage{session.raw}, nil
}

// purchases returns what the sessions of a payment sold: those that were completed and name a
// package.
func (g Gateway) purchases(ctx context.Context, key string, id payment.ID) ([]payment.Facts, error) {
	sessions, err := g.sessions(ctx, key, id)
	var purchases []payment.Facts
	for _, session := range sessions {
		// Only what tells when the money was taken is read here; decode reads the rest.
		var when struct {
			Created       int64
			Livemode      bool
			Status        string
			PaymentIntent struct {
				LatestCharge struct{ Created int64 } `json:"latest_charge"`
			} `json:"payment_intent"`
		}
		_ = json.Unmarshal(session, &when) // as far as it goes: an intent that is not shown whole has no charge
		if when.Status == "open" || when.Status == "expired" {
			continue // no event ever comes of it
		}
		// A session has no event of its own in this answer, so it is read as the event that
		// announces it. The charge's instant comes first: the session was created before the
		// customer paid.
		facts, err := decode(event{
			Type: "checkout.session.completed", Livemode: when.Livemode,
			Created: cmp.Or(when.PaymentIntent.LatestCharge.Created, when.Created),
		}, session, id)
		// A session without a package was not sold by us. Anything else that cannot be read must
		// stop the caller, who would otherwise take half of the payment for all of it.
		switch {
		case errors.Is(err, provider.ErrIrrelevant):
		case err != nil:
			return nil, err
		case facts.Payment == id || strings.HasPrefix(string(id), sessionPrefix):
			purchases = append(purchases, facts)
		}
	}
	return purchases, err
}

// decode reads an object of an answer by the same rules as an object that an event of e's type
// carries. What cannot be understood is an error: the caller would otherwise pay again what they
// cannot see.
func decode(e event, raw json.RawMessage, id payment.ID) (payment.Facts, error) {
	// Refunds and disputes of an intent may leave the intent's id out; the caller knows it.
	e.Data.Object, e.Query = raw, id
	facts, err := e.facts(time.Now())
	facts.At = time.Time{} // it is no event
	if err == nil {
		err = facts.Validate()
	}
	if err != nil && !errors.Is(err, provider.ErrIrrelevant) {
		//nolint:errorlint // KindInternal: the input that is wrong is not our caller's
		return payment.Facts{}, fmt.Errorf("stripe: what it shows of payment %s is not understood: %v", id, err)
	}
	return facts, err
}

// unread maps the error of a query. What Stripe does not know is no error: the answer is empty.
func unread(err error) error {
	var stripeErr *sdk.Error
	if err == nil || errors.As(err, &stripeErr) && stripeErr.Code == sdk.ErrorCodeResourceMissing {
		return nil
	}
	// classify speaks of refunds, where a conflict is final. A query that Stripe refuses is a fault
	// of our key or our parameters, and internal.
	if err = classify(err); fault.KindOf(err) == fault.KindConflict {
		return fmt.Errorf("stripe: refuses to be asked (%d %s)", stripeErr.HTTPStatusCode, word(stripeErr))
	}
	return err
}

// classify maps an error of Stripe's library to the kinds of payment.Gateway. Nothing of the
// request or the answer is in it but Stripe's own words for errors.
func classify(err error) error {
	var stripeErr *sdk.Error
	if !errors.As(err, &stripeErr) {
		// Without an answer the refund may have been made or not: busy, so that the same key is
		// sent again.
		if urlErr := (*url.Error)(nil); errors.As(err, &urlErr) {
			return provider.Unanswered(urlErr)
		}
		return fault.Busy(errNotUnderstood)
	}
	// The request id lets staff find the call in Stripe's dashboard.
	report := fmt.Errorf("stripe: answered %d %s (request %s)", stripeErr.HTTPStatusCode, word(stripeErr), stripeErr.RequestID)
	// The first case comes before the general one: a replayed 5xx is stored under the idempotency
	// key, and the same key would get it for ever. A new key must be used.
	switch status := stripeErr.HTTPStatusCode; {
	case status >= http.StatusInternalServerError && stripeErr.LastResponse.Header.Get("Idempotent-Replayed") == "true":
		return provider.NoRefund(payment.CodeKeySpent, word(stripeErr))
	case status >= http.StatusInternalServerError, status == http.StatusConflict, status == http.StatusTooManyRequests:
		return fault.Busy(report)
	// A key without the right is ours to mend. As a refusal it would be recorded as the provider's
	// final word.
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return report
	case stripeErr.Code == sdk.ErrorCodeChargeAlreadyRefunded:
		return provider.NoRefund(payment.CodeAlreadyRefunded, word(stripeErr))
	case stripeErr.Code == sdk.ErrorCodeChargeDisputed:
		return provider.NoRefund(payment.CodeDisputed, word(stripeErr))
	default:
		return provider.NoRefund(payment.CodeRefused, word(stripeErr))
	}
}

// word returns Stripe's word for an error: its code, or its type where it has none.
func word(stripeErr *sdk.Error) string { return cmp.Or(string(stripeErr.Code), string(stripeErr.Type)) }
