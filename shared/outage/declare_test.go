package outage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/outage"
)

func TestADeclarationIsRecordedOnceWithAnEstimate(t *testing.T) {
	s := newStore(t)
	s.buys(250)
	first := s.declares(t, func(d *outage.Declaration) { d.Features = []string{"upscale", "recolor", "upscale"} })
	affected := s.affected()
	require.NotEmpty(t, affected)
	assert.Equal(t, []string{"recolor", "upscale"}, first.Features)
	assert.Equal(t, declaredAt, first.DeclaredAt)
	preview := first.Preview
	assert.Equal(t, len(affected), preview.Purchases)
	assert.EqualValues(t, 10*len(affected), preview.Unspent)
	require.Len(t, preview.Money, 2)
	assert.Equal(t, []string{"EUR", "USD"}, []string{preview.Money[0].Currency, preview.Money[1].Currency})
	assert.EqualValues(t, 250*len(affected), preview.Money[0].Minor+preview.Money[1].Minor)
	assert.True(t, preview.Complete)
	assert.Nil(t, first.Run, "nothing is given by declaring")

	reads := s.reads
	for range 2 {
		again, replayed, err := s.declarer().Declare(t.Context(), declaration(func(d *outage.Declaration) { d.Features = []string{"recolor", "upscale"} }), declaredAt.Add(hour))
		require.NoError(t, err)
		first.Version = again.Version
		assert.Equal(t, first, again)
		assert.True(t, replayed)
	}
	assert.Equal(t, reads, s.reads, "a replay counts nothing again")
	assert.Empty(t, s.requests)
}

func TestAnEstimateOfTooManyPurchasesSaysSo(t *testing.T) {
	for count, complete := range map[int]bool{0: true, 1000: true, 1001: false} {
		s := newStore(t)
		s.buys(count)
		preview := s.declares(t).Preview
		assert.Equal(t, complete, preview.Complete, count)
		assert.LessOrEqual(t, s.reads, 10)
		if count == 1000 {
			assert.Equal(t, len(s.affected()), preview.Purchases)
		}
	}
}

func TestAnEstimateCountsOutagesThatTouch(t *testing.T) {
	s := newStore(t)
	s.buys(10)
	half := noon.Add(12 * hour)
	first := s.declares(t, func(d *outage.Declaration) { d.EndedAt = &half })
	assert.Zero(t, first.Preview.Purchases)
	second := s.declares(t, func(d *outage.Declaration) { d.StartedAt, d.Key = half, "k2" })
	assert.Equal(t, len(s.affected()), second.Preview.Purchases)
}

func TestAKeyIsOfOneDeclaration(t *testing.T) {
	for name, edit := range map[string]func(*outage.Declaration){
		"started_at":    func(d *outage.Declaration) { d.StartedAt = d.StartedAt.Add(tick) },
		"ended_at":      func(d *outage.Declaration) { d.EndedAt = nil },
		"features":      func(d *outage.Declaration) { d.Features = []string{"upscale"} },
		"prevented_use": func(d *outage.Declaration) { d.PreventedUse = false },
	} {
		s := newStore(t)
		s.declares(t)
		_, _, err := s.declarer().Declare(t.Context(), declaration(edit), declaredAt)
		require.Error(t, err, name)
		assert.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), name)
	}
	s := newStore(t)
	s.declares(t)
	s.declares(t, func(d *outage.Declaration) { d.Principal = "another" })
	assert.Len(t, s.outages, 2)
}

func TestADeclarationThatMeansNothingIsRefusedByItsField(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		edit  func(*outage.Declaration)
	}{
		"no start":             {"started_at", func(d *outage.Declaration) { d.StartedAt = time.Time{} }},
		"long before":          {"started_at", func(d *outage.Declaration) { d.StartedAt = time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC) }},
		"a start to come":      {"started_at", func(d *outage.Declaration) { d.StartedAt, d.EndedAt = declaredAt.Add(300*time.Second+tick), nil }},
		"no time":              {"ended_at", func(d *outage.Declaration) { d.EndedAt = &d.StartedAt }},
		"less than the ledger": {"ended_at", func(d *outage.Declaration) { end := d.StartedAt.Add(tick - 1); d.EndedAt = &end }},
		"the zero end":         {"ended_at", func(d *outage.Declaration) { d.EndedAt = &time.Time{} }},
		"an end past all years": {"ended_at", func(d *outage.Declaration) {
			end := time.Date(9999, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600))
			d.EndedAt = &end
		}},
		"an unknown feature": {"features", func(d *outage.Declaration) { d.Features = []string{"upscale", "sing"} }},
		"many features":      {"features", func(d *outage.Declaration) { d.Features = make([]string, 21) }},
	} {
		s := newStore(t)
		_, _, err := s.declarer().Declare(t.Context(), declaration(c.edit), declaredAt)
		var e *fault.Error
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, []any{fault.KindInvalid, c.field}, []any{e.Kind, e.Field}, name)
		assert.Empty(t, s.outages, name)
	}
	s := newStore(t)
	s.declares(t, func(d *outage.Declaration) { d.StartedAt, d.EndedAt = declaredAt.Add(300*time.Second), nil })
	s.declares(t, func(d *outage.Declaration) { d.Features, d.Key = slices.Repeat([]string{"upscale"}, 20), "k2" })
}

func TestAnAnswerThatWasLostIsFoundAgain(t *testing.T) {
	s := newStore(t)
	s.buys(10)
	calls := 0
	s.cut = func() fate {
		if calls++; calls == 5 { // found none, no others, payments, wallets: created
			return fateLost
		}
		return fateNone
	}
	declared, _, err := s.declarer().Declare(t.Context(), declaration(), declaredAt)
	require.NoError(t, err)
	assert.Len(t, s.outages, 1)
	assert.Equal(t, len(s.affected()), declared.Preview.Purchases)
	s.cut = func() fate { return fateBusy }
	_, _, err = s.declarer().Declare(t.Context(), declaration(), declaredAt)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestWhatIsNoIDNamesNoOutage(t *testing.T) {
	id := outage.NewID("staff", "k1")
	parsed, err := outage.ParseID(string(id))
	require.NoError(t, err)
	assert.Equal(t, id, parsed)
	for _, bad := range []string{"", "out_", string(id) + "a", "cas_" + string(id)[4:], "out_ABCDEFGHIJKLMNOPQRST"} {
		_, err := outage.ParseID(bad)
		require.Error(t, err, bad)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), bad)
	}
}
