package outage_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/todo"
)

// deliver hands over one message of the run, and reports whether there was one.
func (s *store) deliver(t require.TestingT, now time.Time) bool {
	if len(s.started) == 0 {
		return false
	}
	first := s.started[0]
	s.started = s.started[1:]
	require.NoError(t, s.runner().Run(context.Background(), outage.ID(first.Outage), first.Page, now))
	return true
}

// starts declares an outage and starts its run.
func (s *store) starts(t *testing.T) outage.Outage {
	t.Helper()
	started, begun, err := s.starter().Start(t.Context(), s.declares(t).ID, outage.GiveMoney, "operator", declaredAt.Add(hour))
	require.NoError(t, err)
	require.False(t, begun)
	return started
}

func (s *store) askedAbout() (ids []string) {
	for _, request := range s.requests {
		ids = append(ids, request.Payment)
	}
	return ids
}

func TestARunAsksAboutEachAffectedPurchasePageByPage(t *testing.T) {
	s := newStore(t)
	s.buys(120)
	started := s.starts(t)
	assert.Equal(t, &outage.Run{Give: outage.GiveMoney, StartedAt: declaredAt.Add(hour), By: "operator", Page: 1}, started.Run)
	look := declaredAt.Add(todo.Resend) // at the claims that wait
	assert.Equal(t, todo.List{todo.StepRun: declaredAt.Add(hour).Add(todo.Resend), todo.StepClaims: look}, started.Todo)
	var progress []int
	later := declaredAt.Add(2 * hour)
	for s.deliver(t, later) {
		o := s.find(started.ID)
		progress = append(progress, o.Run.Seen)
		if o.Run.DoneAt.IsZero() {
			assert.Equal(t, todo.List{todo.StepRun: later.Add(todo.Resend), todo.StepClaims: look}, o.Todo)
		}
		later = later.Add(time.Minute)
	}
	assert.Equal(t, []int{50, 100, 120}, progress)
	done := s.find(started.ID)
	assert.Equal(t, declaredAt.Add(2*hour+2*time.Minute), done.Run.DoneAt)
	assert.Equal(t, todo.List{todo.StepClaims: look}, done.Todo)
	assert.ElementsMatch(t, s.affected(), s.askedAbout())
	assert.Equal(t, len(s.affected()), done.Run.Requested)
	assert.Equal(t, message.NewOutageRequested(string(started.ID), s.requests[0].Payment), s.requests[0])
}

func TestASecondRunIsTheFirst(t *testing.T) {
	s := newStore(t)
	s.buys(60)
	started := s.starts(t)
	again, begun, err := s.starter().Start(t.Context(), started.ID, outage.GiveMoney, "operator", declaredAt.Add(2*hour))
	require.NoError(t, err)
	assert.True(t, begun)
	assert.Equal(t, started.Run, again.Run)
	require.Equal(t, []message.OutageStarted{message.NewOutageStarted(string(started.ID), 1), message.NewOutageStarted(string(started.ID), 1)}, s.started)
	for s.deliver(t, declaredAt.Add(2*hour)) {
	}
	assert.Equal(t, 60, s.find(started.ID).Run.Seen)
	assert.Len(t, s.requests, len(s.affected()), "the second message found its page done")

	over, begun, err := s.starter().Start(t.Context(), started.ID, outage.GiveMoney, "operator", declaredAt.Add(3*hour))
	require.NoError(t, err)
	assert.True(t, begun)
	assert.False(t, over.Run.DoneAt.IsZero())
	assert.Empty(t, s.started)
}

func TestARunIsJudgedByItsStartHoweverLateAPageComes(t *testing.T) {
	for started, asked := range map[time.Duration]bool{24 * hour: false, 24*hour + tick: true} {
		s := newStore(t)
		s.buys(10)
		open := s.declares(t, func(d *outage.Declaration) { d.EndedAt = nil })
		_, _, err := s.starter().Start(t.Context(), open.ID, outage.GiveMoney, "operator", noon.Add(started))
		require.NoError(t, err)
		s.deliver(t, noon.Add(100*hour))
		assert.Equal(t, asked, len(s.requests) > 0, started)
	}
}

