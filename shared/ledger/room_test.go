package ledger_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// debtor is a customer who bought n packages of one credit, spent all of it, and has been given all
// the money back.
func debtor(t require.TestingT, n int) *world {
	w := newWorld(t)
	var bought []string
	for range n {
		payment, err := w.purchase(1, never)
		require.NoError(t, err)
		bought = append(bought, payment)
		w.spend(1)
	}
	for _, payment := range bought {
		w.level(payment, 1)
	}
	require.Len(t, w.wallet.Debts, n)
	return w
}

func (w *world) spend(n ledger.Credits) *generation {
	g, err := w.hold(n, 1)
	require.NoError(w.t, err)
	w.finish(g, 1)
	return g
}

func TestADebtThatAHundredGrantsPaidIsReversedInOnePosting(t *testing.T) {
	for name, pass := range map[string]time.Duration{"their lots live": 0, "their lots have expired": 200 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			payment, err := w.purchase(100, never)
			require.NoError(t, err)
			w.spend(100)
			w.level(payment, 100)
			for i := range 100 {
				require.NoError(t, w.grant(1, ledger.SourceGoodwill, noon.Add(time.Duration(i+1)*time.Hour)))
			}
			require.Len(t, w.takings[payment].DebtPaid, 100)
			w.pass(pass)
			w.level(payment, 0)
			w.audit()
			assert.Equal(t, ledger.Credits(100), w.wallet.Available(w.now))
			w.level(payment, 100)
			w.level(payment, 30)
			w.audit()
			assert.Equal(t, ledger.Credits(70), w.wallet.Available(w.now))
		})
	}
}

func TestAPostingHasOneEntryForEachMovementLotAndCause(t *testing.T) {
	taking := paid()
	taking.Owed = 6
	taking.DebtPaid = []ledger.Draw{draw("lot_b", 1), draw("lot_c", 2), draw("lot_b", 3)}
	p, _ := level(t, wallet(), taking, 0, 0, noon)
	assert.Equal(t, []string{"debt_reversal 4 lot_b for pay1", "debt_reversal 2 lot_c for pay1", "forgiveness 6 for pay1"}, lines(p))
}

func TestASweepTakesFortyLotsAndTheNextGoesOn(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		for range ledger.MaxLots {
			require.NoError(t, w.grant(1, ledger.SourceGoodwill, w.now.Add(time.Duration(w.serial+1)*time.Minute)))
		}
		w.pass(day) // and nobody sweeps
	}
	require.Len(t, w.wallet.Lots, 3*ledger.MaxLots)
	for left := 2; left >= 0; left-- {
		first := slices.Clone(w.wallet.Lots[ledger.MaxLots:])
		w.sweep()
		require.Len(t, w.wallet.Lots, left*ledger.MaxLots)
		assert.Equal(t, first, append(w.wallet.Lots, []ledger.Lot{}...), "the soonest to expire went first")
		assert.Equal(t, left > 0, !w.wallet.NextExpiry().IsZero() && !w.wallet.NextExpiry().After(w.now), "the next sweep is due at once")
	}
	require.True(t, ledger.Expire(w.wallet, w.now).Empty())
	w.audit()
}

func TestAGrantPaysFortyDebtsInOnePosting(t *testing.T) {
	w := debtor(t, ledger.MaxDebts)
	require.NoError(t, w.grant(100, ledger.SourceGoodwill, never))
	w.audit()
	assert.Empty(t, w.wallet.Debts)
	assert.Equal(t, ledger.Credits(60), w.wallet.Available(w.now))
}

func TestTheFortyFirstDebtIsRefusedUntilOneIsPaid(t *testing.T) {
	w := newWorld(t)
	for range ledger.MaxDebts + 1 {
		_, err := w.purchase(1, never)
		require.NoError(t, err)
		w.spend(1)
	}
	payments := w.payments()
	for _, payment := range payments[:ledger.MaxDebts] {
		w.level(payment, 1)
	}
	last := w.takings[payments[ledger.MaxDebts]]
	reach := func() error {
		_, _, err := ledger.AdjustClawback(w.wallet, last, 0, 1, terms, ledger.Cause{}, w.now)
		return err
	}
	wantKind(t, reach(), fault.KindConflict, ledger.CodeTooManyDebts)
	require.NoError(t, w.grant(1, ledger.SourceGoodwill, never))
	require.NoError(t, reach())
}

