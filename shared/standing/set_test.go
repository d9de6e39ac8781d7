package standing_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// store keeps one customer's standing and every change of it, newest first, as a real store does.
type store struct {
	t       *testing.T
	wallet  ledger.Wallet
	changes []standing.Change
	commits int
	rival   func(*store) // runs once, between a read and its commit
	broken  error
	owed    todo.List // of the newest change
	asked   []string  // the changes that the customer is to be told of
	unsent  error
}

func (s *store) LoadStanding(_ context.Context, customer ledger.CustomerID) (ledger.Wallet, []standing.Change, error) {
	if s.broken != nil {
		return ledger.Wallet{}, nil, s.broken
	}
	wallet := s.wallet
	wallet.Customer = customer
	return wallet, slices.Clone(s.changes[:min(len(s.changes), standing.MaxChanges)]), nil
}

func (s *store) CommitStanding(_ context.Context, read ledger.Wallet, change standing.Change, owed todo.List) error {
	if rival := s.rival; rival != nil {
		s.rival = nil
		rival(s)
	}
	if read.Standing != s.wallet.Standing || read.Recorded != s.wallet.Recorded {
		return fault.Stale(nil)
	}
	for _, other := range s.changes {
		require.NotEqual(s.t, other.At, change.At, "a line of the history is never written over")
	}
	s.wallet.Standing, s.wallet.Recorded = change.Standing, true
	s.changes = append([]standing.Change{change}, s.changes...)
	s.commits++
	s.owed = owed
	return nil
}

// NotifyStanding implements standing.Notices.
func (s *store) NotifyStanding(_ context.Context, changed message.StandingChanged) error {
	s.asked = append(s.asked, changed.Change)
	return s.unsent
}

func newDesk(t *testing.T) (*store, standing.Setter) {
	s := &store{t: t}
	return s, standing.Setter{Store: s, Notices: s}
}

func TestACustomerNobodyJudgedIsInGoodStanding(t *testing.T) {
	_, desk := newDesk(t)
	found, err := desk.Find(context.Background(), "alice")
	require.NoError(t, err)
	assert.Equal(t, standing.Standing{Customer: "alice", Standing: ledger.StandingGood}, found)
}

func TestAStandingIsSetBeforeAnyWalletExistsAndTheHistorySaysWhy(t *testing.T) {
	s, desk := newDesk(t)
	restricted, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingRestricted, Note: " forty reports in a day\n", By: "ann"}, noon)
	require.NoError(t, err)
	assert.Equal(t, standing.Standing{Customer: "alice", Standing: ledger.StandingRestricted, History: []standing.Change{
		{At: noon, Standing: ledger.StandingRestricted, Note: "forty reports in a day", By: "ann"},
	}}, restricted)

	lifted, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingGood, Note: "they explained", By: "ann"}, noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, ledger.StandingGood, lifted.Standing)
	assert.Equal(t, []standing.Change{
		{At: noon.Add(time.Hour), Standing: ledger.StandingGood, Note: "they explained", By: "ann"},
		{At: noon, Standing: ledger.StandingRestricted, Note: "forty reports in a day", By: "ann"},
	}, lifted.History)
	found, err := desk.Find(context.Background(), "alice")
	require.NoError(t, err)
	assert.Equal(t, lifted, found)
	assert.Equal(t, 2, s.commits)
}

func TestARepeatedChangeIsNotWrittenAgainAndAnotherNoteOrAnothersWordIs(t *testing.T) {
	s, desk := newDesk(t)
	first, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "resold pictures", By: "ann"}, noon)
	require.NoError(t, err)
	again, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "resold pictures", By: "ann"}, noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Equal(t, 1, s.commits)
	noted, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "and asked again", By: "ann"}, noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, []standing.Change{
		{At: noon.Add(time.Hour), Standing: ledger.StandingTerminated, Note: "and asked again", By: "ann"},
		{At: noon, Standing: ledger.StandingTerminated, Note: "resold pictures", By: "ann"},
	}, noted.History)
	agreed, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "and asked again", By: "bea"}, noon.Add(2*time.Hour))
	require.NoError(t, err)
	assert.Equal(t, "bea", agreed.History[0].By)
}

func TestTheOtherOfTwoWhoSetItAtOnceIsTriedAgainOnWhatStandsThen(t *testing.T) {
	s, desk := newDesk(t)
	s.rival = func(s *store) {
		s.wallet.Standing, s.wallet.Recorded = ledger.StandingRestricted, true
		s.changes = []standing.Change{{At: noon, Standing: ledger.StandingRestricted, Note: "the rival's", By: "ann"}}
	}
	set, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "mine", By: "ann"}, noon)
	require.NoError(t, err)
	assert.Equal(t, []standing.Change{
		{At: noon.Add(time.Millisecond), Standing: ledger.StandingTerminated, Note: "mine", By: "ann"},
		{At: noon, Standing: ledger.StandingRestricted, Note: "the rival's", By: "ann"},
	}, set.History)

	s.rival = func(s *store) {
		s.wallet.Standing = ledger.StandingGood
		s.changes = append([]standing.Change{{At: noon.Add(time.Hour), Standing: ledger.StandingGood, Note: "late", By: "ann"}}, s.changes...)
	}
	again, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingGood, Note: "late", By: "ann"}, noon.Add(time.Hour))
	require.NoError(t, err)
	assert.Len(t, again.History, 3, "the rival had set it, and noted the same")
}

