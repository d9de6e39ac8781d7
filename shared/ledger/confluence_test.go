package ledger_test

import (
	"slices"
	"testing"
	"time"

	"makegood/shared/ledger"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Any order and multiplicity of the same targets, ending at the same, leaves the same taken,
// available and owed as going straight there, whatever happened before, as long as no lot expires
// in between.
func TestTheWayToATargetDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(w.steps(anyAmount))
		w.audit()
		w.pass(time.Second) // past what expires at this instant: each step takes a millisecond, and no lot may expire in between
		straight, winding := w.fork(), w.fork()
		straight.t, winding.t = t, t
		var moved []string
		for range rapid.IntRange(1, 12).Draw(t, "detours") {
			names := winding.payments()
			if len(names) == 0 {
				return
			}
			payment := rapid.SampledFrom(names).Draw(t, "payment")
			winding.level(payment, winding.target(t, payment))
			winding.audit()
			moved = append(moved, payment)
		}
		for _, payment := range rapid.Permutation(winding.payments()).Draw(t, "order") {
			if slices.Contains(moved, payment) {
				target := straight.target(t, payment)
				straight.level(payment, target)
				winding.level(payment, target)
				winding.level(payment, target)
			}
		}
		require.Equal(t, straight.wallet.Available(w.now), winding.wallet.Available(w.now), "available")
		require.Equal(t, straight.wallet.Owed(), winding.wallet.Owed(), "owed")
		for payment, taking := range straight.takings {
			require.Equal(t, taking.Total(), winding.takings[payment].Total())
		}
	})
}

// fact is what a provider says of a payment: that it was paid, or (rank > 0) how much of it has
// gone back so far.
type fact struct {
	payment string
	rank    int
	target  ledger.Credits
}

// listener is a world that hears facts and merges them by rank, as receive-purchase does.
type listener struct {
	*world
	offers map[string]ledger.Credits // what each new payment buys, and whether it was told so
	paid   map[string]bool
	latest map[string]fact
}

func (l *listener) hear(f fact) {
	if f.rank == 0 {
		l.paid[f.payment] = true
	} else if f.rank > l.latest[f.payment].rank {
		l.latest[f.payment] = f
	}
	if _, granted := l.takings[f.payment]; !granted {
		if !l.paid[f.payment] {
			return // nothing to take back yet
		}
		require.NoError(l.t, l.purchaseAs(f.payment, l.offers[f.payment], l.now.Add(time.Hour)))
	}
	if latest, told := l.latest[f.payment]; told {
		l.level(f.payment, latest.target)
	}
	l.audit()
}

// Law 5: the same facts in any order and multiplicity, purchases among them, end the same.
func TestFactsInAnyOrderAndMultiplicityEndTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(w.steps(small))
		if len(w.wallet.Lots) > ledger.MaxLots/2 {
			return // near the limit, which grant is refused depends on the order
		}
		w.pass(time.Second)
		facts, offers := someFacts(t, w)
		var ends []*listener
		for range 2 {
			l := &listener{world: w.fork(), offers: offers, paid: map[string]bool{}, latest: map[string]fact{}}
			l.t = t
			again := rapid.SliceOfN(rapid.SampledFrom(facts), 0, len(facts)).Draw(t, "again")
			for _, f := range rapid.Permutation(slices.Concat(facts, again)).Draw(t, "order") {
				l.hear(f)
			}
			ends = append(ends, l)
		}
		require.Equal(t, ends[0].wallet.Available(w.now), ends[1].wallet.Available(w.now), "available")
		require.Equal(t, ends[0].wallet.Owed(), ends[1].wallet.Owed(), "owed")
		for payment, taking := range ends[0].takings {
			require.Equal(t, taking.Total(), ends[1].takings[payment].Total(), "taken")
			require.Equal(t, taking.Granted, ends[1].takings[payment].Granted, "granted")
		}
	})
}

// someFacts returns facts about new payments and about some that the world knows.
func someFacts(t *rapid.T, w *world) ([]fact, map[string]ledger.Credits) {
	offers := map[string]ledger.Credits{}
	var facts []fact
	for _, payment := range []string{"new1", "new2", "new3"} {
		offers[payment] = rapid.SampledFrom([]ledger.Credits{1, 5, 10, 20}).Draw(t, "offer")
		facts = append(facts, fact{payment: payment})
	}
	names := append(w.payments(), "new1", "new2", "new3")
	for rank := range rapid.IntRange(1, 9).Draw(t, "facts") {
		payment := rapid.SampledFrom(names).Draw(t, "of")
		granted := max(offers[payment], w.takings[payment].Granted)
		target := rapid.SampledFrom([]ledger.Credits{0, granted / 3, granted / 2, granted - 1, granted}).Draw(t, "target")
		facts = append(facts, fact{payment: payment, rank: rank + 1, target: target})
	}
	return facts, offers
}
