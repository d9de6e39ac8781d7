package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// hesitant returns an approval that its giver may take back.
func (w *World) hesitant(by string) refund.RulingOrder {
	order := w.ruling(policy.OutcomeApproved)
	order.By, order.Principal, order.TakeBack = by, "staff:"+by, true
	return order
}

func (w *World) takeBack(id refund.CaseID, order refund.RulingOrder) (refund.Opened, error) {
	of := refund.TakeBackOrder{By: order.By, Principal: order.Principal, Key: order.Key}
	return commanded(w, "take back", asOpened, func() (refund.Opened, error) { return w.Reviewer().TakeBack(w.ctx(), id, of, w.Now) })
}

var takeBackStories = map[string]func(*testing.T, *World){
	"a ruling that may be taken back is carried out when that time is over, and not before": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		order := w.hesitant("ann")
		_, err := w.rule(id, order)
		require.NoError(t, err)
		require.Empty(t, w.Waiting(10, alice), "it is ruled on")
		require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(id), w.Now) }))
		w.WantAvailable(alice, 0)
		require.Equal(t, refund.StateInReview, w.CaseOf(id).State)
		_, err = w.rule(id, w.hesitant("bob"))
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err), "the first ruling stands while it waits")
		w.Pass(refund.TakeBackWindow)
		_, err = w.takeBack(id, order)
		require.Equal(t, refund.CodeTakeBackLate, fault.CodeOf(err), "its time is over, though nobody carried it out yet")
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
		_, err = w.takeBack(id, order)
		require.Equal(t, refund.CodeTakeBackLate, fault.CodeOf(err))
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"a case whose ruling was taken back waits as before, and keeps what was ruled": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		before, order := w.CaseOf(id), w.hesitant("ann")
		_, err := w.rule(id, order)
		require.NoError(t, err)
		w.Pass(refund.TakeBackWindow - time.Millisecond)
		stranger := order
		stranger.By = "bob"
		_, err = w.takeBack(id, stranger)
		require.Equal(t, fault.CodeNotFound, fault.CodeOf(err), "it is another's")
		answer, err := w.takeBack(id, order)
		require.NoError(t, err)
		require.Equal(t, refund.StateInReview, answer.State)
		c := w.CaseOf(id)
		require.Equal(t, []any{true, before.ReviewBy}, []any{c.Waiting(), c.ReviewBy})
		require.Equal(t, w.Now, c.Overruled[0].TakenBackAt)
		require.Equal(t, refund.Event{At: w.Now, State: refund.StateInReview, Actor: ledger.ActorStaff, By: "ann", Note: "took the ruling back"}, c.History[len(c.History)-1])
		require.Equal(t, []refund.CaseID{id}, idsOf(w.Waiting(10, alice)))
		// Neither its message nor a replay of its request brings the ruling back.
		w.Pass(time.Minute)
		w.Deliver()
		replay, err := w.rule(id, order)
		require.NoError(t, err)
		require.True(t, replay.Replayed)
		w.Deliver()
		require.True(t, w.CaseOf(id).Waiting())
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		w.WantAvailable(alice, 4)
		replay, err = w.takeBack(id, order)
		require.NoError(t, err)
		require.True(t, replay.Replayed)
		w.WantLaws(alice)
	},
	"a ruling that may be taken back is carried out though its message was lost": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		_, err := w.rule(id, w.hesitant("ann"))
		require.NoError(t, err)
		w.Lose()
		w.SweepUntil(func() bool { return w.CaseOf(id).State != refund.StateInReview })
		w.WantAvailable(alice, 4)
	},
	"a take-back of a case that was decided since it was read is stale": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		_, err := w.rule(id, w.hesitant("ann"))
		require.NoError(t, err)
		before := *w.CaseOf(id)
		w.Pass(refund.TakeBackWindow)
		w.Deliver()
		current := w.CaseOf(id)
		after := before
		after.Ruling = nil
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RecordTakeBack(w.ctx(), before, after) })))
		require.Equal(t, current, w.CaseOf(id))
	},
}

// rivalled is a store in which something happens right before the next write on a case, once.
type rivalled struct {
	Store
	before func()
}

func (s *rivalled) interrupt() {
	if step := s.before; step != nil {
		s.before = nil
		step()
	}
}

func (s *rivalled) RecordRuling(ctx context.Context, c refund.Case, ruling refund.Ruling, due time.Time) error {
	s.interrupt()
	return s.Store.RecordRuling(ctx, c, ruling, due)
}

