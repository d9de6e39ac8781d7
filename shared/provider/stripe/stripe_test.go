package stripe_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85/webhook"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/stripe"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const secret = "whsec_local_stripe"

func secrets(all ...string) provider.Secrets {
	return func(context.Context) ([]string, error) { return all, nil }
}

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

// verify runs a body under a signature header past one live secret, at noon.
func verify(body, signature string) (payment.Facts, error) {
	header := http.Header{}
	header.Set(stripe.Header, signature)
	return stripe.New(secrets(secret), "").Verify(context.Background(), []byte(body), header, noon)
}

// says verifies a body that is properly signed.
func says(body string) (payment.Facts, error) {
	return verify(body, stripe.Sign(secret, noon, []byte(body)))
}

func event(kind, object string) string {
	return `{"id":"evt_1","object":"event","api_version":"2026-03-25.dahlia","created":1772366395,"livemode":false,"type":"` + kind +
		`","data":{"object":` + object + `}}`
}

const session = `{"id":"cs_1","mode":"payment","amount_subtotal":500,"amount_total":400,"currency":"usd","client_reference_id":"alice",
	"metadata":{"package":"starter"},"payment_intent":"pi_1","payment_status":"paid"}`

func TestPaidSessionIsAPurchase(t *testing.T) {
	facts, err := says(event("checkout.session.completed", session))
	require.NoError(t, err)
	test := false
	assert.Equal(t, payment.Facts{
		Payment: "pi_1", Provider: "stripe", Event: "evt_1", Livemode: &test, At: time.Date(2026, 3, 1, 11, 59, 55, 0, time.UTC),
		Aliases: []payment.ID{"cs_1"},
		Purchase: &payment.Purchase{
			Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 400, Status: payment.StatusPaid, Livemode: &test,
			PaidAt: time.Date(2026, 3, 1, 11, 59, 55, 0, time.UTC),
		},
	}, facts)
}

func TestEventThatDoesNotSayWhenIsOfWhenItWasSigned(t *testing.T) {
	facts, err := says(strings.Replace(event("checkout.session.completed", session), `"created":1772366395,`, "", 1))
	require.NoError(t, err)
	assert.Equal(t, noon, facts.Purchase.PaidAt)
	assert.Zero(t, facts.At)
}

func TestSessionsAreReadAsTheyStand(t *testing.T) {
	cases := map[string]struct {
		kind, object string
		want         func(t *testing.T, f payment.Facts)
	}{
		"without an intent the session is the payment": {"checkout.session.completed", strings.Replace(session, `"pi_1"`, "null", 1), func(t *testing.T, f payment.Facts) {
			assert.Equal(t, payment.ID("cs_1"), f.Payment)
			assert.Empty(t, f.Aliases)
		}},
		"an intent shown whole": {"checkout.session.completed", strings.Replace(session, `"pi_1"`, `{"id":"pi_2"}`, 1), func(t *testing.T, f payment.Facts) {
			assert.Equal(t, payment.ID("pi_2"), f.Payment)
		}},
		"unpaid": {"checkout.session.completed", strings.Replace(session, `"paid"`, `"unpaid"`, 1), func(t *testing.T, f payment.Facts) {
			assert.Equal(t, payment.StatusUnpaid, f.Purchase.Status)
		}},
		"paid later": {"checkout.session.async_payment_succeeded", session, func(t *testing.T, f payment.Facts) {
			assert.Equal(t, payment.StatusPaid, f.Purchase.Status)
		}},
		"never paid": {"checkout.session.async_payment_failed", strings.Replace(session, `"paid"`, `"unpaid"`, 1), func(t *testing.T, f payment.Facts) {
			assert.Equal(t, payment.StatusFailed, f.Purchase.Status)
		}},
		"no customer": {"checkout.session.completed", strings.Replace(session, `"alice"`, "null", 1), func(t *testing.T, f payment.Facts) {
			assert.Empty(t, f.Purchase.Customer)
		}},
		"no total": {"checkout.session.completed", strings.Replace(session, `400`, "null", 1), func(t *testing.T, f payment.Facts) {
			assert.EqualValues(t, 500, f.Purchase.Paid)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			facts, err := says(event(c.kind, c.object))
			require.NoError(t, err)
			c.want(t, facts)
		})
	}
}

