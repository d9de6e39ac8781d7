package ledger_test

import (
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"makegood/shared/ledger"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// leastSteps is how many steps the laws are tried on in every run, unless the command line asks for
// another number.
const leastSteps = 10_000

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.steps", "150"); err != nil { // 100 runs of this many on average; the command line still wins
		panic(err)
	}
	os.Exit(m.Run())
}

// small amounts meet each other; anyAmount is sometimes one where arithmetic breaks.
var small = rapid.SampledFrom([]ledger.Credits{0, 1, 2, 3, 5, 7, 10, 20, 31, 50})

var anyAmount = rapid.Custom(func(t *rapid.T) ledger.Credits {
	if rapid.IntRange(0, 29).Draw(t, "extreme") == 0 {
		return rapid.SampledFrom([]ledger.Credits{ledger.MaxCredits - 1, ledger.MaxCredits, ledger.MaxCredits + 1, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<63 - 1}).Draw(t, "amount")
	}
	return small.Draw(t, "amount")
})

// expiries are few, so that lots are equal and expire together.
func (w *world) expiry(t *rapid.T) time.Time {
	days := rapid.IntRange(0, 6).Draw(t, "days")
	if days == 0 {
		return never
	}
	return noon.Add(time.Duration((int(w.now.Sub(noon)/day) + days)) * day)
}

// steps are what may happen to a customer. A refusal is a step too: it must change nothing, and
// audit sees to that.
func (w *world) steps(amounts *rapid.Generator[ledger.Credits]) map[string]func(*rapid.T) {
	sources := []ledger.Source{ledger.SourceAllowance, ledger.SourcePromotion, ledger.SourceGoodwill}
	return map[string]func(*rapid.T){
		"": func(*rapid.T) { w.audit() },
		"purchase": func(t *rapid.T) {
			_, _ = w.purchase(amounts.Draw(t, "credits"), w.expiry(t))
		},
		"grant": func(t *rapid.T) {
			_ = w.grant(amounts.Draw(t, "credits"), rapid.SampledFrom(sources).Draw(t, "source"), w.expiry(t))
		},
		"hold": func(t *rapid.T) {
			n, available, owed := amounts.Draw(t, "price"), w.wallet.Available(w.now), w.wallet.Owed()
			_, err := w.hold(n, rapid.IntRange(1, 4).Draw(t, "outputs"))
			require.Equal(t, n == 0 || owed == 0 && n <= available, err == nil, "%d of %d available: %v", n, available, err)
		},
		"finish": func(t *rapid.T) {
			if g := w.pick(t, "held"); g != nil {
				w.finish(g, rapid.IntRange(0, len(g.outputs)).Draw(t, "came"))
			}
		},
		"refund": func(t *rapid.T) {
			if g := w.pick(t, "captured"); g != nil {
				rule := rapid.SampledFrom([]ledger.ExpiredRule{ledger.ExpiredRuleExpire, ledger.ExpiredRuleExtend}).Draw(t, "rule")
				w.refund(g, slices.Index(g.state, "captured"), ledger.ExpiredLot{Rule: rule, ExtendDays: 2})
			}
		},
		"level": w.levelAny,
		"back":  w.levelAny,
		"pass": func(t *rapid.T) {
			w.pass(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Hour, day, 3 * day}).Draw(t, "for"))
		},
		"sweep": func(*rapid.T) { w.sweep() },
	}
}

func (w *world) pick(t *rapid.T, state string) *generation {
	var some []*generation
	for _, g := range w.generations {
		if slices.Contains(g.state, state) {
			some = append(some, g)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return rapid.SampledFrom(some).Draw(t, state)
}

func (w *world) payments() []string {
	var names []string
	for name := range w.takings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (w *world) levelAny(t *rapid.T) {
	names := w.payments()
	if len(names) == 0 {
		return
	}
	payment := rapid.SampledFrom(names[max(0, len(names)-4):]).Draw(t, "payment")
	w.level(payment, w.target(t, payment))
}

func (w *world) target(t *rapid.T, payment string) ledger.Credits {
	granted := w.takings[payment].Granted
	return min(granted, rapid.SampledFrom([]ledger.Credits{0, 1, granted / 3, granted / 2, granted - 1, granted}).Draw(t, "target"))
}

func TestTheLawsHoldAfterEveryStep(t *testing.T) {
	count := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		steps := w.steps(anyAmount)
		audit := steps[""]
		steps[""] = func(t *rapid.T) { count++; w.t = t; audit(t) }
		t.Repeat(steps)
	})
	t.Logf("%d steps", count)
	require.GreaterOrEqual(t, count, leastSteps)
}
