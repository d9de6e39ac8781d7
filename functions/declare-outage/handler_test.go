package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// desk is the function over a world of goopter, in which alice and bob bought starter packages (50
// credits for 5.00 USD), alice spent 15 credits, bob all of his, and nobody could use the app for
// 49 hours. It is an hour later.
type desk struct {
	*storetest.World
	httptest.Client
}

func open(t *testing.T) desk { return openBy(t, "goopter") }

// openBy is open where outages go by that policy.
func openBy(t *testing.T, name string) desk {
	t.Helper()
	published, err := policy.Open(name)
	require.NoError(t, err)
	w := storetest.NewWorldOf(t, memory.New(), "goopter")
	for _, customer := range []ledger.CustomerID{"alice", "bob"} {
		w.Receives(w.Paid(payment.ID("pi_"+customer), customer))
	}
	w.Uses("alice", 5)
	w.Uses("bob", 16)
	w.Pass(51 * time.Hour)
	h := handler{
		declarer: outage.Declarer{Store: w.Store, Estimator: refund.Estimator{Policy: published}, Looks: w},
		starter:  outage.Starter{Store: w.Store, Runs: w},
		now:      func() time.Time { return w.Now.Add(300 * time.Microsecond) },
	}
	return desk{w, httptest.New(t, "declare-outage", h.now, h.routes)}
}

// declared is what the fixture declare is answered with.
var declared = map[string]any{
	"id": "out_tsqmxymanp26uexxvney", "started_at": "2026-03-01T13:00:00Z", "ended_at": "2026-03-03T14:00:00Z", "prevented_use": true,
	"declared_at": "2026-03-03T15:00:00Z", "by": "operator",
	"preview": map[string]any{
		"estimate": true, "purchases": 2.0, "unspent": 37.0, "complete": true,
		"money": []any{map[string]any{"currency": "USD", "minor": 370.0}},
	},
}

func TestAnOutageIsDeclaredOnceWithAnEstimate(t *testing.T) {
	d := open(t)
	first := d.Want(201, "declare")
	assert.Equal(t, declared, first.Fields)
	assert.False(t, first.Replayed)
	d.Pass(time.Hour)
	replay := d.Ask("declare")
	assert.Equal(t, []any{201, first.Body, true}, []any{replay.StatusCode, replay.Body, replay.Replayed})
	assert.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("declare-under-a-used-key").Refusal())
	assert.Equal(t, declared, d.Want(200, "show").Fields)
	d.Drain()
	d.WantAvailable("alice", 35)
}

func TestAnOutageThatGoesOnHasNoEnd(t *testing.T) {
	d := open(t)
	shown := d.Want(201, "declare-ongoing").Fields
	assert.NotContains(t, shown, "ended_at")
	assert.NotContains(t, shown, "features")
	assert.NotContains(t, shown, "run")
	assert.EqualValues(t, 2, shown["preview"].(map[string]any)["purchases"], "50 hours until now")
	assert.Equal(t, []any{"upscale"}, d.Want(201, "declare-feature").Fields["features"])
}

func TestWhatGivesNothingIsShownAsNothing(t *testing.T) {
	d := openBy(t, "photoroom") // which has no rule for outages
	assert.Equal(t, map[string]any{"estimate": true, "purchases": 0.0, "unspent": 0.0, "complete": true, "money": []any{}},
		d.Want(201, "declare").Fields["preview"])
}

func TestARunIsStartedOnceAndShowsHowFarItIs(t *testing.T) {
	d := open(t)
	d.Want(201, "declare")
	first := d.Want(202, "run-money")
	assert.False(t, first.Replayed)
	assert.Equal(t, map[string]any{"give": "money", "by": "operator", "started_at": "2026-03-03T15:00:00Z", "seen": 0.0, "asked": 0.0}, first.Fields["run"])
	d.Pass(time.Minute)
	replay := d.Want(202, "run-money")
	assert.Equal(t, []any{first.Body, true}, []any{replay.Body, replay.Replayed})
	d.Drain()
	done := map[string]any{"give": "money", "by": "operator", "started_at": "2026-03-03T15:00:00Z", "seen": 2.0, "asked": 2.0, "done_at": "2026-03-03T15:01:00Z"}
	assert.Equal(t, done, d.Want(200, "show").Fields["run"])
	d.Pass(time.Hour)
	assert.Equal(t, done, d.Want(202, "run-money").Fields["run"])
	assert.Equal(t, declared, d.Want(201, "declare").Fields, "its declaration is answered as it was")
	assert.Zero(t, d.Runs(), "what is done is not asked for again")
	d.WantAvailable("alice", 0)
	d.WantLaws("alice")
}