// TestCreditsThatReturnToADebtorFitOnePosting tries every number of debts, with a refund or release
// of forty lots, any number of them expired and a rest of each still unswept.
func TestCreditsThatReturnToADebtorFitOnePosting(t *testing.T) {
	for debts := range ledger.MaxDebts + 1 {
		for _, gone := range []int{0, 1, 3, 20, 39, 40} {
			w, draws := owing(), []ledger.Draw(nil)
			for i := range debts {
				w.Debts = append(w.Debts, ledger.Debt{Payment: fmt.Sprintf("pay%02d", i), Credits: 1})
			}
			w.Debts = append(w.Debts, ledger.Debt{Payment: "pay99", Credits: 15})[:debts]
			for i := range ledger.MaxLots {
				d := draw(ledger.LotID(fmt.Sprintf("lot_%02d", i)), 2)
				d.Granted, d.GrantedAt, d.ExpiresAt = 9, noon.Add(-day), noon.Add(time.Duration(i)*time.Hour).Add(time.Hour)
				if i < gone {
					d.ExpiresAt = noon.Add(time.Duration(i-gone) * time.Minute)
					w.Lots = append(w.Lots, ledger.Lot{ID: d.Lot, Source: d.Source, Granted: 9, Remaining: 3, GrantedAt: d.GrantedAt, ExpiresAt: d.ExpiresAt})
				}
				draws = append(draws, d)
			}
			w.Sort()
			for _, rule := range []ledger.ExpiredLot{expire, extend} {
				p, returned, err := ledger.Refund(w, draws, rule, failed, noon)
				require.NoError(t, err)
				require.NoError(t, ledger.Check(p), "%d debts, %d lots expired, %s", debts, gone, rule.Rule)
				require.Equal(t, ledger.Credits(80), returned.Credits()+ledger.Sum(returned.Expired))
				if debts == 0 {
					require.Len(t, slices.Concat(returned.Restored, returned.Extended, returned.Expired), 40, "each to its own lot")
				}
			}
			p, _, err := ledger.Release(w, draws, extend, failed, noon)
			require.NoError(t, err)
			require.NoError(t, ledger.Check(p), "%d debts, %d lots expired, released", debts, gone)
			taking := ledger.Clawback{Payment: "own", Lot: lot("own", 200, noon), Granted: 200, OwnLot: 5, Others: draws, DebtPaid: draws, Owed: 80}
			if debts > 0 {
				w.Debts[0].Payment, taking.Owed = "own", 80+w.Debts[0].Credits
				w.Sort()
			}
			w.Lots = append(w.Lots, lot("own", 7, noon))
			for _, target := range []ledger.Credits{0, 3, 90, 120, taking.Total() - 1} {
				p, after, err := ledger.AdjustClawback(w, taking, 0, target, terms, failed, noon)
				require.NoError(t, err)
				require.NoError(t, ledger.Check(p), "%d debts, %d lots expired, to %d", debts, gone, target)
				require.Equal(t, target, after.Total())
			}
		}
	}
}

// TestEveryPostingOfManyTinyStepsFits: commit refuses a posting that does not fit.
func TestEveryPostingOfManyTinyStepsFits(t *testing.T) {
	most := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		tiny := rapid.SampledFrom([]ledger.Credits{1, 1, 1, 2, 3})
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			for range rapid.IntRange(0, ledger.MaxLots).Draw(t, "purchases") {
				_, _ = w.purchase(tiny.Draw(t, "credits"), w.now.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "hours"))*time.Hour))
			}
			for range rapid.IntRange(0, 3).Draw(t, "holds") {
				if n := w.wallet.Available(w.now); n > 0 && w.wallet.Owed() == 0 {
					_, err := w.hold(rapid.SampledFrom([]ledger.Credits{n, max(1, n/2), 1}).Draw(t, "price"), 2)
					require.NoError(t, err)
				}
			}
			for _, payment := range w.payments() {
				if rapid.Bool().Draw(t, "money back") {
					w.level(payment, w.target(t, payment))
				}
			}
			if rapid.Bool().Draw(t, "time goes by") {
				w.pass(time.Duration(rapid.IntRange(1, 500).Draw(t, "hours")) * time.Hour)
			}
			for _, g := range w.generations {
				switch {
				case slices.Contains(g.state, "held") && rapid.Bool().Draw(t, "ends"):
					w.finish(g, rapid.IntRange(0, 2).Draw(t, "came"))
				case slices.Contains(g.state, "captured"):
					w.refund(g, slices.Index(g.state, "captured"), rapid.SampledFrom([]ledger.ExpiredLot{expire, extend}).Draw(t, "rule"))
				}
			}
			w.audit()
			most = max(most, w.mostWrites)
		}
		w.sweep()
		w.audit()
	})
	t.Logf("the longest posting: %d writes", most)
}

func TestWhatJoinsForWantOfRoomLosesNoTime(t *testing.T) {
	w := debtor(t, ledger.MaxDebts).wallet
	draws := []ledger.Draw{draw("lot_soon", 20), draw("lot_never", 20), draw("lot_late", 20)}
	draws[0].ExpiresAt, draws[2].ExpiresAt = noon.Add(time.Hour), noon.Add(day)
	for i := range draws {
		draws[i].Granted = 20
	}
	p, returned, err := ledger.Refund(w, draws, expire, failed, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	require.Len(t, returned.Restored, 1)
	assert.Equal(t, draw("lot_never", 60).Lot, returned.Restored[0].Lot)
	p, _, err = ledger.Release(w, draws, extend, failed, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	require.Len(t, p.After.Lots, 1)
	assert.Equal(t, ledger.Credits(20), p.After.Lots[0].Remaining)
	assert.True(t, p.After.Lots[0].ExpiresAt.IsZero())
}