func (s *rivalled) RecordProposal(ctx context.Context, before, after refund.Case) error {
	s.interrupt()
	return s.Store.RecordProposal(ctx, before, after)
}

func (s *rivalled) RecordTakeBack(ctx context.Context, before, after refund.Case) error {
	s.interrupt()
	return s.Store.RecordTakeBack(ctx, before, after)
}

func (s *rivalled) CommitDecision(ctx context.Context, effect refund.Effect) error {
	s.interrupt()
	return s.Store.CommitDecision(ctx, effect)
}

// TakeBacks demands, whatever the order of rulings, take-backs, deciders and sweeps, each of which
// may come between the read and the write of another: either one ruling is carried out, once, or
// each was taken back and nothing moved.
func TakeBacks(t *testing.T, open func() Store) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		store := &rivalled{Store: open()}
		m := &takeBacks{World: NewWorld(t, store), taken: map[string]bool{}, store: store}
		m.alice = m.Customer("alice")
		m.id = inReview(m.World, m.alice)
		steps := map[string]func(){"ann rules": m.rules("ann"), "bob rules": m.rules("bob"), "take back": m.takes, "decide": m.decides, "sweep": func() { m.Sweep() }}
		actions := map[string]func(*rapid.T){
			"pass": func(t *rapid.T) {
				m.Pass(rapid.SampledFrom([]time.Duration{-time.Second, time.Millisecond, 10 * time.Second, refund.TakeBackWindow, 2 * time.Minute}).Draw(t, "time"))
			},
		}
		for name, step := range steps {
			actions[name] = func(t *rapid.T) {
				between := rapid.SampledFrom([]string{"", "ann rules", "bob rules", "take back", "decide", "sweep"}).Draw(t, "between")
				store.before = steps[between]
				step()
				store.before = nil
			}
		}
		t.Repeat(actions)
		m.settle()
	})
}

// takeBacks is a case with what was ruled on it.
type takeBacks struct {
	*World
	store  *rivalled
	alice  ledger.CustomerID
	id     refund.CaseID
	orders []refund.RulingOrder // that were recorded
	taken  map[string]bool      // by the key of the order
}

// rules has the person approve one to four credits, which tell the ruling from others.
func (m *takeBacks) rules(by string) func() {
	return func() {
		order := m.hesitant(by)
		order.Ruling.Remedy = policy.InCredits(ledger.Credits(len(m.orders)%4 + 1))
		order.Note = fmt.Sprint("ruling ", len(m.orders))
		order.TakeBack = by == "ann" // bob means it
		if answer, err := m.Reviewer().Rule(m.ctx(), m.id, order, m.Now); err == nil && !answer.Replayed {
			m.orders = append(m.orders, order)
		}
	}
}

// takes has the latest ruling taken back, where that is still possible.
func (m *takeBacks) takes() {
	if len(m.orders) == 0 {
		return
	}
	order := m.orders[len(m.orders)-1]
	if _, err := m.Reviewer().TakeBack(m.ctx(), m.id, refund.TakeBackOrder{By: order.By, Principal: order.Principal, Key: order.Key}, m.Now); err == nil {
		m.taken[order.Key] = true
	}
}

func (m *takeBacks) decides() { _ = m.Decider().Decide(m.ctx(), requested(m.id), m.Now) }

// settle lets all time pass, and demands the law.
func (m *takeBacks) settle() {
	m.Lose()
	m.SweepUntil(func() bool { return m.CaseOf(m.id).Ruling == nil || m.CaseOf(m.id).State == refund.StateApproved })
	var carried []refund.RulingOrder
	for _, order := range m.orders {
		if !m.taken[order.Key] {
			carried = append(carried, order)
		}
	}
	require.LessOrEqual(m.t, len(carried), 1, "the first ruling stands")
	c, want := m.CaseOf(m.id), ledger.Credits(0)
	if len(carried) == 1 {
		want = carried[0].Ruling.Remedy.Credits()
		require.Equal(m.t, carried[0].Note, c.Ruling.Note)
		require.False(m.t, c.History[len(c.History)-1].At.Before(c.Ruling.EffectiveAt), "nothing is carried out while it may be taken back")
	}
	require.Equal(m.t, len(carried) == 0, c.Waiting())
	require.Len(m.t, c.Overruled, len(m.taken))
	m.WantAvailable(m.alice, want)
	m.WantLaws(m.alice)
}