func TestARunOffersUnlessItIsToldToGive(t *testing.T) {
	d := open(t)
	d.Want(201, "declare")
	assert.NotContains(t, d.Want(202, "run").Fields["run"], "give")
	d.Drain()
	assert.Equal(t, 2.0, d.Want(202, "run").Fields["run"].(map[string]any)["asked"])
	d.WantAvailable("alice", 35)
	for _, otherwise := range []string{"run-money", "run-credits"} {
		assert.Equal(t, httptest.Refusal{409, "run_begun", nil}, d.Ask(otherwise).Refusal())
	}
	d.Drain()
	d.WantAvailable("alice", 35)
}

func TestARunMayGiveCreditsInPlaceOfMoney(t *testing.T) {
	d := open(t)
	d.Want(201, "declare")
	assert.Equal(t, "credits", d.Want(202, "run-credits").Fields["run"].(map[string]any)["give"])
	d.Drain()
	d.WantAvailable("alice", 70) // the 35 that are left, and 35 for the 3.50 USD that they cost
	assert.EqualValues(t, 350, d.PaymentOf("pi_alice").RefundTotal(), "so much of the money is made good")
	assert.Empty(t, d.PaymentOf("pi_alice").Refunds)
	d.WantLaws("alice")
	assert.Equal(t, httptest.Refusal{409, "run_begun", nil}, d.Ask("run").Refusal())
}

func TestAnOutageIsCorrectedAndWithdrawnUntilItsRunBegins(t *testing.T) {
	d := open(t)
	d.Want(201, "declare")
	for range 2 {
		corrected := d.Want(200, "correct").Fields
		assert.Equal(t, []any{"2026-03-03T12:00:00Z", "2026-03-03T15:00:00Z", "operator"}, []any{corrected["ended_at"], corrected["corrected_at"], corrected["corrected_by"]})
		assert.Zero(t, corrected["preview"].(map[string]any)["purchases"], "47 hours")
	}
	assert.Equal(t, httptest.Refusal{400, "invalid_request", "ended_at"}, d.Ask("correct-end-before-start").Refusal())
	assert.Equal(t, declared, d.Want(201, "declare").Fields, "the first answer")
	assert.Len(t, d.Want(200, "list").Fields["outages"], 1)
	for range 2 {
		assert.Equal(t, "2026-03-03T15:00:00Z", d.Want(200, "withdraw").Fields["withdrawn_at"])
	}
	for _, late := range []string{"correct", "run", "run-money"} {
		assert.Equal(t, httptest.Refusal{409, "withdrawn", nil}, d.Ask(late).Refusal(), late)
	}
	assert.Equal(t, declared, d.Want(201, "declare").Fields)

	d = open(t)
	d.Want(201, "declare")
	d.Want(202, "run")
	for _, late := range []string{"correct", "withdraw"} {
		assert.Equal(t, httptest.Refusal{409, "run_begun", nil}, d.Ask(late).Refusal(), late)
	}
	assert.NotContains(t, d.Want(200, "show").Fields, "corrected_at")
}

func TestAnOutageOfLongAgoIsToBeConfirmed(t *testing.T) {
	d := open(t)
	assert.Equal(t, httptest.Refusal{409, "confirm", nil}, d.Ask("declare-long-ago").Refusal())
	assert.Empty(t, d.Want(200, "list").Fields["outages"])
	first := d.Want(201, "declare-long-ago-confirmed")
	assert.Equal(t, first.Body, d.Want(201, "declare-long-ago").Body, "a replay")
}

func TestBadRequestsDeclareNothingAndSayWhy(t *testing.T) {
	d := open(t)
	for name, want := range map[string]httptest.Refusal{
		"unknown-feature":            {400, "unknown_feature", "features"},
		"many-features":              {400, "invalid_request", "features"},
		"end-before-start":           {400, "invalid_request", "ended_at"},
		"start-to-come":              {400, "invalid_request", "started_at"},
		"no-instant":                 {400, "invalid_request", "started_at"},
		"without-fields":             {400, "missing_fields", "prevented_use"},
		"unknown-field":              {400, "invalid_request", "note"},
		"without-key":                {400, "invalid_request", "Idempotency-Key"},
		"declare-by-app":             {403, "forbidden", nil},
		"declare-without-credential": {401, "unauthenticated", nil},
		"show-by-app":                {403, "forbidden", nil},
		"show-undeclared":            {404, "not_found", nil},
		"show-no-id":                 {404, "not_found", nil},
		"run-nothing-known":          {400, "invalid_request", "give"},
		"run-by-app":                 {403, "forbidden", nil},
		"run-undeclared":             {404, "not_found", nil},
		"run-no-id":                  {404, "not_found", nil},
	} {
		assert.Equal(t, want, d.Ask(name).Refusal(), name)
	}
	all, err := d.Store.Outages(t.Context())
	require.NoError(t, err)
	assert.Empty(t, all)
	assert.Zero(t, d.Runs())
}
