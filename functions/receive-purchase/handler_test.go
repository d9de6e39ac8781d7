package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/shared/aws/http"
	"makegood/shared/correlation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider"
	"makegood/shared/provider/registry"
	"makegood/shared/provider/stripe"
)

// signedAt is the instant at which every fixture is signed.
var signedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	stripeID   = payment.ID("pi_1PgafyB7WZ01zgkWSjxsAJo3")
	standardID = payment.ID("pay_7Hq2")
)

// webhooks are all providers', of which each has one secret for all.
func webhooks(secrets provider.Secrets) map[string]provider.Webhook {
	return registry.Webhooks(provider.Settings{
		Secrets: func(provider.Secret) provider.Secrets { return secrets },
		Text:    func(string) string { return "" },
	})
}

// desk is the function over a store in memory, at the instant of the signatures.
type desk struct {
	t      *testing.T
	store  payment.Store
	queues *queues
	handler
}

func newDesk(t *testing.T, policyName string) *desk {
	published, err := policy.Open(policyName)
	require.NoError(t, err)
	test, err := payment.ParseMode("test")
	require.NoError(t, err)
	d := &desk{t: t, store: memory.New(), queues: &queues{}}
	d.handler = handler{
		webhooks: registry.Webhooks(sandbox.Settings()),
		payments: payment.Receiver{Store: d.store, Rules: payment.Rules{Catalog: published, Livemode: test}},
		outbox:   payment.Outbox{Requests: d.queues, Settlements: d.queues},
		now:      func() time.Time { return signedAt.Add(300 * time.Microsecond) },
	}
	return d
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../events/receive-purchase", name+".json"))
	require.NoError(t, err)
	return raw
}

func (d *desk) invoke(raw []byte) http.Response {
	d.t.Helper()
	out, err := http.New(d.routes()).Invoke(context.Background(), raw)
	require.NoError(d.t, err)
	var answer http.Response
	require.NoError(d.t, json.Unmarshal(out, &answer))
	return answer
}

// hears runs the fixtures in order and wants each acknowledged.
func (d *desk) hears(names ...string) {
	d.t.Helper()
	for _, name := range names {
		answer := d.invoke(fixture(d.t, name))
		require.Equal(d.t, 200, answer.StatusCode, "%s: %s", name, answer.Body)
		require.JSONEq(d.t, `{"received":true}`, answer.Body)
	}
}

func (d *desk) payment(id payment.ID) (*payment.Payment, ledger.Wallet) {
	d.t.Helper()
	snapshot, err := d.store.LoadPayment(context.Background(), id, "alice")
	require.NoError(d.t, err)
	return snapshot.Payment, snapshot.Wallet
}

// wants checks what alice can spend, and that a payment has granted and taken back as many.
func (d *desk) wants(id payment.ID, available, granted, taken ledger.Credits) {
	d.t.Helper()
	p, wallet := d.payment(id)
	require.NotNil(d.t, p)
	assert.Equal(d.t, []ledger.Credits{available, 0, granted, taken},
		[]ledger.Credits{wallet.Available(signedAt), wallet.Owed(), p.Granted(), p.Clawback.Total()}, "available, owed, granted, taken")
}

func TestPaidSessionGrantsThePackageOfEachPolicy(t *testing.T) {
	cases := map[string]ledger.Credits{"goopter stripe-paid-starter": 50, "photoroom stripe-paid-photoroom": 100, "popcustoms stripe-paid-popcustoms": 100_000}
	for names, credits := range cases {
		t.Run(names, func(t *testing.T) {
			policyName, name, _ := strings.Cut(names, " ")
			d := newDesk(t, policyName)
			for range 12 {
				d.hears(name)
			}
			d.wants(stripeID, credits, credits, 0)
		})
	}
}

func TestPaidSessionGrantsHoweverItIsWritten(t *testing.T) {
	for _, name := range []string{"stripe-paid-base64", "stripe-paid-old-api", "stripe-paid-discounted"} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "goopter")
			d.hears(name)
			d.wants(stripeID, 50, 50, 0)
		})
	}
	d := newDesk(t, "goopter")
	d.hears("stripe-paid-without-intent")
	d.wants("cs_test_a1YS1URlnyQCN5fUUduORoQ7Pw41PJqDWkIVQCpJPqkfIhd6tVY8XB1OLY", 50, 50, 0)
}

