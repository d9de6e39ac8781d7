package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/aws/http"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/memory"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is the function over a store in memory, at noon.
type desk struct {
	t     *testing.T
	store *memory.Store
	now   time.Time
}

func newDesk(t *testing.T) *desk { return &desk{t: t, store: memory.New(), now: noon} }

func keys(all ...string) access.Secrets {
	return func(context.Context) ([]string, error) { return all, nil }
}

func (d *desk) invoke(name string) http.Response {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../events/grant-credits", name+".json"))
	require.NoError(d.t, err)
	now := func() time.Time { return d.now }
	gate := access.Gate{
		AppKeys: keys("mk_local_app"), OperatorKeys: keys("mk_local_operator"),
		Sessions: access.Sessions{Secrets: keys("a session secret of thirty-two bytes")}, Now: now,
	}
	h := handler{grants: grant.Granter{Store: d.store}, now: now}
	out, err := http.New(h.routes(gate)).Invoke(context.Background(), raw)
	require.NoError(d.t, err)
	var answer http.Response
	require.NoError(d.t, json.Unmarshal(out, &answer))
	return answer
}

func (d *desk) gives(name string) api.Lot {
	d.t.Helper()
	answer := d.invoke(name)
	require.Equal(d.t, 201, answer.StatusCode, answer.Body)
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
	first := d.invoke("allowance")
	require.Equal(t, 201, first.StatusCode, first.Body)
	assert.Empty(t, first.Headers["idempotent-replayed"])
	var lot map[string]any
	require.NoError(t, json.Unmarshal([]byte(first.Body), &lot))
	assert.Regexp(t, `^lot_[a-z2-7]{10}$`, lot["id"])
	delete(lot, "id")
	assert.Equal(t, map[string]any{"source": "allowance", "granted": 30.0, "remaining": 30.0, "expires_at": "2099-04-01T00:00:00Z"}, lot)

	d.now = noon.Add(time.Hour)
	replay := d.invoke("allowance")
	assert.Equal(t, []any{201, first.Body, "true"}, []any{replay.StatusCode, replay.Body, replay.Headers["idempotent-replayed"]})
	assert.Equal(t, ledger.Credits(30), d.available())

	reused := d.invoke("allowance-reused-key")
	assert.Equal(t, 409, reused.StatusCode)
	assert.Contains(t, reused.Body, `"idempotency_key_reused"`)
	assert.Equal(t, ledger.Credits(30), d.available())
}

func TestPromotionWithoutAnExpiryNeverExpires(t *testing.T) {
	lot := newDesk(t).gives("promotion")
	assert.Equal(t, []any{"promotion", int64(5)}, []any{lot.Source, lot.Remaining})
	assert.Nil(t, lot.ExpiresAt)
}

func TestOnlyStaffGivesGoodwill(t *testing.T) {
	d := newDesk(t)
	refused := d.invoke("goodwill-by-app")
	assert.Equal(t, 403, refused.StatusCode)
	assert.Contains(t, refused.Body, `"forbidden"`)
	assert.Equal(t, "goodwill", d.gives("goodwill-by-staff").Source)
	assert.Equal(t, ledger.Credits(10), d.available())
}

func TestBadRequestsGiveNothingAndSayWhy(t *testing.T) {
	cases := map[string]struct {
		status int
		code   string
		field  string
	}{
		"without-key":        {400, "invalid_request", "Idempotency-Key"},
		"without-credential": {401, "unauthenticated", ""},
		"unknown-credential": {401, "unauthenticated", ""},
		"without-fields":     {400, "missing_fields", "credits"},
		"unknown-field":      {400, "invalid_request", "amount"},
		"fraction":           {400, "invalid_request", "credits"},
		"too-many-credits":   {400, "invalid_request", "credits"},
		"no-credits":         {400, "invalid_request", "credits"},
		"expired":            {400, "invalid_request", "expires_at"},
		"purchase-as-source": {400, "invalid_request", "source"},
		"bad-customer":       {400, "invalid_request", "customer"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			answer := d.invoke(name)
			var problem struct {
				Status      int
				Code, Field string
			}
			require.NoError(t, json.Unmarshal([]byte(answer.Body), &problem), answer.Body)
			assert.Equal(t, []any{c.status, c.status, c.code, c.field}, []any{answer.StatusCode, problem.Status, problem.Code, problem.Field}, answer.Body)
			assert.Zero(t, d.available())
		})
	}
}
