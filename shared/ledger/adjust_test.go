package ledger_test

import (
	"testing"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// paid is a payment of 20 credits whose lot lives one day.
func paid() ledger.Clawback {
	return ledger.Clawback{Payment: "pay1", Lot: lot("lot_own", 20, noon.Add(day)), Granted: 20}
}

func level(t *testing.T, w ledger.Wallet, taking ledger.Clawback, expired, target ledger.Credits, now time.Time) (ledger.Posting, ledger.Clawback) {
	t.Helper()
	p, after, err := ledger.AdjustClawback(w, taking, expired, target, terms, ledger.Cause{Reason: "money_back"}, now)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	require.Equal(t, target, after.Total())
	return p, after
}

func TestAClawbackTakesTheOwnLotThenTheOthersInDrawOrderThenOwes(t *testing.T) {
	w := wallet(lot("lot_own", 5, noon.Add(day)), lot("lot_soon", 4, noon.Add(time.Hour)), lot("lot_late", 3, never), lot("lot_dead", 9, noon))
	p, after := level(t, w, paid(), 0, 15, noon)
	assert.Equal(t, []string{
		"clawback 5 lot_own for pay1", "clawback 4 lot_soon for pay1", "clawback 3 lot_late for pay1", "shortfall 3 for pay1",
	}, lines(p))
	assert.Equal(t, []ledger.Debt{{Payment: "pay1", Credits: 3}}, p.After.Debts)
	assert.Equal(t, []ledger.Lot{lot("lot_dead", 9, noon)}, p.After.Lots, "what has expired is not taken for another payment")
	assert.Equal(t, ledger.Credits(5), after.OwnLot)
	assert.Equal(t, ledger.Credits(7), ledger.Sum(after.Others))
	assert.Equal(t, ledger.Credits(3), after.Owed)
}

func TestAClawbackTakesWhatOfTheOwnLotExpiredBeforeOtherLots(t *testing.T) {
	now := noon.Add(day)
	for name, c := range map[string]struct {
		own     []ledger.Lot
		expired ledger.Credits
		want    []string
	}{
		"swept":   {nil, 6, []string{"claw_expired 6 lot_own for pay1", "clawback 4 lot_late for pay1"}},
		"unswept": {[]ledger.Lot{lot("lot_own", 6, now)}, 0, []string{"expiry 6 lot_own", "claw_expired 6 lot_own for pay1", "clawback 4 lot_late for pay1"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, after := level(t, wallet(append(c.own, lot("lot_late", 9, never))...), paid(), c.expired, 10, now)
			assert.Equal(t, c.want, lines(p))
			assert.Equal(t, ledger.Credits(5), p.After.Available(now))
			assert.Equal(t, ledger.Credits(6), after.Expired)
			back, again := level(t, p.After, after, 0, 0, now)
			assert.Equal(t, []string{"reinstatement 4 lot_late for pay1", "reexpiry 6 lot_own for pay1"}, lines(back))
			assert.Equal(t, map[ledger.LotID]ledger.Credits{"lot_own": 6}, back.Expired)
			assert.Zero(t, again.Total())
		})
	}
}

func TestTheSameTargetAgainPostsNothing(t *testing.T) {
	w := wallet(lot("lot_own", 20, noon.Add(day)), lot("lot_dead", 9, noon))
	p, after := level(t, w, paid(), 0, 8, noon)
	again, same := level(t, p.After, after, 0, 8, noon.Add(2*day))
	assert.True(t, again.Empty())
	assert.Equal(t, after, same)
}

func TestAFallingTargetGivesBackInTheReverseOrderOfTheClawback(t *testing.T) {
	own := lot("lot_own", 5, noon.Add(day))
	own.Granted = 20
	w := wallet(own, lot("lot_soon", 4, noon.Add(time.Hour)), lot("lot_late", 3, never))
	up, taking := level(t, w, paid(), 0, 15, noon)
	p, taking := level(t, up.After, taking, 0, 11, noon)
	assert.Equal(t, []string{"forgiveness 3 for pay1", "reinstatement 1 lot_late for pay1"}, lines(p))
	p, taking = level(t, p.After, taking, 0, 2, noon)
	assert.Equal(t, []string{"reinstatement 2 lot_late for pay1", "reinstatement 4 lot_soon for pay1", "reinstatement 3 lot_own for pay1"}, lines(p))
	p, taking = level(t, p.After, taking, 0, 0, noon)
	assert.Equal(t, w.Lots, p.After.Lots, "all is as it was")
	assert.Empty(t, taking.Others)
}

func TestAFallingTargetReversesTheNewestDebtPaymentsFirst(t *testing.T) {
	_, taking := level(t, wallet(), paid(), 0, 15, noon)
	w := owing(ledger.Debt{Payment: "pay1", Credits: 15})
	for _, id := range []ledger.LotID{"lot_b", "lot_c"} { // two grants pay 12 of it, and the store appends whose they were
		grant, _, err := ledger.Grant(w, lot(id, 6, never), ledger.Cause{}, noon)
		require.NoError(t, err)
		taking.DebtPaid = append(taking.DebtPaid, grant.DebtsPaid[0].Draw)
		w = grant.After
	}
	p, taking := level(t, w, taking, 0, 6, noon)
	assert.Equal(t, []string{
		"debt_reversal 6 lot_c for pay1", "debt_reversal 3 lot_b for pay1", "forgiveness 9 for pay1", "debt_payment 3 lot_b for pay1",
	}, lines(p))
	assert.Zero(t, p.After.Owed(), "what became available paid what was still outstanding")
	assert.Equal(t, ledger.Credits(6), p.After.Available(noon))
	assert.Empty(t, p.DebtsPaid, "its own debt's payments are in the taking")
	assert.Equal(t, ledger.Credits(6), ledger.Sum(taking.DebtPaid))
	p, _ = level(t, p.After, taking, 0, 0, noon)
	assert.Equal(t, ledger.Credits(12), p.After.Available(noon))
}

func TestWhatIsGivenBackPaysTheDebtsOfOtherPayments(t *testing.T) {
	p, taking := level(t, wallet(lot("lot_own", 20, noon.Add(day))), paid(), 0, 20, noon)
	other := ledger.Clawback{Payment: "pay0", Lot: lot("lot_other", 7, never), Granted: 7}
	owed, _ := level(t, p.After, other, 0, 7, noon)
	back, _ := level(t, owed.After, taking, 0, 10, noon)
	assert.Equal(t, []string{"reinstatement 10 lot_own for pay1", "debt_payment 7 lot_own for pay0"}, lines(back))
	require.Len(t, back.DebtsPaid, 1)
	assert.Equal(t, "pay0", back.DebtsPaid[0].Payment)
	assert.Equal(t, ledger.Credits(3), back.After.Available(noon))
}

func TestCreditsGivenBackOfALotThatExpiredMeanwhileComeBackWithANewTerm(t *testing.T) {
	p, taking := level(t, wallet(lot("lot_own", 20, noon.Add(day))), paid(), 0, 12, noon)
	now := noon.Add(2 * day)
	back, taking := level(t, p.After, taking, 0, 2, now)
	require.Len(t, back.After.Lots, 1)
	assert.Equal(t, now.Add(30*day), back.After.Lots[0].ExpiresAt)
	assert.Equal(t, ledger.Credits(10), back.After.Available(now))
	assert.Equal(t, []string{"expiry 8 lot_own", "reinstatement 10 " + string(back.After.Lots[0].ID) + " for pay1"}, lines(back))
	again, _ := level(t, back.After, taking, 8, 12, now)
	assert.Zero(t, again.After.Available(now), "up again is as if it had never gone down")
	assert.NotContains(t, lines(again)[0], "claw_expired")
}

func TestAnAdjustmentRefusesWhatDoesNotFit(t *testing.T) {
	owes := paid()
	owes.Owed = 5
	for name, c := range map[string]struct {
		wallet  ledger.Wallet
		taking  ledger.Clawback
		expired ledger.Credits
		target  ledger.Credits
		terms   ledger.ExpiredLot
		kind    fault.Kind
	}{
		"a target below nothing":             {wallet(), paid(), 0, -1, terms, fault.KindInvalid},
		"a target above what was granted":    {wallet(), paid(), 0, 21, terms, fault.KindInvalid},
		"a target where nothing was granted": {wallet(), ledger.Clawback{Payment: "pay1"}, 0, 1, terms, fault.KindInvalid},
		"less than nothing expired":          {wallet(), paid(), -1, 5, terms, fault.KindInvalid},
		"no term":                            {wallet(), paid(), 0, 5, ledger.ExpiredLot{}, fault.KindInvalid},
		"a debt the wallet does not know":    {wallet(), owes, 0, 5, terms, fault.KindStale},
		"a debt the payment does not know":   {owing(ledger.Debt{Payment: "pay1", Credits: 5}), paid(), 0, 5, terms, fault.KindStale},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ledger.AdjustClawback(c.wallet, c.taking, c.expired, c.target, c.terms, ledger.Cause{}, noon)
			require.Error(t, err)
			assert.Equal(t, c.kind, fault.KindOf(err))
		})
	}
}

