package storetest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/payment"
	"makegood/shared/refund"
)

// Seconds demands, whatever the order of rulings, answers, take-backs, deciders and sweeps, each of
// which may come between the read and the write of another: what falls under the limit's rule moves
// money only after two different people said so, and at most once.
func Seconds(t *testing.T, open func() Store) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		store := &rivalled{Store: open()}
		m := &seconds{World: NewWorldOf(t, store, "goopter"), orders: map[string]refund.RulingOrder{}, agreed: map[string]string{}}
		m.paid, m.id = charged(m.World)
		people := []string{"ann", "bob", "ANN"}
		steps := map[string]func(){"decide": m.decides, "sweep": func() { m.Sweep() }}
		for _, by := range people {
			steps[by+" approves a little"] = func() { m.rules(by, 200) }
			steps[by+" approves much"] = func() { m.rules(by, 500) }
			steps[by+" takes back"] = func() { m.takes(by) }
			for _, answer := range []refund.SecondAnswer{refund.SecondConfirmed, refund.SecondSentBack, refund.SecondWithdrawn} {
				steps[by+" "+string(answer)] = func() { m.answers(by, answer) }
			}
		}
		names := slices.Sorted(maps.Keys(steps))
		actions := map[string]func(*rapid.T){
			"pass": func(t *rapid.T) {
				m.Pass(rapid.SampledFrom([]time.Duration{-time.Second, time.Millisecond, refund.TakeBackWindow, 2 * time.Minute}).Draw(t, "time"))
			},
			"step": func(t *rapid.T) {
				store.before = steps[rapid.SampledFrom(append([]string{""}, names...)).Draw(t, "between")]
				steps[rapid.SampledFrom(names).Draw(t, "step")]()
				store.before = nil
			},
			"": func(*rapid.T) { m.wantTwo() },
		}
		t.Repeat(actions)
		m.Lose()
		m.SweepUntil(func() bool {
			m.Drain()
			return m.CaseOf(m.id).Ruling == nil || m.CaseOf(m.id).State == refund.StateClosed
		})
		m.wantTwo()
	})
}

// seconds is a case with what people said of it.
type seconds struct {
	*World
	paid   payment.ID
	id     refund.CaseID
	orders map[string]refund.RulingOrder // by the note, which tells each from others
	latest string                        // the proposal that was made last
	agreed map[string]string             // by the note of what was confirmed: by whom
}

func (m *seconds) rules(by string, minor int64) {
	order := m.givesBack(by, minor)
	order.Note, order.TakeBack = order.Key, by == "bob"
	m.orders[order.Note] = order
	if answer, err := m.Reviewer().Rule(m.ctx(), m.id, order, m.Now); err == nil && answer.Proposal != "" {
		m.latest = answer.Proposal
	}
}

func (m *seconds) answers(by string, answer refund.SecondAnswer) {
	order := of(m.latest, by, answer)
	order.TakeBack = by == "bob"
	if result, err := m.Reviewer().Answer(m.ctx(), m.id, order, m.Now); err == nil && answer == refund.SecondConfirmed && !result.Replayed {
		m.agreed[m.CaseOf(m.id).Ruling.Note] = by
	}
}

func (m *seconds) takes(by string) {
	if ruling := m.CaseOf(m.id).Ruling; ruling != nil {
		for _, key := range []string{ruling.Note, m.latest} {
			_, _ = m.Reviewer().TakeBack(m.ctx(), m.id, refund.TakeBackOrder{By: by, Principal: "staff:" + by, Key: key}, m.Now)
		}
	}
}

func (m *seconds) decides() { _ = m.Decider().Decide(m.ctx(), requested(m.id), m.Now) }

// wantTwo demands the law of what has moved so far.
func (m *seconds) wantTwo() {
	c := m.CaseOf(m.id)
	promised := m.PaymentOf(m.paid).Promised
	if c.State == refund.StateInReview {
		require.Empty(m.t, promised, "nothing moves while it waits")
		return
	}
	require.Len(m.t, promised, 1, "at most once")
	order := m.orders[c.Ruling.Note]
	require.Equal(m.t, order.Ruling.Remedy.Money().Minor, promised[string(m.id)].Minor)
	if promised[string(m.id)].Minor <= alonePays {
		return
	}
	second, agreed := m.agreed[c.Ruling.Note]
	require.True(m.t, agreed, "somebody confirmed it")
	require.NotEqual(m.t, strings.ToLower(order.By), strings.ToLower(second), "and it was somebody else")
	require.Equal(m.t, second, c.Ruling.Second.By)
}