func TestUnpaidSessionGrantsOnceItsMoneyCame(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-unpaid")
	d.wants(stripeID, 0, 0, 0)
	d.hears("stripe-async-succeeded", "stripe-unpaid", "stripe-paid-starter")
	d.wants(stripeID, 50, 50, 0)

	d = newDesk(t, "goopter")
	d.hears("stripe-unpaid", "stripe-async-failed")
	d.wants(stripeID, 0, 0, 0)
}

func TestPurchaseThatIsNotUnderstoodIsAcknowledgedAndParked(t *testing.T) {
	for name, reason := range map[string]payment.Reason{
		"stripe-wrong-amount": payment.ReasonWrongAmount, "stripe-wrong-currency": payment.ReasonWrongCurrency,
		"stripe-unknown-package": payment.ReasonUnknownPackage, "stripe-no-customer": payment.ReasonNoCustomer,
		"stripe-live-mode": payment.ReasonWrongMode, "stripe-customer-that-can-be-none": payment.ReasonNoCustomer,
		"stripe-paid-in-kronur": payment.ReasonWrongCurrency,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "goopter")
			d.hears(name)
			d.wants(stripeID, 0, 0, 0)
			p, _ := d.payment(stripeID)
			assert.Equal(t, []any{payment.StateParked, reason}, []any{p.State, p.Parked})
			assert.Equal(t, map[string]string{"stripe-customer-that-can-be-none": "Alice Smith / 42"}[name], p.Purchase.Named)
			if name == "stripe-paid-in-kronur" {
				assert.Equal(t, money.Amount{Currency: "ISK", Minor: 500}, p.Purchase.Money())
			}
		})
	}
	d := newDesk(t, "goopter")
	d.hears("standard-wrong-amount")
	d.wants(standardID, 0, 0, 0)
}

func TestOrderWithoutPaymentFollowsThePolicy(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-no-payment-required")
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	require.False(t, published.At(signedAt).GrantsUnpaid)
	p, wallet := d.payment("cs_test_a1YS1URlnyQCN5fUUduORoQ7Pw41PJqDWkIVQCpJPqkfIhd6tVY8XB1OLY")
	assert.Equal(t, payment.ReasonNoPaymentRequired, p.Parked)
	assert.Zero(t, wallet.Available(signedAt))
}

func TestEventsThatDoNotConcernUsAreAcknowledgedAndLeaveNothing(t *testing.T) {
	for _, name := range []string{
		"stripe-no-package", "stripe-subscription", "stripe-session-as-published", "stripe-refund-as-published", "stripe-dispute-as-published",
		"stripe-charge-as-published", "stripe-plan-created", "stripe-connected-account", "standard-unknown-type",
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "goopter")
			d.payments.Store = untouchable{}
			d.hears(name)
		})
	}
}

// untouchable is a store that nothing may reach.
type untouchable struct{ payment.Store }

func TestMoneyThatGoesBackTakesItsShareOfCreditsAndReturnsThem(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("stripe-refund-pending") // before its purchase
	d.hears("stripe-paid-starter")
	d.wants(stripeID, 30, 50, 20)
	d.hears("stripe-refund-succeeded", "stripe-charge-refunded", "stripe-dispute-inquiry")
	d.wants(stripeID, 30, 50, 20)
	d.hears("stripe-dispute-opened")
	d.wants(stripeID, 0, 50, 50)
	d.hears("stripe-dispute-lost", "stripe-refund-failed")
	d.wants(stripeID, 0, 50, 50)
	d.hears("stripe-dispute-won", "stripe-dispute-opened", "stripe-refund-succeeded")
	d.wants(stripeID, 50, 50, 0)
}

func TestStandardWebhooksTellTheSameStory(t *testing.T) {
	d := newDesk(t, "goopter")
	d.hears("standard-refunded", "standard-paid", "standard-paid")
	d.wants(standardID, 30, 50, 20)
	d.hears("standard-disputed")
	d.wants(standardID, 0, 50, 50)
	d.hears("standard-dispute-won", "standard-disputed")
	d.wants(standardID, 30, 50, 20)

	d = newDesk(t, "photoroom")
	d.hears("standard-paid-photoroom")
	d.wants(standardID, 100, 100, 0)
}

func TestEveryFixtureIsGenuineAndHeard(t *testing.T) {
	files, err := filepath.Glob("../../events/receive-purchase/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		newDesk(t, "goopter").hears(strings.TrimSuffix(filepath.Base(file), ".json"))
	}
}

