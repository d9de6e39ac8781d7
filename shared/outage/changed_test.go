package outage_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/todo"
)

func TestTheClaimsAreLookedAtOnEachChangeOfAnOutage(t *testing.T) {
	s := newStore(t)
	looks := func() int {
		n := len(s.changed)
		for _, changed := range s.changed {
			assert.Equal(t, message.NewOutageChanged(string(outage.NewID("staff", "k1"))), changed)
		}
		s.changed = nil
		return n
	}
	id := s.declares(t).ID
	assert.Equal(t, 1, looks())
	owes := func() todo.List { return s.find(id).Todo }
	assert.Equal(t, todo.List{todo.StepClaims: declaredAt.Add(todo.Resend)}, owes())

	_, replayed, err := s.declarer().Declare(t.Context(), declaration(), declaredAt.Add(hour))
	require.NoError(t, err)
	assert.True(t, replayed)
	assert.Equal(t, 1, looks(), "a repeat asks again while the look is owed")

	looked, done := s.find(id).Looked(declaredAt.Add(todo.Resend - tick))
	assert.False(t, done, "what was being decided at the change may not be over")
	assert.Equal(t, *s.find(id), looked)
	looked, done = s.find(id).Looked(declaredAt.Add(todo.Resend))
	assert.True(t, done)
	assert.Empty(t, looked.Todo)
	require.NoError(t, s.CommitOutage(t.Context(), looked))
	_, _, err = s.declarer().Declare(t.Context(), declaration(), declaredAt.Add(hour))
	require.NoError(t, err)
	_, err = s.declarer().Correct(t.Context(), id, declaration(), declaredAt.Add(hour))
	require.NoError(t, err)
	assert.Zero(t, looks(), "it is over, and nothing changed")
	_, done = s.find(id).Looked(declaredAt.Add(1000 * hour))
	assert.False(t, done)

	corrected := declaration(func(d *outage.Declaration) { d.EndedAt = nil })
	for range 2 {
		_, err = s.declarer().Correct(t.Context(), id, corrected, declaredAt.Add(2*hour))
		require.NoError(t, err)
		assert.Equal(t, 1, looks())
		assert.Equal(t, todo.List{todo.StepClaims: declaredAt.Add(2*hour + todo.Resend)}, owes())
	}
	_, done = s.find(id).Looked(declaredAt.Add(2*hour + todo.Resend - tick))
	assert.False(t, done, "corrected since")
	for range 2 {
		_, err = s.declarer().Withdraw(t.Context(), id, "ann", declaredAt.Add(3*hour))
		require.NoError(t, err)
		assert.Equal(t, 1, looks())
		assert.Equal(t, todo.List{todo.StepClaims: declaredAt.Add(3*hour + todo.Resend)}, owes())
	}
	_, done = s.find(id).Looked(declaredAt.Add(3*hour + todo.Resend - tick))
	assert.False(t, done, "withdrawn since")
}
