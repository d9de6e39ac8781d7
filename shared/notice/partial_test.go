package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// studio is a store with one generation beside the world's wallet.
type studio struct {
	*world
	made    generation.Generation
	marked  int
	follows string
}

func (s *studio) FindGeneration(_ context.Context, id generation.ID) (*generation.Generation, error) {
	if err := s.fault(); err != nil || s.made.ID != id {
		return nil, err
	}
	found := s.made
	return &found, nil
}

func (s *studio) MarkPartialNotified(context.Context, generation.ID) error {
	if err := s.fault(); err != nil {
		return err
	}
	s.marked++
	s.made.Todo = nil
	return nil
}

// partial returns a store with a generation of which one output of four came, for 4 credits each,
// and whose notice is owed.
func partial(t *testing.T) *studio {
	t.Helper()
	return &studio{world: approved(t, "photoroom"), follows: "photoroom", made: generation.Generation{
		ID: generation.NewID("alice", "app", "key"), Customer: "alice", Reference: "job-17", Outputs: 4, Price: 16,
		State: generation.StateCaptured, Captured: 4, Released: 12, RecordedAt: noon.Add(-time.Minute),
		Result: &generation.Result{Status: generation.StatusSucceeded, Outputs: make([]generation.Output, 1)},
		Todo:   todo.List{todo.StepNotice: noon},
	}}
}

func (s *studio) tell(t *testing.T) error {
	t.Helper()
	teller := notice.Notifier{Store: s, Generations: s, Policies: policy.Published, InForce: follows(s.follows), Webhook: s, Mailer: s}
	return teller.NotifyPartial(t.Context(), message.NewGenerationPartial(string(s.made.ID)), noon)
}

func TestTheAppIsToldOnceThatNotAllOutputsCame(t *testing.T) {
	s := partial(t)
	for range 3 {
		require.NoError(t, s.tell(t))
	}
	body, err := json.Marshal(map[string]any{
		"type": "generation.partial", "timestamp": "2026-03-01T11:59:00.000Z",
		"data": map[string]any{
			"generation": s.made.ID, "customer": "alice", "reference": "job-17", "outputs": 4, "came": 1, "charged": 4, "released": 12,
			"words": "1 of 4 results came. You weren't charged the 12 AI credits for the rest.", "balance": map[string]any{"available": 7, "owed": 0},
		},
	})
	require.NoError(t, err)
	require.Len(t, s.posted, 1)
	id := string(s.made.ID) + ".generation.partial "
	require.Equal(t, id, s.posted[0][:len(id)])
	assert.JSONEq(t, string(body), s.posted[0][len(id):])
	assert.Equal(t, 1, s.marked)
	assert.Empty(t, s.mails)
}

func TestAPartThatWasFreeSaysNothingOfCharges(t *testing.T) {
	s := partial(t)
	s.made.Price, s.made.Captured, s.made.Released, s.made.Reference = 0, 0, 0, ""
	require.NoError(t, s.tell(t))
	assert.Contains(t, s.posted[0], `"words":"1 of 4 results came."`)
	assert.NotContains(t, s.posted[0], "reference")
}

func TestWhereNothingCameNothingWasCharged(t *testing.T) {
	s := partial(t)
	s.made.State, s.made.Captured, s.made.Released = generation.StateReleased, 0, 16
	s.made.Result.Outputs = []generation.Output{}
	require.NoError(t, s.tell(t))
	assert.Contains(t, s.posted[0], `"came":0,"charged":0,"released":16,"words":"No result came, so you weren't charged."`)
}

func TestAPartIsToldInTheWordsOfThePolicyThatTheStackFollows(t *testing.T) {
	s := partial(t)
	s.follows = "popcustoms"
	require.NoError(t, s.tell(t))
	assert.Contains(t, s.posted[0], `"words":"1 of 4 images came. You weren't charged the 0.0012 USD for the rest."`)
}

func TestAPartThatWasNotTakenIsStillOwed(t *testing.T) {
	s := partial(t)
	s.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, s.tell(t), s.answer)
	assert.Zero(t, s.marked)
	s.answer = fmt.Errorf("%w: the receiver answered 410", notice.ErrGone)
	require.NoError(t, s.tell(t))
	assert.Equal(t, 1, s.marked, "a receiver that is gone counts as told")
	assert.Equal(t, s.posted[0], s.posted[1])
}

func TestWithoutAServerAPartIsMarkedOnly(t *testing.T) {
	s := partial(t)
	s.faults = []error{fault.Busy(nil), nil, fault.Busy(nil)}
	require.NoError(t, notice.Notifier{Store: s, Generations: s}.NotifyPartial(t.Context(), message.NewGenerationPartial(string(s.made.ID)), noon))
	assert.Empty(t, s.posted)
	assert.Equal(t, 1, s.marked)
}

func TestAPartOfNobodyIsNotFound(t *testing.T) {
	s := partial(t)
	for _, id := range []string{"", "cas_1", string(generation.NewID("bob", "app", "key"))} {
		err := notice.Notifier{Store: s, Generations: s, Webhook: s}.NotifyPartial(t.Context(), message.NewGenerationPartial(id), noon)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
	assert.Empty(t, s.posted)
}
