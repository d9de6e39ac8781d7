package standin_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

// buys asks the stand-in for a checkout, as a developer does with curl.
func (d *desk) buys(body string) answered {
	d.t.Helper()
	return must(d.askWith(http.MethodPost, "/_standin/checkouts", strings.NewReader(body)))(d.t)
}

func TestACheckoutIsSoldAtTheStacksPriceAndToldByASignedWebhook(t *testing.T) {
	for name, price := range map[string]struct {
		iso, minor int64 // in the policy's unit, in Stripe's
		currency   string
	}{
		"starter": {500, 500, "usd"}, "saga": {700, 70000, "isk"}, "vanilla": {900, 9, "mga"},
	} {
		d := open(t)
		sale := d.buys(`{"customer":"alice","package":"` + name + `"}`)
		require.Equal(t, http.StatusOK, sale.status, sale.raw)
		payment, _ := sale.body["payment"].(string)
		require.Len(t, d.posts, 1, "the answer waits for the stack")
		assert.Equal(t, sale.body["event"], d.posts[0].ID)
		purchase := d.posts[0].Facts.Purchase
		require.NotNil(t, purchase)
		assert.EqualValues(t, payment, d.posts[0].Facts.Payment)
		assert.EqualValues(t, "alice", purchase.Customer)
		assert.Equal(t, price.iso, purchase.Subtotal.Minor, "the stack reads the price that it published")
		assert.Equal(t, name, purchase.Package)
		books, ok := d.Payment(payment)
		assert.True(t, ok)
		assert.Equal(t, price.minor, books.Paid)
		assert.Equal(t, price.currency, books.Currency)
		assert.EqualValues(t, price.minor, sale.body["amount"])
		session, err := d.client(standin.ReadKey).V1CheckoutSessions.Retrieve(t.Context(), sale.body["session"].(string), nil)
		require.NoError(t, err)
		assert.Equal(t, "alice", session.ClientReferenceID)
		refund := must(d.refund(payment, price.minor, "k"))(t)
		assert.Equal(t, http.StatusOK, refund.status, refund.raw)
	}
}

func TestACheckoutWhoseWebhookIsLostIsKnownToTheProviderAlone(t *testing.T) {
	d := open(t)
	d.fault(standin.Fault{Kind: standin.FaultWebhookLost})
	sale := d.buys(`{"customer":"alice","package":"starter"}`)
	require.Equal(t, http.StatusOK, sale.status, sale.raw)
	assert.Empty(t, d.posts)
	assert.Len(t, must(d.ask(http.MethodGet, "/v1/events", nil))(t).body["data"], 1)
}

func TestACheckoutThatCannotBeSoldIsRefused(t *testing.T) {
	d := open(t)
	for body, said := range map[string]string{
		`{"customer":"alice","package":"crate"}`:                `sells no "crate"; it sells starter, saga, vanilla`,
		`{"customer":"alice"}`:                                  "names a customer and a package",
		`{"package":"starter"}`:                                 "names a customer and a package",
		`{"customer":"alice","package":"starter","amount":500}`: "unknown field",
		`starter`: "invalid character",
	} {
		refused := d.buys(body)
		assert.Equal(t, http.StatusBadRequest, refused.status, body)
		assert.Contains(t, refused.raw, said, body)
	}
	assert.Empty(t, d.posts)
}

func TestTheCheckoutSessionOfTheReadmeIsOneThatStripeTakes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, block, ok := strings.Cut(string(readme), "curl https://api.stripe.com")
	require.True(t, ok, "README.md makes no Checkout Session")
	block, _, _ = strings.Cut(block, "\n```")
	path, _, _ := strings.Cut(block, " ")
	form := url.Values{}
	for _, match := range regexp.MustCompile(`-d (?:'([^']+)'|(\S+))`).FindAllStringSubmatch(block, -1) {
		name, value, _ := strings.Cut(match[1]+match[2], "=")
		form.Set(name, value)
	}
	assert.Equal(t, "payment", form.Get("mode"))
	assert.NotEmpty(t, form.Get("client_reference_id"))
	assert.NotEmpty(t, form.Get("metadata[package]"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, mock(t)+path, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer sk_test_123")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode)
}
