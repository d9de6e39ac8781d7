package stripe_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// unlike are amounts of currencies that Stripe counts otherwise than ISO 4217, or may not:
// Stripe's, and ours.
var unlike = []struct {
	currency     string
	theirs, ours int64
}{
	{"ISK", 50000, 500}, {"UGX", 50000, 500}, {"MGA", 500, 50000}, {"KWD", 5120, 5120}, {"HUF", 1045, 1045}, {"TWD", 80045, 80045}, {"JPY", 500, 500}, {"USD", 500, 500},
}

func TestAmountsComeInTheMinorUnitsOfISO4217(t *testing.T) {
	for _, c := range unlike {
		want := money.Amount{Currency: c.currency, Minor: c.ours}
		about := fmt.Sprintf(`"amount":%d,"currency":"%s","payment_intent":"pi_1"`, c.theirs, strings.ToLower(c.currency))
		bought := strings.NewReplacer("500", fmt.Sprint(c.theirs), "400", fmt.Sprint(2*c.theirs), "usd", strings.ToLower(c.currency))

		facts, err := says(event("checkout.session.completed", bought.Replace(session)))
		require.NoError(t, err)
		assert.Equal(t, want, facts.Purchase.Subtotal)
		assert.Equal(t, 2*c.ours, facts.Purchase.Paid, c.currency)
		facts, err = says(event("checkout.session.completed", strings.Replace(bought.Replace(session), fmt.Sprintf(`"amount_total":%d`, 2*c.theirs), `"amount_total":null`, 1)))
		require.NoError(t, err)
		assert.Equal(t, c.ours, facts.Purchase.Paid, "%s without a total", c.currency)
		facts, err = says(event("refund.created", `{"id":"re_1","status":"pending",`+about+`}`))
		require.NoError(t, err)
		assert.Equal(t, want, facts.Refund.Amount)
		facts, err = says(event("charge.dispute.created", `{"id":"dp_1","status":"lost",`+about+`}`))
		require.NoError(t, err)
		assert.Equal(t, want, facts.Dispute.Amount)
		facts, err = says(event("charge.refunded", strings.Replace(`{"id":"ch_1",`+about+`}`, `"amount"`, `"amount_refunded"`, 1)))
		require.NoError(t, err)
		assert.Equal(t, c.ours, facts.RefundedInAll, c.currency)

		found, err := showing(t, bought.Replace(paidSession), `{"id":"re_1","status":"succeeded",`+about+`}`, "").Look(t.Context(), "pi_1")
		require.NoError(t, err)
		require.Len(t, found, 2)
		assert.Equal(t, want, found[0].Purchase.Subtotal)
		assert.Equal(t, want, found[1].Refund.Amount)
	}
}

func TestARefundIsAskedForInStripesMinorUnits(t *testing.T) {
	for _, c := range unlike {
		var form url.Values
		gateway := asking(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			form, _ = url.ParseQuery(string(body))
			_, _ = fmt.Fprintf(w, `{"id":"re_1","amount":%s,"currency":"%s","status":"pending","payment_intent":"pi_1"}`, form.Get("amount"), strings.ToLower(c.currency))
		})
		want := money.Amount{Currency: c.currency, Minor: c.ours}
		facts, err := gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: want, Case: "cas_1", Key: "cas_1"})
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(c.theirs), form.Get("amount"), c.currency)
		assert.Equal(t, want, facts.Refund.Amount)
	}
}

func TestARefundThatStripeCannotPayIsNotAskedFor(t *testing.T) {
	gateway := asking(t, func(http.ResponseWriter, *http.Request) { t.Error("Stripe was asked") })
	for _, amount := range []money.Amount{
		{Currency: "KWD", Minor: 5124},
		{Currency: "BHD", Minor: 1},
		{Currency: "JOD", Minor: 11},
		{Currency: "OMR", Minor: 19},
		{Currency: "TND", Minor: 5},
		{Currency: "MGA", Minor: 150},
		{Currency: "ISK", Minor: math.MaxInt64/100 + 1},
	} {
		_, err := gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: amount, Case: "cas_1", Key: "cas_1"})
		require.Error(t, err, amount)
		assert.Equal(t, payment.CodeRefused, fault.CodeOf(err), amount)
		assert.ErrorContains(t, err, "amount_not_payable")
	}
}

func TestAnAmountThatISOHasNotIsRoundedUpOrRefused(t *testing.T) {
	refund := func(minor int64, currency string) (payment.Facts, error) {
		return says(event("refund.created", fmt.Sprintf(`{"id":"re_1","status":"pending","amount":%d,"currency":"%s","payment_intent":"pi_1"}`, minor, currency)))
	}
	for minor, want := range map[int64]int64{4010: 41, 1: 1, 4099: 41, math.MaxInt64: math.MaxInt64/100 + 1, 0: 0} {
		facts, err := refund(minor, "isk")
		require.NoError(t, err)
		assert.Equal(t, want, facts.Refund.Amount.Minor, minor)
	}
	facts, err := refund(math.MaxInt64/100+1, "mga")
	require.NoError(t, err)
	assert.Error(t, facts.Validate(), "it has no amount")
}