func TestRefundsAndDisputesNameTheirPayment(t *testing.T) {
	for _, kind := range []string{"refund.created", "refund.updated", "refund.failed"} {
		facts, err := says(event(kind, `{"id":"re_1","amount":200,"currency":"usd","status":"pending","payment_intent":"pi_1","metadata":{"case":"cas_1"}}`))
		require.NoError(t, err)
		assert.Equal(t, payment.ID("pi_1"), facts.Payment)
		assert.Equal(t, "re_1", facts.RefundID)
		assert.Equal(t, &payment.Refund{Amount: usd(200), Status: payment.RefundPending, Case: "cas_1"}, facts.Refund)
	}
	for _, kind := range []string{"created", "updated", "funds_withdrawn", "funds_reinstated", "closed"} {
		facts, err := says(event("charge.dispute."+kind, `{"id":"dp_1","amount":500,"currency":"usd","status":"lost","payment_intent":"pi_1"}`))
		require.NoError(t, err)
		assert.Equal(t, payment.ID("pi_1"), facts.Payment)
		assert.Equal(t, "dp_1", facts.DisputeID)
		assert.Equal(t, &payment.Dispute{Amount: usd(500), Status: payment.DisputeLost}, facts.Dispute)
	}
}

func TestWhatNamesAChargeTellsItAsAnotherIDOfItsPayment(t *testing.T) {
	for kind, object := range map[string]string{
		"refund.updated":        `{"id":"re_1","amount":200,"currency":"usd","status":"pending","payment_intent":"pi_1","charge":"ch_1"}`,
		"charge.dispute.closed": `{"id":"dp_1","amount":500,"currency":"usd","status":"lost","payment_intent":"pi_1","charge":{"id":"ch_1"}}`,
		"charge.refunded":       `{"id":"ch_1","amount":500,"amount_refunded":200,"payment_intent":"pi_1"}`,
	} {
		facts, err := says(event(kind, object))
		require.NoError(t, err)
		assert.Equal(t, []payment.ID{"ch_1"}, facts.Aliases, kind)
	}
}

func TestADisputeSaysWhyAndUntilWhenTheBankTakesAnAnswer(t *testing.T) {
	for details, want := range map[string]time.Time{
		`{"due_by":1772755199}`: time.Unix(1772755199, 0), `{"due_by":null}`: {}, `{"due_by":0}`: {}, `null`: {},
	} {
		facts, err := says(event("charge.dispute.created",
			`{"id":"dp_1","amount":500,"currency":"usd","status":"needs_response","reason":"fraudulent","payment_intent":"pi_1","evidence_details":`+details+`}`))
		require.NoError(t, err, details)
		assert.Equal(t, &payment.Dispute{Amount: usd(500), Status: payment.DisputeOpen, Reason: "fraudulent", DueBy: want}, facts.Dispute, details)
	}
}

func TestDisputeThatEndedWithARefundHoldsNothing(t *testing.T) {
	facts, err := says(event("charge.dispute.closed", `{"id":"dp_1","amount":500,"currency":"usd","status":"charge_refunded","payment_intent":"pi_1"}`))
	require.NoError(t, err)
	assert.Equal(t, &payment.Dispute{Amount: usd(500), Status: payment.DisputeWon}, facts.Dispute)
}

func TestRefundedChargeOnlyTellsTheSum(t *testing.T) {
	facts, err := says(event("charge.refunded", `{"id":"ch_1","amount":500,"amount_refunded":200,"payment_intent":"pi_1"}`))
	require.NoError(t, err)
	assert.Equal(t, payment.ID("pi_1"), facts.Payment)
	assert.EqualValues(t, 200, facts.RefundedInAll)
	assert.Nil(t, facts.Refund)
}

func TestGenuineEventsThatAreNotOursAreIrrelevant(t *testing.T) {
	cases := map[string]string{
		"another type":               event("plan.created", `{"id":"price_1"}`),
		"another API version":        strings.Replace(event("plan.created", `{}`), "2026-03-25.dahlia", "2011-01-01", 1),
		"a thin event":               `{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.no_meter_found"}`,
		"a subscription":             event("checkout.session.completed", strings.Replace(session, `"payment"`, `"subscription"`, 1)),
		"no package":                 event("checkout.session.completed", strings.Replace(session, `{"package":"starter"}`, "{}", 1)),
		"no metadata":                event("checkout.session.completed", strings.Replace(session, `{"package":"starter"}`, "null", 1)),
		"a refund without intent":    event("refund.created", `{"id":"re_1","amount":100,"status":"succeeded","charge":"ch_1","payment_intent":null}`),
		"a dispute without intent":   event("charge.dispute.created", `{"id":"dp_1","amount":1000,"status":"needs_response","payment_intent":null}`),
		"a charge without an intent": event("charge.refunded", `{"id":"ch_1","amount_refunded":100,"payment_intent":null}`),
		"a charge":                   event("charge.succeeded", `{"id":"ch_1"}`),
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := says(body)
			assert.ErrorIs(t, err, provider.ErrIrrelevant)
		})
	}
}

