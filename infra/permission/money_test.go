package permission_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/shared/provider/stripe"
)

// The package that is bought here, under goopter, whose rules give money.
const (
	boughtPackage = "starter"
	boughtMinor   = 500
)

// session is a checkout that was paid now, as Stripe tells of it. minor is what was asked and paid.
func (c *caller) session(customer, payment string, minor int) string {
	c.keys++
	now := time.Now().Unix()
	return fmt.Sprintf(`{"id":"evt_permission_%d","object":"event","type":"checkout.session.completed","created":%d,"livemode":false,"data":{"object":{`+
		`"id":"cs_%s","object":"checkout.session","mode":"payment","status":"complete","payment_status":"paid","payment_intent":%[3]q,`+
		`"client_reference_id":%q,"metadata":{"package":%q},"amount_subtotal":%d,"amount_total":%[6]d,"currency":"usd","created":%[2]d,"livemode":false}}}`,
		c.keys, now, payment, customer, boughtPackage, minor)
}

// chargeRefunded is Stripe's word that so much of a payment went back in all.
func (c *caller) chargeRefunded(payment string, minor int) string {
	c.keys++
	return fmt.Sprintf(`{"id":"evt_permission_%d","object":"event","type":"charge.refunded","created":%d,"livemode":false,"data":{"object":{`+
		`"id":"ch_%s","object":"charge","amount":%d,"amount_refunded":%d,"currency":"usd","payment_intent":%[3]q}}}`,
		c.keys, time.Now().Unix(), payment, boughtMinor, minor)
}

// refunded is Stripe's word of one refund.
func (c *caller) refunded(payment, refund string, minor int) string {
	c.keys++
	return fmt.Sprintf(`{"id":"evt_permission_%d","object":"event","type":"refund.created","created":%d,"livemode":false,"data":{"object":{`+
		`"id":%q,"object":"refund","amount":%d,"currency":"usd","status":"succeeded","payment_intent":%q,"metadata":{}}}}`,
		c.keys, time.Now().Unix(), refund, minor, payment)
}

// tells posts Stripe's event, signed now.
func (c *caller) tells(event string) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.stack.BaseURL+"/webhooks/stripe", strings.NewReader(event))
	require.NoError(c.t, err)
	request.Header.Set("Stripe-Signature", stripe.Sign(sandbox.StripeSecret, time.Now(), []byte(event)))
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, response.StatusCode, "%s", said)
}

// keepsToItself lets the provider know of an event that it never posts.
func (c *caller) keepsToItself(event string) {
	c.t.Helper()
	require.NoError(c.t, c.stack.Provider.Plant([]byte(event)))
}

// comes waits until the JSON behind a path holds the text.
func (c *caller) comes(path, text string) {
	c.t.Helper()
	var shown []byte
	require.Eventually(c.t, func() bool {
		var err error
		shown, err = json.Marshal(c.gets(path))
		return err == nil && strings.Contains(string(shown), text)
	}, settlesWithin, 100*time.Millisecond, "%s never holds %s: %s", path, text, shown)
}

// asksBack files a claim about a payment.
func (c *caller) asksBack(kind, customer, payment string) any {
	c.t.Helper()
	body := fmt.Sprintf(`{"kind":%q,"customer":%q,"payment":%q,"claim":{"email":"c@shop.example","paid_at":%q,`+
		`"amount":{"currency":"USD","minor":%d},"reason":"money"}}`, kind, customer, payment, time.Now().UTC().Format(time.RFC3339), boughtMinor)
	return c.posts("/v1/refund-requests", body, http.StatusAccepted)["case"]
}

// isChargedTwice pays twice for one thing, and has the second charge back.
func (c *caller) isChargedTwice(customer string) {
	c.t.Helper()
	first, second := "pi_first"+customer, "pi_second"+customer
	c.tells(c.session(customer, first, boughtMinor))
	time.Sleep(1100 * time.Millisecond) // the provider's clock has whole seconds
	c.tells(c.session(customer, second, boughtMinor))
	require.NotEmpty(c.t, c.gets("/v1/payments?state=repeated")["payments"])
	c.decidesOn(c.asksBack("duplicate_charge", customer, second), "closed")
}

// isRefundedByHand has money back that nobody here decided on: of a payment that is known, and of
// one that nobody told us of.
func (c *caller) isRefundedByHand(customer string) {
	c.t.Helper()
	known, unheard := "pi_known"+customer, "pi_unheard"+customer
	c.tells(c.session(customer, known, boughtMinor))
	c.keepsToItself(c.refunded(known, "re_known"+customer, 100))
	c.tells(c.chargeRefunded(known, 100))
	c.comes("/v1/payments/"+known, "re_known"+customer)
	c.keepsToItself(c.session(customer+"2", unheard, boughtMinor))
	c.keepsToItself(c.refunded(unheard, "re_unheard"+customer, 100))
	c.tells(c.chargeRefunded(unheard, 100))
	c.comes("/v1/payments/"+unheard, "re_unheard"+customer)
}