func TestAChangeHasAnInstantOfItsOwnThoughAClockLags(t *testing.T) {
	_, desk := newDesk(t)
	_, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingRestricted, Note: "a", By: "ann"}, noon)
	require.NoError(t, err)
	set, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingGood, Note: "b", By: "ann"}, noon.Add(-time.Hour))
	require.NoError(t, err)
	assert.Equal(t, noon.Add(time.Millisecond), set.History[0].At)
	set, err = desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "c", By: "ann"}, noon.Add(time.Hour+time.Microsecond).In(time.FixedZone("", 3600)))
	require.NoError(t, err)
	assert.Equal(t, noon.Add(time.Hour), set.History[0].At, "whole milliseconds in UTC")
}

func TestOnlyTheNewestChangesAreShown(t *testing.T) {
	_, desk := newDesk(t)
	var set standing.Standing
	for i := range standing.MaxChanges + 2 {
		var err error
		set, err = desk.Set(context.Background(), "alice", standing.Change{Standing: []ledger.Standing{ledger.StandingRestricted, ledger.StandingGood}[i%2], Note: "to and fro", By: "ann"}, noon.Add(time.Duration(i)*time.Second))
		require.NoError(t, err)
	}
	assert.Len(t, set.History, standing.MaxChanges)
	assert.Equal(t, noon.Add((standing.MaxChanges+1)*time.Second), set.History[0].At)
	found, err := desk.Find(context.Background(), "alice")
	require.NoError(t, err)
	assert.Equal(t, set, found)
}

func TestAnUnknownStandingOrNoNoteIsRefusedAndNothingIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		standing ledger.Standing
		note     string
		field    string
	}{
		"no standing":      {"", "why", "standing"},
		"unknown standing": {"banned", "why", "standing"},
		"no note":          {ledger.StandingRestricted, "", "note"},
		"blank note":       {ledger.StandingRestricted, " \n\t", "note"},
		"long note":        {ledger.StandingRestricted, strings.Repeat("é", standing.MaxNote+1), "note"},
	} {
		t.Run(name, func(t *testing.T) {
			s, desk := newDesk(t)
			s.broken = assert.AnError
			_, err := desk.Set(context.Background(), "alice", standing.Change{Standing: c.standing, Note: c.note, By: "ann"}, noon)
			var invalid *fault.Error
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, []any{fault.KindInvalid, c.field}, []any{invalid.Kind, invalid.Field})
		})
	}
	_, desk := newDesk(t)
	_, err := desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingRestricted, Note: strings.Repeat("é", standing.MaxNote), By: "ann"}, noon)
	assert.NoError(t, err, "characters, not bytes")
}

func TestAStoreThatFailsIsNoStanding(t *testing.T) {
	s, desk := newDesk(t)
	s.broken = assert.AnError
	_, err := desk.Find(context.Background(), "alice")
	require.ErrorIs(t, err, assert.AnError)
	_, err = desk.Set(context.Background(), "alice", standing.Change{Standing: ledger.StandingRestricted, Note: "why", By: "ann"}, noon)
	require.ErrorIs(t, err, assert.AnError)
}

func TestACustomerIsToldOfAnotherStandingThanTheOneThatTheyHad(t *testing.T) {
	s, desk := newDesk(t)
	id := func(at time.Time) string { return string(standing.NewID(ledger.CustomerID("alice").Key(), at)) }
	set := func(to ledger.Standing, note string, at time.Time) {
		_, err := desk.Set(t.Context(), "alice", standing.Change{Standing: to, Note: note, By: "ann"}, at)
		require.NoError(t, err)
	}
	set(ledger.StandingGood, "a look", noon)
	assert.Empty(t, s.asked, "nobody judged them, which is good")
	assert.Empty(t, s.owed)
	set(ledger.StandingRestricted, "bots", noon.Add(time.Second))
	assert.Equal(t, []string{id(noon.Add(time.Second))}, s.asked)
	assert.Equal(t, todo.List{todo.StepStand: noon.Add(time.Second + todo.Resend)}, s.owed)
	set(ledger.StandingRestricted, "bots", noon.Add(2*time.Second))
	set(ledger.StandingRestricted, "still bots", noon.Add(3*time.Second))
	assert.Len(t, s.asked, 1, "they stand where they stood")
	assert.Empty(t, s.owed)
	set(ledger.StandingGood, "no bots", noon.Add(4*time.Second))
	assert.Equal(t, id(noon.Add(4*time.Second)), s.asked[1])

	s.unsent = fault.Busy(nil)
	_, err := desk.Set(t.Context(), "alice", standing.Change{Standing: ledger.StandingTerminated, Note: "fraud", By: "ann"}, noon.Add(time.Minute))
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.True(t, s.owed.Has(todo.StepStand), "it is swept")
}

func TestAChangesIDIsReadAsItWasWritten(t *testing.T) {
	key := ledger.CustomerID("alice").Key()
	id := standing.NewID(key, noon)
	parsed, err := standing.ParseID(string(id))
	require.NoError(t, err)
	assert.Equal(t, []any{id, key}, []any{parsed, parsed.CustomerKey()})
	for _, s := range []string{"", "std_", "std_" + key, "std_" + key + "_", "std_" + key + "_1", "off_" + key + "_1772366400000", string(id) + "0", "std_ALICE_1772366400000"} {
		_, err := standing.ParseID(s)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), s)
	}
}
