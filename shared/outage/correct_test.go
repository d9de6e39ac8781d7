package outage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/outage"
)

func TestWhatBeganLongAgoOrLastsLongIsToBeConfirmed(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		began, lasts time.Duration // before the declaration; lasts 0: it goes on
		confirm      bool
	}{
		"90 days ago":              {90 * day, time.Hour, false},
		"more than 90 days ago":    {90*day + tick, time.Hour, true},
		"30 days long":             {60 * day, 30 * day, false},
		"longer than 30 days":      {60 * day, 30*day + tick, true},
		"goes on for 30 days":      {30 * day, 0, false},
		"goes on for over 30 days": {30*day + tick, 0, true},
	} {
		edit := func(d *outage.Declaration) {
			d.StartedAt, d.EndedAt = declaredAt.Add(-c.began), nil
			if c.lasts > 0 {
				ends := d.StartedAt.Add(c.lasts)
				d.EndedAt = &ends
			}
		}
		s := newStore(t)
		_, _, err := s.declarer().Declare(t.Context(), declaration(edit), declaredAt)
		if !c.confirm {
			require.NoError(t, err, name)
			continue
		}
		require.Error(t, err, name)
		assert.Equal(t, []any{fault.KindConflict, outage.CodeConfirm}, []any{fault.KindOf(err), fault.CodeOf(err)}, name)
		assert.Empty(t, s.outages)
		confirmed := declaration(edit)
		confirmed.Confirm = true
		_, _, err = s.declarer().Declare(t.Context(), confirmed, declaredAt)
		require.NoError(t, err, name)

		fine := s.declares(t, func(d *outage.Declaration) { d.Key = "k2" })
		_, err = s.declarer().Correct(t.Context(), fine.ID, declaration(edit), declaredAt)
		assert.Equal(t, outage.CodeConfirm, fault.CodeOf(err), name)
		_, err = s.declarer().Correct(t.Context(), fine.ID, confirmed, declaredAt)
		require.NoError(t, err, name)
	}
}

func TestAWithdrawnOutageCountsAsNeverDeclared(t *testing.T) {
	s := newStore(t)
	s.buys(10)
	half := noon.Add(12 * hour)
	first := s.declares(t, func(d *outage.Declaration) { d.EndedAt = &half })
	defer func() {
		again, replayed, err := s.declarer().Declare(t.Context(), declaration(func(d *outage.Declaration) { d.EndedAt = &half }), declaredAt)
		require.NoError(t, err)
		assert.Equal(t, []any{true, time.Time{}, ""}, []any{replayed, again.WithdrawnAt, again.WithdrawnBy}, "its first answer")
	}()
	require.NotEmpty(t, outage.Met([]outage.Outage{first}, "", noon.Add(-hour), declaredAt))
	for range 2 {
		withdrawn, err := s.declarer().Withdraw(t.Context(), first.ID, "ann", declaredAt)
		require.NoError(t, err)
		assert.Equal(t, []any{declaredAt, "ann"}, []any{withdrawn.WithdrawnAt, withdrawn.WithdrawnBy})
	}
	for _, named := range []outage.ID{"", first.ID} {
		assert.Empty(t, outage.Met([]outage.Outage{*s.find(first.ID)}, named, noon.Add(-hour), declaredAt))
	}
	second := s.declares(t, func(d *outage.Declaration) { d.StartedAt, d.Key = half, "k2" })
	assert.Zero(t, second.Preview.Purchases, "it joins nothing")
	_, _, err := s.starter().Start(t.Context(), second.ID, outage.GiveMoney, "operator", declaredAt)
	require.NoError(t, err)
	for s.deliver(t, declaredAt) {
	}
	assert.Empty(t, s.requests, "its run neither")
	_, err = s.declarer().Withdraw(t.Context(), "out_nothing", "ann", declaredAt)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestACorrectionOfAnyPartIsOneAndTheDeclarationKeepsItsFirstAnswer(t *testing.T) {
	s := newStore(t)
	first := s.declares(t)
	at := declaredAt
	edits := []func(*outage.Declaration){
		func(d *outage.Declaration) { d.StartedAt = noon.Add(-hour) },
		func(d *outage.Declaration) { d.EndedAt = nil },
		func(d *outage.Declaration) { d.Features = []string{"upscale"} },
		func(d *outage.Declaration) { d.PreventedUse = false },
	}
	for n := range edits {
		at = at.Add(time.Minute)
		said := declaration(edits[:n+1]...)
		corrected, err := s.declarer().Correct(t.Context(), first.ID, said, at)
		require.NoError(t, err)
		assert.Equal(t, at, corrected.CorrectedAt, "correction %d", n)
		assert.Equal(t, []any{said.StartedAt, said.PreventedUse, said.EndedAt == nil}, []any{corrected.StartedAt, corrected.PreventedUse, corrected.EndedAt.IsZero()})
		again, err := s.declarer().Correct(t.Context(), first.ID, said, at.Add(time.Second))
		require.NoError(t, err)
		assert.Equal(t, at, again.CorrectedAt, "it is so already")
	}
	declared, replayed, err := s.declarer().Declare(t.Context(), declaration(), at)
	require.NoError(t, err)
	assert.True(t, replayed)
	declared.Version, declared.Todo, first.Todo = first.Version, nil, nil
	assert.Equal(t, first, declared)
}