// boughtUnheard pays without our being told: the sweep finds one purchase and what became of it, a
// claim another.
func (c *caller) boughtUnheard(customer string) {
	c.t.Helper()
	listed, claimed := "pi_listed"+customer, "pi_claimed"+customer
	c.keepsToItself(c.session(customer, listed, boughtMinor))
	c.sweeps()
	c.comes("/v1/payments/"+listed, `"granted"`)
	c.keepsToItself(c.refunded(listed, "re_listed"+customer, 100))
	time.Sleep(1100 * time.Millisecond) // the listing's interval
	c.sweeps()
	c.comes("/v1/payments/"+listed, "re_listed"+customer)
	c.keepsToItself(c.session(customer+"2", claimed, boughtMinor))
	c.decidesOn(c.asksBack("not_credited", customer+"2", claimed), "approved")
}

// parksAndIsResolved pays what no package costs: staff grant one such payment and give another
// back; of a repeat too.
func (c *caller) parksAndIsResolved(customer string) {
	c.t.Helper()
	resolves := func(payment, action string) {
		waits := c.gets("/v1/payments/" + payment)["waits"]
		c.asStaff(http.MethodPost, "/v1/payments/"+payment+"/resolve", fmt.Sprintf(`{"action":%q,"waits":%q,"note":"seen"}`, action, waits), http.StatusOK)
	}
	grant, back, again := "pi_grant"+customer, "pi_back"+customer, "pi_again"+customer
	c.tells(c.session(customer, grant, boughtMinor-1))
	require.NotEmpty(c.t, c.gets("/v1/payments?state=parked")["payments"])
	resolves(grant, "grant")
	c.comes("/v1/payments/"+grant, `"granted"`)
	c.tells(c.session(customer, back, boughtMinor-1))
	resolves(back, "refund")
	c.refundedAtLast(back)
	c.tells(c.session(customer, "pi_once"+customer, boughtMinor))
	time.Sleep(1100 * time.Millisecond)
	c.tells(c.session(customer, again, boughtMinor))
	resolves(again, "refund")
	c.refundedAtLast(again)
	require.NotEmpty(c.t, c.gets("/v1/payments?state=all")["payments"])
	c.gets("/v1/verdicts")
}

func (c *caller) refundedAtLast(payment string) {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return len(c.stack.Provider.Refunds(payment)) > 0 }, settlesWithin, 100*time.Millisecond, payment)
}

var created = regexp.MustCompile(`"created":\d+`)

// onePage is how many payments run-outage looks at before it asks itself for the rest.
const onePage = 50

// sitsOutAnOutage has unspent credits in an outage that staff declare and make good, in more than
// one page of payments; of one purchase they are claimed before.
func (c *caller) sitsOutAnOutage(customer string) {
	c.t.Helper()
	for n := range onePage {
		c.tells(c.session(customer, fmt.Sprintf("pi_page%d%s", n, customer), boughtMinor-1))
	}
	payment, claimed := "pi_outage"+customer, "pi_down"+customer
	for _, id := range []string{payment, claimed} {
		c.tells(created.ReplaceAllString(c.session(customer, id, boughtMinor), fmt.Sprintf(`"created":%d`, time.Now().Add(-60*time.Hour).Unix())))
	}
	waits := c.asksBack("outage", customer, claimed)
	c.decidesOn(waits, "in_review")
	body := fmt.Sprintf(`{"started_at":%q,"prevented_use":true}`, time.Now().Add(-49*time.Hour).UTC().Format(time.RFC3339))
	id := c.asStaff(http.MethodPost, "/v1/outages", body, http.StatusCreated)["id"].(string)
	c.gets("/v1/outages/" + id)
	c.decidesOn(waits, "closed")
	c.asStaff(http.MethodPost, "/v1/outages/"+id+"/run", `{"give":"money"}`, http.StatusAccepted)
	c.refundedAtLast(payment)
	c.owesSomethingOld("OutagesTable", "run", 0)
	c.sweeps()
	c.owesSomethingOld("OutagesTable", "run", givesUpAfter)
	c.sweeps()
	c.retries("outage", id)
}

// waitsForAProvider has money due while the provider is too busy: the sweep asks again, and at last
// gives up and lists it.
func (c *caller) waitsForAProvider(customer string) {
	c.t.Helper()
	payment := "pi_busy" + customer
	c.tells(c.session(customer, payment, boughtMinor-1))
	require.NoError(c.t, c.stack.Provider.Fault(standin.Fault{Kind: standin.FaultThrottled, Times: 10_000, Payment: payment}))
	c.asStaff(http.MethodPost, "/v1/payments/"+payment+"/resolve", `{"action":"refund","waits":"wrong_amount","note":"seen"}`, http.StatusOK)
	c.owesSomethingOld("PaymentsTable", "pay", 0)
	c.sweeps()
	c.owesSomethingOld("PaymentsTable", "pay", givesUpAfter)
	c.sweeps()
	stuck, err := json.Marshal(c.gets("/v1/stuck"))
	require.NoError(c.t, err)
	require.Contains(c.t, string(stuck), payment)
	c.retries("payment", payment)
	c.stack.Provider.Heal()
}

func (c *caller) sweeps() {
	c.t.Helper()
	require.NoError(c.t, c.stack.Trigger(c.t.Context(), "sweep-due"))
}