func TestSignedBodiesThatAreNoEventsAreRefused(t *testing.T) {
	cases := map[string]string{
		"empty":                  ``,
		"not JSON":               `Test message.`,
		"no type":                `{"id":"evt_1"}`,
		"an array":               `[]`,
		"a session of text":      event("checkout.session.completed", `"cs_1"`),
		"a session without id":   event("checkout.session.completed", `{"mode":"payment"}`),
		"an amount of text":      event("checkout.session.completed", strings.Replace(session, "500", `"500"`, 1)),
		"an amount out of range": event("checkout.session.completed", strings.Replace(session, "500", `1e400`, 1)),
		"no object":              `{"id":"evt_1","type":"refund.created","data":{}}`,
		"a refund without id":    event("refund.created", `{"amount":1}`),
		"a dispute without id":   event("charge.dispute.created", `{"amount":1}`),
		"deep":                   strings.Repeat("[", 20000),
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := says(body)
			require.Error(t, err)
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
		})
	}
}

func TestOnlyAGenuineFreshSignatureIsAccepted(t *testing.T) {
	body := event("checkout.session.completed", session)
	genuine := stripe.Sign(secret, noon, []byte(body))
	code := strings.TrimPrefix(genuine, "t="+strconv.FormatInt(noon.Unix(), 10)+",v1=")
	at := func(d time.Duration) string { return stripe.Sign(secret, noon.Add(d), []byte(body)) }
	cases := map[string]struct {
		signature string
		accepted  bool
	}{
		"genuine":                    {genuine, true},
		"300 s old":                  {at(-300 * time.Second), true},
		"301 s old":                  {at(-301 * time.Second), false},
		"300 s ahead":                {at(300 * time.Second), true},
		"301 s ahead":                {at(301 * time.Second), false},
		"a year ahead":               {at(365 * 24 * time.Hour), false},
		"of another secret":          {stripe.Sign("whsec_other", noon, []byte(body)), false},
		"of another body":            {stripe.Sign(secret, noon, []byte(body+" ")), false},
		"none":                       {"", false},
		"without a timestamp":        {"v1=" + code, false},
		"without a code":             {"t=1772366400", false},
		"of scheme v0 only":          {"t=1772366400,v0=" + code, false},
		"rolled: a dead code beside": {"t=1772366400,v1=" + strings.Repeat("0", 64) + ",v1=" + code, true},
		"with an unknown part":       {genuine + ",v0=aa", true},
		"two timestamps":             {"t=1,t=1772366400,v1=" + code, false},
		"the same timestamp twice":   {"t=1772366400," + genuine, false},
		"a signed timestamp":         {"t=+1772366400,v1=" + code, false},
		"a spaced part":              {"t=1772366400, v1=" + code, false},
		"upper case":                 {"t=1772366400,v1=" + strings.ToUpper(code), false},
		"a trailing comma":           {genuine + ",", false},
		"an equals sign inside":      {"t=1772366400,v1=" + code + "=", false},
		"a huge timestamp":           {"t=99999999999999999999,v1=" + code, false},
		"half a code":                {"t=1772366400,v1=" + code[:32], false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := verify(body, c.signature)
			if c.accepted {
				assert.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

func TestSignatureAgreesWithTheLibrarysOwnSigner(t *testing.T) {
	body := []byte(event("plan.created", "{}"))
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: noon})
	assert.Equal(t, signed.Header, stripe.Sign(secret, noon, body))
}

func TestAnyLiveSecretVerifies(t *testing.T) {
	body := event("checkout.session.completed", session)
	header := http.Header{}
	header.Set(stripe.Header, stripe.Sign("whsec_new", noon, []byte(body)))
	run := func(all provider.Secrets) error {
		_, err := stripe.New(all, "").Verify(context.Background(), []byte(body), header, noon)
		return err
	}
	assert.NoError(t, run(secrets("whsec_old", "whsec_new")))
	assert.Equal(t, fault.KindInvalid, fault.KindOf(run(secrets("whsec_old"))))
	assert.Equal(t, fault.KindBusy, fault.KindOf(run(secrets())), "without a secret nothing is accepted, nor refused for good")
	assert.Equal(t, fault.KindBusy, fault.KindOf(run(func(context.Context) ([]string, error) { return nil, errors.New("throttled") })))
}

func TestEmptySecretSignsNothing(t *testing.T) {
	body := event("checkout.session.completed", session)
	header := http.Header{}
	header.Set(stripe.Header, stripe.Sign("", noon, []byte(body)))
	_, err := stripe.New(secrets(""), "").Verify(context.Background(), []byte(body), header, noon)
	assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

func FuzzVerify(f *testing.F) {
	f.Add(event("checkout.session.completed", session), "t=1772366400,v1=00")
	f.Add(event("refund.created", `{"id":"re_1","payment_intent":{}}`), "t=,v1")
	f.Fuzz(func(t *testing.T, body, signature string) {
		if _, err := verify(body, signature); err == nil {
			t.Fatal("a signature made without the secret was accepted")
		}
		if facts, err := says(body); err == nil && facts.Payment == "" {
			t.Fatal("facts without a payment")
		}
	})
}
