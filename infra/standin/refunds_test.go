package standin_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85"
	"golang.org/x/sync/errgroup"

	"makegood/infra/standin"
	"makegood/shared/money"
	"makegood/shared/payment"
)

func TestStripesOwnClientRefundsAndFindsWhatItRefunded(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	client := d.client(standin.RefundKey)
	params := &stripe.RefundCreateParams{PaymentIntent: stripe.String("pi_1"), Amount: stripe.Int64(200), Metadata: map[string]string{"case": "cas_1"}}
	params.SetIdempotencyKey("cas_1")
	made, err := client.V1Refunds.Create(t.Context(), params)
	require.NoError(t, err)
	assert.Equal(t, stripe.RefundStatusSucceeded, made.Status)
	assert.EqualValues(t, 200, made.Amount)
	assert.Equal(t, stripe.CurrencyUSD, made.Currency)
	assert.Equal(t, "pi_1", made.PaymentIntent.ID)
	assert.Equal(t, "cas_1", made.Metadata["case"])

	second, err := client.V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{PaymentIntent: stripe.String("pi_1")})
	require.NoError(t, err)
	assert.EqualValues(t, 300, second.Amount, "without an amount all that is left")

	var ids []string
	list := &stripe.RefundListParams{PaymentIntent: stripe.String("pi_1")}
	list.Limit = stripe.Int64(1) // two pages
	for one, err := range client.V1Refunds.List(t.Context(), list).All(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, one.ID)
	}
	assert.Equal(t, []string{second.ID, made.ID}, ids, "newest first")

	again, err := client.V1Refunds.Retrieve(t.Context(), made.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, made.Amount, again.Amount)

	_, err = client.V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{PaymentIntent: stripe.String("pi_1")})
	var failed *stripe.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, stripe.ErrorCodeChargeAlreadyRefunded, failed.Code)
	assert.Equal(t, http.StatusBadRequest, failed.HTTPStatusCode)
}

func TestAnAmountWhoseLastDigitsStripeDoesNotTakeIsRefused(t *testing.T) {
	d := open(t)
	for currency, c := range map[string]struct{ bad, good int64 }{"isk": {150, 100}, "ugx": {99, 200}, "kwd": {125, 120}, "usd": {0, 1}} {
		id := "pi_" + currency
		require.Equal(t, http.StatusOK, d.send(strings.Replace(purchase(id, 500), `"usd"`, `"`+currency+`"`, 1)))
		if c.bad > 0 {
			refused := must(d.refund(id, c.bad, "bad-"+id))(t)
			assert.Equal(t, []any{400, "invalid_charge_amount_no_decimal_compatible"}, []any{refused.status, refused.code()}, currency)
		}
		assert.Equal(t, 200, must(d.refund(id, c.good, "good-"+id))(t).status, currency)
		assert.Equal(t, c.good, d.RefundedMinor(id), currency)
	}
	require.NoError(t, d.Plant([]byte(`{"type":"payment.paid","data":{"payment":"pay_isk","customer":"alice","package":"starter","amount":{"currency":"ISK","minor":500}}}`)))
	five := payment.RefundOrder{Payment: "pay_isk", Amount: money.Amount{Currency: "ISK", Minor: 5}, Case: "cas_1", Key: "k"}
	made, err := d.adapter(standardSecret).Refund(t.Context(), five)
	require.NoError(t, err, "the adapter speaks in ISO's minor units")
	assert.Equal(t, five.Amount, made.Refund.Amount)
}

func TestRefundsAndDisputesAreListedByTheirPayment(t *testing.T) {
	d := open(t)
	for _, id := range []string{"pi_1", "pi_2"} {
		d.bought(id)
		must(d.refund(id, 100, id))(t)
		_, err := d.Dispute(id, 0, "needs_response")
		require.NoError(t, err)
	}
	for _, path := range []string{"/v1/refunds", "/v1/disputes", "/v1/checkout/sessions"} {
		assert.Len(t, must(d.ask(http.MethodGet, path, nil))(t).body["data"], 2, path)
		list := must(d.ask(http.MethodGet, path+"?payment_intent=pi_1", nil))(t)
		require.Len(t, list.body["data"], 1, path)
		assert.Equal(t, "pi_1", list.body["data"].([]any)[0].(map[string]any)["payment_intent"], path)
	}
}

func TestARefundIsToldToTheStackAndListed(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	a := must(d.refund("pi_1", 200, "k"))(t)
	require.Equal(t, http.StatusOK, a.status, a.raw)
	told := d.told()
	require.Len(t, told, 2)
	assert.Equal(t, "refund.created", told[0].Type)
	assert.Equal(t, payment.ID("pi_1"), told[0].Facts.Payment)
	assert.Equal(t, a.body["id"], told[0].Facts.RefundID)
	assert.Equal(t, &payment.Refund{Amount: money.Amount{Currency: "USD", Minor: 200}, Status: payment.RefundSucceeded, Case: "cas_k"}, told[0].Facts.Refund)
	assert.Equal(t, "charge.refunded", told[1].Type)
	assert.EqualValues(t, 200, told[1].Facts.RefundedInAll)

	var listed []string
	for one, err := range d.client(standin.ReadKey).V1Events.List(t.Context(), &stripe.EventListParams{}).All(t.Context()) {
		require.NoError(t, err)
		listed = append(listed, one.ID)
	}
	assert.Equal(t, []string{told[1].ID, told[0].ID, "evt_of_pi_1"}, listed, "newest first, and each once though the stack took them too")
}

