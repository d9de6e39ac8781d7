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

// The pages of one list: Stripe gives at most 100 objects a page, and a payment with more than 1,000 refunds is looked at by hand.
const (
	pageSize = 100
	maxPages = 10
)

// sessionPrefix begins the id of a checkout session.
const sessionPrefix = "cs_"

// chargeOfIntent is the part of an intent that is shown whole: when the money was taken.
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

// object is one object as it was shown.
type object struct {
	sdk.APIResource
	raw json.RawMessage
}

// UnmarshalJSON keeps the object's bytes.
func (o *object) UnmarshalJSON(raw []byte) error {
	o.raw = append(o.raw[:0], raw...)
	return nil
}

// page asks for one page of a list. A payment or cursor that Stripe does not know has an empty one.
func (g Gateway) page(ctx context.Context, key, path string, params sdk.ListParamsContainer, after string) (page, error) {
	common := params.GetListParams()
	common.Context, common.Limit, common.StripeAccount = ctx, sdk.Int64(pageSize), g.account.header()
	if after != "" {
		common.StartingAfter = &after
	}
	query := &form.Values{}
	form.AppendTo(query, params)
	var asked page
	err := g.backend.CallRaw(http.MethodGet, path, key, []byte(query.Encode()), common.ToParams(), &asked)
	return asked, unread(err)
}

// all returns the objects of a list, all its pages. A list that does not end within maxPages is an error: half of it would look like all.
func (g Gateway) all(ctx context.Context, key, path string, params sdk.ListParamsContainer) ([]json.RawMessage, error) {
	var found []json.RawMessage
	after := ""
	for range maxPages {
		one, err := g.page(ctx, key, path, params, after)
		if err != nil {
			return nil, err
		}
		found = append(found, one.Data...)
		if after = one.next(); after == "" {
			return found, nil
		}
	}
	return nil, fmt.Errorf("stripe: %s goes on after %d pages", path, maxPages)
}

// shown returns the sessions of a payment as Stripe shows them: those of an intent, or the one session.
func (g Gateway) shown(ctx context.Context, key string, id payment.ID) ([]json.RawMessage, error) {
	if !strings.HasPrefix(string(id), sessionPrefix) {
		return g.all(ctx, key, "/v1/checkout/sessions", &sdk.CheckoutSessionListParams{
			PaymentIntent: sdk.String(id), Expand: sdk.StringSlice([]string{"data." + chargeOfIntent}),
		})
	}
	var session object
	params := &sdk.CheckoutSessionParams{Params: sdk.Params{Context: ctx, StripeAccount: g.account.header()}, Expand: sdk.StringSlice([]string{chargeOfIntent})}
	err := unread(g.backend.Call(http.MethodGet, sdk.FormatURLPath("/v1/checkout/sessions/%s", string(id)), key, params, &session))
	if err != nil || session.raw == nil {
		return nil, err
	}
	return []json.RawMessage{session.raw}, nil
}

// bought returns the purchases that the sessions of a payment tell of: of those that were completed, and name a package.
func (g Gateway) bought(ctx context.Context, key string, id payment.ID) ([]payment.Facts, error) {
	sessions, err := g.shown(ctx, key, id)
	var found []payment.Facts
	for _, session := range sessions {
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
			continue // no event ever tells of it
		}
		facts, err := told(event{
			Type: "checkout.session.completed", Livemode: when.Livemode,
			Created: cmp.Or(when.PaymentIntent.LatestCharge.Created, when.Created),
		}, session, id)
		switch {
		case errors.Is(err, provider.ErrIrrelevant):
		case err != nil:
			return nil, err
		case facts.Payment == id || strings.HasPrefix(string(id), sessionPrefix):
			found = append(found, facts)
		}
	}
	return found, err
}

// told reads an object that Stripe showed when asked, by the same rules as one that an event of e's type carries. What cannot be understood
// is an error: whoever asked would else pay again what they cannot see.
func told(e event, shown json.RawMessage, id payment.ID) (payment.Facts, error) {
	e.Data.Object, e.Asked = shown, id
	facts, err := e.facts(time.Now())
	facts.At = time.Time{} // it is no event
	if err == nil {
		err = facts.Validate()
	}
	if err != nil && !errors.Is(err, provider.ErrIrrelevant) {
		return payment.Facts{}, fmt.Errorf("stripe: what it shows of payment %s is not understood: %v", id, err) //nolint:errorlint // KindInternal: the input that is wrong is not our caller's
	}
	return facts, err
}

// unread maps the error of a question, and makes nothing of what Stripe does not know.
func unread(err error) error {
	var said *sdk.Error
	if err == nil || errors.As(err, &said) && said.Code == sdk.ErrorCodeResourceMissing {
		return nil
	}
	if err = classify(err); fault.KindOf(err) == fault.KindConflict {
		return fmt.Errorf("stripe: refuses to be asked (%d %s)", said.HTTPStatusCode, word(said))
	}
	return err
}

// classify maps an error of Stripe's library to the kinds of payment.Gateway. Nothing of what was sent or answered stands in it but
// Stripe's own words for errors.
func classify(err error) error {
	var said *sdk.Error
	if !errors.As(err, &said) {
		if failed := (*url.Error)(nil); errors.As(err, &failed) {
			return provider.Unanswered(failed)
		}
		return fault.Busy(errNotUnderstood)
	}
	report := fmt.Errorf("stripe: answered %d %s (request %s)", said.HTTPStatusCode, word(said), said.RequestID)
	switch status := said.HTTPStatusCode; {
	case status >= http.StatusInternalServerError && said.LastResponse.Header.Get("Idempotent-Replayed") == "true":
		return provider.NoRefund(payment.CodeKeySpent, word(said))
	case status >= http.StatusInternalServerError, status == http.StatusConflict, status == http.StatusTooManyRequests:
		return fault.Busy(report)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return report
	case said.Code == sdk.ErrorCodeChargeAlreadyRefunded:
		return provider.NoRefund(payment.CodeAlreadyRefunded, word(said))
	case said.Code == sdk.ErrorCodeChargeDisputed:
		return provider.NoRefund(payment.CodeDisputed, word(said))
	default:
		return provider.NoRefund(payment.CodeRefused, word(said))
	}
}

func word(said *sdk.Error) string { return cmp.Or(string(said.Code), string(said.Type)) }