func TestAnAdjustmentLeavesItsClawbackAsItWas(t *testing.T) {
	w := wallet(lot("lot_a", 5, never), lot("lot_b", 5, never))
	up, taking := level(t, w, paid(), 0, 10, noon)
	before := ledger.Sum(taking.Others)
	_, _ = level(t, up.After, taking, 0, 3, noon)
	assert.Equal(t, before, ledger.Sum(taking.Others))
}

func TestAGrantAndItsClawbackAreOneCommit(t *testing.T) {
	w := owing(ledger.Debt{Payment: "pay0", Credits: 3})
	grant, own, err := ledger.Grant(w, lot("lot_own", 20, noon.Add(day)), ledger.Cause{Payment: "pay1"}, noon)
	require.NoError(t, err)
	next, taking := level(t, grant.After, ledger.Clawback{Payment: "pay1", Lot: own, Granted: 20}, 0, 20, noon)
	both := grant.Then(next)
	require.NoError(t, ledger.Check(both))
	assert.Equal(t, []string{
		"grant 20 lot_own for pay1", "debt_payment 3 lot_own for pay0", "clawback 17 lot_own for pay1", "shortfall 3 for pay1",
	}, lines(both))
	assert.Equal(t, []ledger.Debt{{Payment: "pay1", Credits: 3}}, both.After.Debts)
	assert.Len(t, both.DebtsPaid, 1)
	assert.Equal(t, ledger.Credits(17), taking.OwnLot)
	for i := range both.Entries[1:] {
		assert.Less(t, both.Entries[i].ID, both.Entries[i+1].ID)
	}
	assert.Panics(t, func() { next.Then(grant) }, "they do not follow one another")
}