// problem is what a refused caller is told.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (d *desk) refused(raw []byte) problem {
	d.t.Helper()
	answer := d.invoke(raw)
	require.Equal(d.t, "application/problem+json", answer.Headers["content-type"])
	var p problem
	require.NoError(d.t, json.Unmarshal([]byte(answer.Body), &p))
	require.Equal(d.t, answer.StatusCode, p.Status)
	return p
}

func TestForgedChangedOrStaleEventIsRefused(t *testing.T) {
	for _, name := range []string{"stripe-paid-starter", "standard-paid"} {
		genuine := fixture(t, name)
		d := newDesk(t, "goopter")
		d.payments.Store = untouchable{}
		changed := bytes.Replace(genuine, []byte("alice"), []byte("mallo"), 1)
		require.NotEqual(t, genuine, changed)
		unsigned := bytes.ReplaceAll(genuine, []byte("-signature\""), []byte("-nothing\""))
		for _, raw := range [][]byte{changed, unsigned} {
			p := d.refused(raw)
			assert.Equal(t, []any{400, "invalid_request"}, []any{p.Status, p.Code}, name)
		}
		for _, away := range []time.Duration{-301 * time.Second, 301 * time.Second} {
			d.now = func() time.Time { return signedAt.Add(away) }
			assert.Equal(t, 400, d.refused(genuine).Status, "%s at %s", name, away)
		}
		d.webhooks = webhooks(func(context.Context) ([]string, error) { return []string{"whsec_" + strings.Repeat("A", 32)}, nil })
		d.now = func() time.Time { return signedAt }
		assert.Equal(t, 400, d.refused(genuine).Status, name)
	}
}

func TestSignedNonsenseIsRefused(t *testing.T) {
	for _, body := range []string{"Test message.", "", "[]", `{"type":"refund.created","data":{"object":{"id":"re_1","payment_intent":"pi_1","status":""}}}`} {
		event, err := json.Marshal(map[string]any{
			"rawPath": "/webhooks/stripe", "body": body, "headers": map[string]string{"Stripe-Signature": stripe.Sign(sandbox.StripeSecret, signedAt, []byte(body))},
			"requestContext": map[string]any{"http": map[string]any{"method": "POST"}},
		})
		require.NoError(t, err)
		assert.Equal(t, 400, newDesk(t, "goopter").refused(event).Status, body)
	}
}

// broken is a store that fails in every way that is not the sender's fault.
type broken struct {
	payment.Store
	err error
}

func (b broken) LoadPayment(context.Context, payment.ID, ledger.CustomerID) (payment.Snapshot, error) {
	return payment.Snapshot{Wallet: ledger.Wallet{Customer: "alice"}}, nil
}

func (b broken) CommitPayment(context.Context, payment.Snapshot, payment.Change) error {
	return b.err
}

func TestWhatIsNotDurableIsAskedForAgain(t *testing.T) {
	secret := errors.New("table wallets-7f3a is gone")
	raw := fixture(t, "stripe-paid-starter")
	d := newDesk(t, "goopter")
	d.payments.Store = broken{err: secret}
	p := d.refused(raw)
	assert.Equal(t, []any{503, "busy"}, []any{p.Status, p.Code})
	assert.NotContains(t, p.Detail, "wallets-7f3a")

	d = newDesk(t, "goopter")
	d.webhooks = webhooks(func(context.Context) ([]string, error) { return nil, errors.New("throttled") })
	assert.Equal(t, 503, d.refused(raw).Status)
}

func TestLogsNameNoCustomer(t *testing.T) {
	var logged bytes.Buffer
	was := slog.Default()
	slog.SetDefault(slog.New(correlation.Handler(slog.NewJSONHandler(&logged, nil))))
	defer slog.SetDefault(was)
	newDesk(t, "goopter").hears("stripe-paid-starter", "stripe-no-package", "standard-refunded")
	assert.Contains(t, logged.String(), string(stripeID))
	assert.NotContains(t, logged.String(), "alice")
}

func TestAPurchaseByEachProviderIsGranted(t *testing.T) {
	for _, p := range registry.Providers {
		files, err := filepath.Glob("../../events/receive-purchase/" + p.Name + "-paid*.json")
		require.NoError(t, err)
		d := newDesk(t, "goopter")
		for _, file := range files {
			d.hears(strings.TrimSuffix(filepath.Base(file), ".json"))
		}
		_, wallet := d.payment("pi_none")
		assert.Positive(t, wallet.Available(signedAt), "events/receive-purchase has no %s-paid.json that grants", p.Name)
	}
}
