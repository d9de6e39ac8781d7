package grant_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/grant"
	"makegood/shared/ledger"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// store keeps one customer's wallet, and grants as JSON, as a real store does.
type store struct {
	t       *testing.T
	wallet  ledger.Wallet
	grants  map[ledger.LotID]string
	commits int
	rivals  int // this many commits find that something has changed
}

func (s *store) LoadGrant(_ context.Context, customer ledger.CustomerID, id ledger.LotID) (ledger.Wallet, *grant.Grant, error) {
	w := s.wallet.Clone()
	w.Customer = customer
	raw, ok := s.grants[id]
	if !ok {
		return w, nil, nil
	}
	var g grant.Grant
	require.NoError(s.t, json.Unmarshal([]byte(raw), &g))
	return w, &g, nil
}

func (s *store) CommitGrant(_ context.Context, given grant.Grant, posting ledger.Posting) error {
	if s.rivals > 0 {
		s.rivals--
		return fault.Stale(nil)
	}
	require.NoError(s.t, ledger.Check(posting))
	raw, err := json.Marshal(given)
	require.NoError(s.t, err)
	require.NotContains(s.t, s.grants, given.ID)
	s.grants[given.ID] = string(raw)
	s.wallet = posting.After
	s.commits++
	return nil
}

func newDesk(t *testing.T) (*store, grant.Granter) {
	s := &store{t: t, grants: map[ledger.LotID]string{}}
	return s, grant.Granter{Store: s}
}

func at(t time.Time) *time.Time { return &t }

// order is the app's monthly allowance for alice; edits change it.
func order(edits ...func(*grant.Order)) grant.Order {
	o := grant.Order{
		Customer: "alice", Credits: 30, Source: ledger.SourceAllowance, ExpiresAt: at(noon.Add(24 * time.Hour)), Note: "March", Principal: "app", Key: "k1",
	}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

func give(t *testing.T, g grant.Granter, o grant.Order, now time.Time) grant.Answer {
	t.Helper()
	given, err := g.Give(context.Background(), o, now)
	require.NoError(t, err)
	return given
}

func TestGrantGivesALotOnce(t *testing.T) {
	s, g := newDesk(t)
	first := give(t, g, order(), noon)
	assert.False(t, first.Replayed)
	assert.Equal(t, ledger.Credits(30), first.Lot.Remaining)
	assert.Equal(t, noon.Add(24*time.Hour), first.Lot.ExpiresAt)
	for range 3 {
		assert.Equal(t, grant.Answer{Lot: first.Lot, Replayed: true}, give(t, g, order(), noon.Add(time.Minute)))
	}
	assert.Equal(t, ledger.Credits(30), s.wallet.Available(noon))
	assert.Equal(t, 1, s.commits)
}

func TestReplayAfterTheExpiryStillGetsTheFirstAnswer(t *testing.T) {
	_, g := newDesk(t)
	first := give(t, g, order(), noon)
	late := give(t, g, order(), noon.Add(48*time.Hour))
	assert.Equal(t, grant.Answer{Lot: first.Lot, Replayed: true}, late)
}

func TestReusedKeyWithAnotherInputIsAConflict(t *testing.T) {
	edits := map[string]func(*grant.Order){
		"credits":    func(o *grant.Order) { o.Credits = 31 },
		"source":     func(o *grant.Order) { o.Source = ledger.SourcePromotion },
		"expires_at": func(o *grant.Order) { o.ExpiresAt = nil },
		"note":       func(o *grant.Order) { o.Note = "" },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			s, g := newDesk(t)
			give(t, g, order(), noon)
			_, err := g.Give(context.Background(), order(edit), noon)
			require.Error(t, err)
			assert.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
			assert.Equal(t, 1, s.commits)
		})
	}
}

func TestKeysOfTwoCallersOrTwoCustomersDoNotMeet(t *testing.T) {
	s, g := newDesk(t)
	give(t, g, order(), noon)
	assert.False(t, give(t, g, order(func(o *grant.Order) { o.Principal = "operator" }), noon).Replayed)
	assert.False(t, give(t, g, order(func(o *grant.Order) { o.Key = "k2" }), noon).Replayed)
	assert.Equal(t, 3, s.commits)
}

func TestOnlyStaffGivesGoodwill(t *testing.T) {
	s, g := newDesk(t)
	goodwill := func(o *grant.Order) { o.Source = ledger.SourceGoodwill }
	_, err := g.Give(context.Background(), order(goodwill), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindForbidden, fault.KindOf(err))
	assert.Zero(t, s.commits)
	for n, source := range []ledger.Source{ledger.SourceGoodwill, ledger.SourceAllowance, ledger.SourcePromotion} {
		given := give(t, g, order(func(o *grant.Order) { o.Source, o.Staff, o.Key = source, true, string(rune('a'+n)) }), noon)
		assert.Equal(t, source, given.Lot.Source)
	}
}

func TestGrantRefusesWhatMeansNothing(t *testing.T) {
	bad := map[string]struct {
		field string
		edit  func(*grant.Order)
	}{
		"no credits":           {"credits", func(o *grant.Order) { o.Credits = 0 }},
		"negative credits":     {"credits", func(o *grant.Order) { o.Credits = -1 }},
		"too many credits":     {"credits", func(o *grant.Order) { o.Credits = grant.MaxCredits + 1 }},
		"purchase as a source": {"source", func(o *grant.Order) { o.Source = ledger.SourcePurchase }},
		"no source":            {"source", func(o *grant.Order) { o.Source = "" }},
		"expiry now":           {"expires_at", func(o *grant.Order) { o.ExpiresAt = at(noon) }},
		"expiry in year one":   {"expires_at", func(o *grant.Order) { o.ExpiresAt = at(time.Time{}) }},
		"bad customer":         {"customer", func(o *grant.Order) { o.Customer = "a b" }},
		"long note":            {"note", func(o *grant.Order) { o.Note = strings.Repeat("n", grant.MaxNote+1) }},
	}
	for name, c := range bad {
		t.Run(name, func(t *testing.T) {
			s, g := newDesk(t)
			_, err := g.Give(context.Background(), order(c.edit), noon)
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, []any{fault.KindInvalid, c.field}, []any{e.Kind, e.Field})
			assert.Zero(t, s.commits)
		})
	}
}

func TestMostCreditsOfOneGrantAreGiven(t *testing.T) {
	s, g := newDesk(t)
	give(t, g, order(func(o *grant.Order) { o.Credits = grant.MaxCredits }), noon)
	assert.Equal(t, grant.MaxCredits, s.wallet.Available(noon))
}

func TestGrantPaysADebtFirst(t *testing.T) {
	s, g := newDesk(t)
	s.wallet = ledger.Wallet{Customer: "alice", Debts: []ledger.Debt{{Payment: "pi_1", Credits: 20}}}
	given := give(t, g, order(), noon)
	assert.Equal(t, ledger.Credits(10), given.Lot.Remaining)
	assert.Equal(t, []ledger.Credits{10, 0}, []ledger.Credits{s.wallet.Available(noon), s.wallet.Owed()})
}

func TestRivalCommitIsReadAgainAndContentionIsBusy(t *testing.T) {
	s, g := newDesk(t)
	s.rivals = 3
	give(t, g, order(), noon)
	assert.Equal(t, 1, s.commits)
	s.rivals = 1000
	_, err := g.Give(context.Background(), order(func(o *grant.Order) { o.Key = "k2" }), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}