func TestARunThatGivesOtherwiseIsRefused(t *testing.T) {
	gives := []outage.Give{"", outage.GiveMoney, outage.GiveCredits}
	for _, first := range gives {
		s := newStore(t)
		s.buys(3)
		declared := s.declares(t)
		for _, give := range append([]outage.Give{first}, gives...) {
			started, begun, err := s.starter().Start(t.Context(), declared.ID, give, "operator", declaredAt)
			assert.Equal(t, first, s.find(declared.ID).Run.Give)
			if give != first {
				require.Error(t, err)
				assert.Equal(t, []any{fault.KindConflict, outage.CodeRunStarted}, []any{fault.KindOf(err), fault.CodeOf(err)})
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, []any{first, begun}, []any{started.Run.Give, begun})
		}
	}
}

func TestAnOfferIsOneForAPurchaseAndTheBeginningOfItsDowntime(t *testing.T) {
	id := outage.NewOfferID("alice", "pi_1", noon)
	parsed, err := outage.ParseOfferID(string(id))
	require.NoError(t, err)
	assert.Equal(t, id, parsed)
	assert.Equal(t, ledger.CustomerID("alice").Key(), id.CustomerKey())
	assert.NotEqual(t, id, outage.NewOfferID("alice", "pi_2", noon))
	assert.NotEqual(t, id, outage.NewOfferID("alice", "pi_1", noon.Add(tick)))
	for _, bad := range []string{"", "off_1", "out_" + string(id)[4:]} {
		_, err := outage.ParseOfferID(bad)
		require.Error(t, err, bad)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), bad)
	}
}

func TestWhatNobodyDeclaredOrStartedIsNotRun(t *testing.T) {
	s := newStore(t)
	_, _, err := s.starter().Start(t.Context(), "out_nothing", outage.GiveMoney, "operator", declaredAt)
	require.Error(t, err)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
	err = s.runner().Run(t.Context(), "out_nothing", 0, declaredAt)
	require.Error(t, err)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
	s.buys(5)
	declared := s.declares(t)
	require.NoError(t, s.runner().Run(t.Context(), declared.ID, 0, declaredAt))
	assert.Empty(t, s.requests)
	assert.Nil(t, s.find(declared.ID).Run)
}

func TestAPageThatAnotherMessageDidIsLeftToIt(t *testing.T) {
	s := newStore(t)
	s.buys(120)
	started := s.starts(t)
	s.started = nil
	s.meanwhile = func() { require.NoError(t, s.runner().Run(context.Background(), started.ID, 1, declaredAt)) }
	require.NoError(t, s.runner().Run(t.Context(), started.ID, 1, declaredAt))
	assert.Equal(t, []message.OutageStarted{message.NewOutageStarted(string(started.ID), 2)}, s.started, "one asks for the next")
	assert.Equal(t, 50, s.find(started.ID).Run.Seen)
}

func TestAPageIsNotedThoughTheOutageWasLookedAtMeanwhile(t *testing.T) {
	s := newStore(t)
	s.buys(120)
	started := s.starts(t)
	s.started = nil
	s.meanwhile = func() {
		looked, done := s.find(started.ID).Looked(declaredAt.Add(todo.Resend))
		require.True(t, done)
		require.NoError(t, s.CommitOutage(context.Background(), looked))
	}
	require.NoError(t, s.runner().Run(t.Context(), started.ID, 1, declaredAt))
	assert.Equal(t, []message.OutageStarted{message.NewOutageStarted(string(started.ID), 2)}, s.started)
	stands := s.find(started.ID)
	assert.Equal(t, 50, stands.Run.Seen)
	assert.Equal(t, todo.List{todo.StepRun: declaredAt.Add(todo.Resend)}, stands.Todo, "looked at it stays")
}

func TestAPageWhoseNoteGotNoAnswerGoesOn(t *testing.T) {
	s := newStore(t)
	s.buys(60)
	started := s.starts(t)
	s.started = nil
	s.meanwhile = func() {
		fates := []fate{fateLost}
		s.cut = func() (next fate) {
			if len(fates) > 0 {
				next, fates = fates[0], nil
			}
			return next
		}
	}
	require.NoError(t, s.runner().Run(t.Context(), started.ID, 1, declaredAt))
	assert.Equal(t, []message.OutageStarted{message.NewOutageStarted(string(started.ID), 2)}, s.started)
}