func TestTwoPostingsInOneCommitShareTheirInstantAndAddUp(t *testing.T) {
	now := noon.Add(day)
	w := wallet(lot("lot_own", 6, now), lot("lot_other", 2, now))
	next, _ := level(t, ledger.Expire(w, now).After, paid(), 6, 4, now)
	both := ledger.Expire(w, now).Then(next)
	require.NoError(t, ledger.Check(both))
	assert.Equal(t, now, both.At)
	assert.Equal(t, map[ledger.LotID]ledger.Credits{"lot_own": 2, "lot_other": 2}, both.Expired)
	later, _ := level(t, ledger.Expire(w, now).After, paid(), 6, 4, now.Add(time.Millisecond))
	assert.Panics(t, func() { ledger.Expire(w, now).Then(later) }, "at another instant")
}

func TestAPostingLiesAfterTheLineThatItBuildsOnWhateverTheClockSays(t *testing.T) {
	w := wallet(lot("lot_a", 20, never), lot("lot_b", 5, noon.Add(time.Second)))
	w.At = noon.Add(2*time.Second + 500*time.Microsecond).Truncate(time.Millisecond)
	w.Recorded = true
	draws := []ledger.Draw{draw("lot_a", 2)}
	for _, clock := range []time.Time{noon, w.At, w.At.Add(999 * time.Microsecond), w.At.Add(time.Minute)} {
		want := clock.Truncate(time.Millisecond)
		if clock.Before(w.At.Add(time.Millisecond)) {
			want = w.At.Add(time.Millisecond)
		}
		_, hold, err := ledger.Hold(w, 3, clock)
		require.NoError(t, err)
		grant, granted, err := ledger.Grant(w, lot("lot_c", 1, never), ledger.Cause{}, clock)
		require.NoError(t, err)
		release, _, err := ledger.Release(w, draws, terms, ledger.Cause{}, clock)
		require.NoError(t, err)
		refund, _, err := ledger.Refund(w, draws, terms, ledger.Cause{}, clock)
		require.NoError(t, err)
		leveled, _ := level(t, w, ledger.Clawback{Payment: "pay1", Lot: lot("lot_a", 20, never), Granted: 20}, 0, 4, clock)
		for name, p := range map[string]ledger.Posting{
			"hold": hold, "grant": grant, "release": release, "refund": refund, "level": leveled, "expire": ledger.Expire(w, clock),
		} {
			require.NoError(t, ledger.Check(p), name)
			assert.Equal(t, want, p.At, name)
			assert.Equal(t, want, p.Stored().At, name)
			for _, line := range p.Entries {
				assert.Equal(t, want, line.At, name)
			}
		}
		assert.Equal(t, want, granted.GrantedAt)
		assert.Equal(t, "lot_a", string(hold.Held[0].Lot), "what had expired by the wallet's last line stays so")
	}
}