func TestAnEventThatTheStackRefusesIsPostedAgain(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	d.answer(503, 503)
	must(d.refund("pi_1", 200, "k"))(t)
	assert.Equal(t, []string{"refund.created", "charge.refunded"}, d.kinds())
}

func TestNeverMoreThanWasPaidGoesBackUnderFiftyCallsAtOnce(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	var calls errgroup.Group
	var taken atomic.Int64
	for n := range 50 {
		calls.Go(func() error {
			a, err := d.refund("pi_1", 30, fmt.Sprint("k", n))
			if err == nil && a.status == http.StatusOK {
				taken.Add(1)
			} else if err == nil && a.body["error"].(map[string]any)["param"] != "amount" {
				err = errors.New(a.raw)
			}
			return err
		})
	}
	require.NoError(t, calls.Wait())
	assert.EqualValues(t, 16, taken.Load())
	assert.EqualValues(t, 480, d.RefundedMinor("pi_1"))
	assert.Len(t, d.Refunds("pi_1"), 16)
	assert.Equal(t, standin.Calls{Refunds: 50}, d.Calls("pi_1"))
}

func TestWhatCannotBeRefundedIsRefusedInStripesWords(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	require.NoError(t, d.Plant([]byte(stripeEvent("evt_u", "refund.created", `{"id":"re_u","amount":5,"currency":"usd","status":"pending","payment_intent":"pi_unpaid"}`))))
	for name, c := range map[string]struct {
		form   url.Values
		status int
		code   any
	}{
		"too much":               {url.Values{"payment_intent": {"pi_1"}, "amount": {"501"}}, 400, nil},
		"nothing":                {url.Values{"payment_intent": {"pi_1"}, "amount": {"0"}}, 400, "parameter_invalid_integer"},
		"an empty amount":        {url.Values{"payment_intent": {"pi_1"}, "amount": {""}}, 400, "parameter_invalid_integer"},
		"a fraction":             {url.Values{"payment_intent": {"pi_1"}, "amount": {"1.5"}}, 400, "parameter_invalid_integer"},
		"no payment":             {url.Values{"amount": {"1"}}, 400, "parameter_missing"},
		"an unknown payment":     {url.Values{"payment_intent": {"pi_2"}}, 404, "resource_missing"},
		"a payment never bought": {url.Values{"payment_intent": {"pi_unpaid"}}, 404, "resource_missing"},
		"an unknown parameter":   {url.Values{"payment_intent": {"pi_1"}, "note": {"x"}}, 400, "parameter_unknown"},
		"an unknown reason":      {url.Values{"payment_intent": {"pi_1"}, "reason": {"because"}}, 400, nil},
		"long metadata":          {url.Values{"payment_intent": {"pi_1"}, "metadata[a]": {strings.Repeat("x", 501)}}, 400, nil},
		"another currency":       {url.Values{"payment_intent": {"pi_1"}, "currency": {"eur"}}, 400, nil},
	} {
		a := must(d.ask(http.MethodPost, "/v1/refunds", c.form))(t)
		assert.Equal(t, c.status, a.status, name)
		assert.Equal(t, c.code, a.code(), "%s: %s", name, a.raw)
		assert.Equal(t, "invalid_request_error", a.body["error"].(map[string]any)["type"], name)
	}
	assert.Empty(t, d.Refunds("pi_1"))
}

func TestOnlyALocalKeyIsLetInAndAReadKeyMovesNothing(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	for _, key := range []string{"", "sk_live_1", "sk_test_1", "whatever"} {
		a := must(d.askWith(http.MethodGet, "/v1/refunds", nil, "Authorization", "Bearer "+key))(t)
		assert.Equal(t, http.StatusUnauthorized, a.status, key)
	}
	_, err := d.client(standin.ReadKey).V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{PaymentIntent: stripe.String("pi_1")})
	var failed *stripe.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, http.StatusForbidden, failed.HTTPStatusCode)
	assert.Zero(t, d.RefundedMinor("pi_1"))
}

func TestADisputedPaymentIsNotRefunded(t *testing.T) {
	d := open(t)
	for status, refused := range map[string]bool{
		"warning_needs_response": false, "warning_closed": false, "needs_response": true, "under_review": true, "lost": true, "won": false,
	} {
		paid := "pi_" + status
		d.bought(paid)
		_, err := d.Dispute(paid, 0, status)
		require.NoError(t, err)
		a := must(d.refund(paid, 100, status))(t)
		if refused {
			assert.Equal(t, "charge_disputed", a.code(), status)
		} else {
			assert.Equal(t, http.StatusOK, a.status, "%s: %s", status, a.raw)
		}
	}
}

func TestARefundOfAnIntentIsAskedForByItsChargeToo(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	intent := must(d.ask(http.MethodGet, "/v1/payment_intents/pi_1", nil))(t)
	charge, _ := intent.body["latest_charge"].(string)
	a := must(d.ask(http.MethodPost, "/v1/refunds", url.Values{"charge": {charge}, "amount": {"10"}}))(t)
	assert.Equal(t, http.StatusOK, a.status, a.raw)
	assert.EqualValues(t, 10, d.RefundedMinor("pi_1"))
}
