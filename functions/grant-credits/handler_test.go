package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/memory"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is the function over a store in memory, at noon.
type desk struct {
	httptest.Client
	t     *testing.T
	store *memory.Store
	now   time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, store: memory.New(), now: noon}
	h := handler{grants: grant.Granter{Store: d.store}, now: func() time.Time { return d.now }}
	d.Client = httptest.New(t, "grant-credits", h.now, h.routes)
	return d
}

func (d *desk) gives(name string) api.Lot {
	d.t.Helper()
	answer := d.Want(201, name)
	var lot api.Lot
	require.NoError(d.t, json.Unmarshal([]byte(answer.Body), &lot))
	return lot
}

func (d *desk) available() ledger.Credits {
	d.t.Helper()
	wallet, _, err := d.store.LoadGrant(context.Background(), "alice", "lot_none")
	require.NoError(d.t, err)
	return wallet.Available(noon)
}

func TestAppGivesAnAllowanceOnceForAKey(t *testing.T) {
	d := newDesk(t)
	first := d.Want(201, "allowance")
	assert.False(t, first.Replayed)
	lot := first.Fields
	assert.Regexp(t, `^lot_[a-z2-7]{10}$`, lot["id"])
	delete(lot, "id")
	assert.Equal(t, map[string]any{"source": "allowance", "granted": 30.0, "remaining": 30.0, "expires_at": "2099-04-01T00:00:00Z"}, lot)

	d.now = noon.Add(time.Hour)
	replay := d.Ask("allowance")
	assert.Equal(t, []any{201, first.Body, true}, []any{replay.StatusCode, replay.Body, replay.Replayed})
	assert.Equal(t, ledger.Credits(30), d.available())

	assert.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, d.Ask("allowance-reused-key").Refusal())
	assert.Equal(t, ledger.Credits(30), d.available())
}

func TestPromotionWithoutAnExpiryNeverExpires(t *testing.T) {
	lot := newDesk(t).gives("promotion")
	assert.Equal(t, []any{"promotion", int64(5)}, []any{lot.Source, lot.Remaining})
	assert.Nil(t, lot.ExpiresAt)
}

func TestOnlyStaffGivesGoodwill(t *testing.T) {
	d := newDesk(t)
	assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask("goodwill-by-app").Refusal())
	lot := d.gives("goodwill-by-staff")
	assert.Equal(t, "goodwill", lot.Source)
	assert.Equal(t, ledger.Credits(10), d.available())
	_, record, err := d.store.LoadGrant(context.Background(), "alice", ledger.LotID(lot.ID))
	require.NoError(t, err)
	assert.Equal(t, "operator", record.By)
}

func TestALineOfTheLedgerNamesWhoOfStaffGaveItsCredits(t *testing.T) {
	d := newDesk(t)
	d.gives("allowance")
	d.now = noon.Add(time.Minute)
	d.gives("goodwill-by-staff")
	entries, _, err := d.store.ListEntries(context.Background(), "alice", "", 10)
	require.NoError(t, err)
	require.Len(t, entries, 2) // the newest first
	assert.Equal(t, []string{"operator", ""}, []string{entries[0].Cause.By, entries[1].Cause.By})
}

func TestBadRequestsGiveNothingAndSayWhy(t *testing.T) {
	for name, want := range map[string]httptest.Refusal{
		"without-key":        {400, "invalid_request", "Idempotency-Key"},
		"without-credential": {401, "unauthenticated", nil},
		"unknown-credential": {401, "unauthenticated", nil},
		"without-fields":     {400, "missing_fields", "credits"},
		"unknown-field":      {400, "invalid_request", "amount"},
		"fraction":           {400, "invalid_request", "credits"},
		"too-many-credits":   {400, "invalid_request", "credits"},
		"no-credits":         {400, "invalid_request", "credits"},
		"expired":            {400, "invalid_request", "expires_at"},
		"purchase-as-source": {400, "invalid_request", "source"},
		"bad-customer":       {400, "invalid_request", "customer"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			assert.Equal(t, want, d.Ask(name).Refusal())
			assert.Zero(t, d.available())
		})
	}
}