func TestAPageIsNotedOnlyWhenAllItsDecisionsAreAskedFor(t *testing.T) {
	s := newStore(t)
	s.buys(10)
	started := s.starts(t)
	s.started = nil
	for n := range 4 { // found, the others, payments, wallets: then the requests
		calls := 0
		s.cut = func() fate {
			if calls++; calls == 5+n {
				return fateKilled
			}
			return fateNone
		}
		require.ErrorIs(t, s.runner().Run(t.Context(), started.ID, 1, declaredAt), errKilled)
		assert.Equal(t, 1, s.find(started.ID).Run.Page)
	}
}

// world is a run among crashes: its queue repeats and reorders messages, and a sweep puts back what
// is overdue.
type world struct {
	*store
	*rapid.T
	now    time.Time
	id     outage.ID
	faults int // that are left
}

// fate draws what befalls a call, as long as faults are left.
func (w *world) fate() fate {
	if w.faults == 0 || rapid.IntRange(0, 9).Draw(w.T, "well") > 0 {
		return fateNone
	}
	w.faults--
	return rapid.SampledFrom([]fate{fateBusy, fateLost, fateKilled, fateKilled, fateGone, fateGone}).Draw(w.T, "fate")
}

// step delivers one of the messages that wait, and keeps it where it failed or is to come twice;
// when none waits, a minute passes.
func (w *world) step() {
	for _, request := range w.requests {
		if rapid.IntRange(0, 3).Draw(w.T, "decided") == 0 {
			w.given[request.Payment] = true
		}
	}
	if rapid.IntRange(0, 9).Draw(w.T, "looked") == 0 {
		looked, _ := w.find(w.id).Looked(w.now)
		_ = w.CommitOutage(context.Background(), looked)
	}
	if len(w.started) == 0 {
		w.now = w.now.Add(2 * todo.Resend)
		if o := w.find(w.id); o.Todo.Has(todo.StepRun) && !o.Todo[todo.StepRun].After(w.now) {
			w.started = append(w.started, message.NewOutageStarted(string(w.id), 0))
		}
		return
	}
	n := rapid.IntRange(0, len(w.started)-1).Draw(w.T, "message")
	taken := w.started[n]
	w.started = slices.Delete(w.started, n, n+1)
	err := w.runner().Run(context.Background(), w.id, taken.Page, w.now)
	if w.faults > 0 && (err != nil || rapid.IntRange(0, 4).Draw(w.T, "twice") == 0) {
		w.started = append(w.started, taken)
	}
}

func TestARunAmongCrashesAsksAboutAllAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStore(t)
		s.buys(rapid.IntRange(0, 230).Draw(t, "payments"))
		declared, _, err := s.declarer().Declare(context.Background(), declaration(), declaredAt)
		require.NoError(t, err)
		w := &world{store: s, T: t, now: declaredAt, id: declared.ID, faults: rapid.IntRange(0, 12).Draw(t, "faults")}
		s.cut = w.fate
		for err = errKilled; err != nil; { // staff press again
			_, _, err = s.starter().Start(context.Background(), declared.ID, outage.GiveMoney, "operator", w.now)
		}
		steps := 0
		for ; len(s.started) > 0 || s.find(declared.ID).Todo != nil; steps++ {
			require.Less(t, steps, 400, "run for ever")
			w.step()
		}
		done := s.find(declared.ID)
		require.False(t, done.Run.DoneAt.IsZero())
		require.Equal(t, len(s.payments), done.Run.Seen, "each page counts once")
		require.Equal(t, len(s.affected()), done.Run.Requested)
		asked := s.askedAbout()
		slices.Sort(asked)
		require.Equal(t, s.affected(), slices.Compact(asked))
	})
}

func TestDuplicatesDoNotForkTheRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStore(t)
		s.buys(400) // eight pages
		declared, _, err := s.declarer().Declare(context.Background(), declaration(), declaredAt)
		require.NoError(t, err)
		_, _, err = s.starter().Start(context.Background(), declared.ID, outage.GiveMoney, "operator", declaredAt)
		require.NoError(t, err)
		var sent []message.OutageStarted
		for len(s.started) > 0 {
			require.Len(t, s.started, 1, "one message goes on")
			sent = append(sent, s.started[0])
			for range rapid.IntRange(0, 3).Draw(t, "repeats") {
				s.started = append(s.started, rapid.SampledFrom(sent).Draw(t, "repeat"))
			}
			for range len(s.started) {
				s.deliver(t, declaredAt)
			}
		}
		require.Len(t, sent, 8)
		require.Len(t, s.requests, len(s.affected()))
	})
}
