package ledger_test

import (
	"testing"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	failed = ledger.Cause{Reason: "generation_failed", Generation: "gen_1"}
	expire = ledger.ExpiredLot{Rule: ledger.ExpiredRuleExpire}
	extend = ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend, ExtendDays: 30}
)

// drawn holds n credits of w and returns the draws and the wallet after it.
func drawn(t *testing.T, w ledger.Wallet, n ledger.Credits) ([]ledger.Draw, ledger.Wallet) {
	draws, p, err := ledger.Hold(w, n, noon)
	require.NoError(t, err)
	return draws, p.After
}

func TestAReleaseUndoesItsHold(t *testing.T) {
	before := wallet(lot("lot_a", 10, noon.Add(day)), lot("lot_b", 10, noon.Add(2*day)))
	draws, w := drawn(t, before, 15)
	p, returned, err := ledger.Release(w, draws, terms, failed, noon.Add(time.Hour))
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, before.Lots, p.After.Lots, "an emptied lot is there again as it was")
	assert.Empty(t, p.Entries, "the generation is itself the line of its release")
	assert.Equal(t, p.Released, returned.Restored)
	assert.Empty(t, returned.Extended)
}

func TestReleasedCreditsOfAnExpiredLotComeBackWithANewTerm(t *testing.T) {
	draws, w := drawn(t, wallet(lot("lot_a", 10, noon.Add(day))), 4)
	now := noon.Add(day)
	p, returned, err := ledger.Release(w, draws, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExpire, ExtendDays: 30}, failed, now)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"expiry 6 lot_a"}, lines(p), "a commit that touches an expired lot posts its expiry first")
	assert.Equal(t, ledger.Cause{Reason: "lot_expired", Actor: "system"}, p.Entries[0].Cause)
	assert.Equal(t, map[ledger.LotID]ledger.Credits{"lot_a": 6}, p.Expired)
	require.Len(t, p.After.Lots, 1)
	extended := p.After.Lots[0]
	assert.NotEqual(t, ledger.LotID("lot_a"), extended.ID)
	assert.Equal(t, ledger.Lot{
		ID: extended.ID, Source: ledger.SourcePurchase, Granted: 4, Remaining: 4, GrantedAt: now, ExpiresAt: now.Add(30 * day),
	}, extended)
	require.Len(t, returned.Extended, 1)
	assert.Equal(t, extended.ID, returned.Extended[0].Lot)
	assert.Equal(t, ledger.Credits(4), returned.Credits())
}

func TestAReleasePaysDebtsFirst(t *testing.T) {
	draws, w := drawn(t, wallet(lot("lot_a", 10, never)), 10)
	w.Debts = []ledger.Debt{{Payment: "pay1", Credits: 3}}
	p, _, err := ledger.Release(w, draws, terms, failed, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"debt_payment 3 lot_a for pay1"}, lines(p))
	assert.Equal(t, "gen_1", p.Entries[0].Cause.Generation)
	assert.Equal(t, ledger.Credits(7), p.After.Available(noon))
	assert.Zero(t, p.After.Owed())
	require.Len(t, p.DebtsPaid, 1)
	assert.Equal(t, ledger.Credits(3), p.DebtsPaid[0].Draw.Credits)
}

func TestAReleaseOfNothingPostsNothing(t *testing.T) {
	p, returned, err := ledger.Release(wallet(lot("lot_a", 1, noon)), nil, terms, failed, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.True(t, p.Empty())
	assert.Zero(t, returned.Credits())
}

func TestAReleaseNeedsATermOfAtLeastADay(t *testing.T) {
	for _, days := range []int{0, -1, 36501} {
		_, _, err := ledger.Release(wallet(), nil, ledger.ExpiredLot{ExtendDays: days}, failed, noon)
		wantKind(t, err, fault.KindInvalid, fault.CodeInvalidRequest)
	}
}

func TestARefundReturnsCreditsToTheLotsTheyCameFrom(t *testing.T) {
	draws, w := drawn(t, wallet(lot("lot_a", 10, noon.Add(day)), lot("lot_b", 10, noon.Add(2*day))), 15)
	p, returned, err := ledger.Refund(w, draws, expire, ledger.Cause{Reason: "bad_result", Case: "cas_1"}, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"refund 10 lot_a", "refund 5 lot_b"}, lines(p))
	assert.Equal(t, ledger.Credits(15), returned.Credits())
	assert.Equal(t, ledger.Credits(20), p.After.Available(noon))
}

func TestRefundedCreditsOfAnExpiredLotFollowThePolicyAndTheAnswerSaysSo(t *testing.T) {
	draws, w := drawn(t, wallet(lot("lot_a", 10, noon.Add(day)), lot("lot_b", 10, never)), 12)
	now := noon.Add(2 * day)

	p, returned, err := ledger.Refund(w, draws, expire, ledger.Cause{Reason: "bad_result"}, now)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"refund_expired 10 lot_a", "refund 2 lot_b"}, lines(p))
	assert.Equal(t, map[ledger.LotID]ledger.Credits{"lot_a": 10}, p.Expired)
	assert.Equal(t, ledger.Credits(10), ledger.Sum(returned.Expired))
	assert.Equal(t, ledger.Credits(2), returned.Credits())

	p, returned, err = ledger.Refund(w, draws, extend, ledger.Cause{Reason: "bad_result"}, now)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	require.Len(t, returned.Extended, 1)
	assert.Equal(t, now.Add(30*day), returned.Extended[0].ExpiresAt)
	assert.Equal(t, []string{"refund 10 " + string(returned.Extended[0].Lot), "refund 2 lot_b"}, lines(p))
	assert.Equal(t, ledger.Credits(20), p.After.Available(now))
}

func TestARefundToALotThatExpiredUnsweptPostsItsExpiryFirst(t *testing.T) {
	draws, w := drawn(t, wallet(lot("lot_a", 10, noon.Add(day))), 4)
	p, _, err := ledger.Refund(w, draws, expire, ledger.Cause{}, noon.Add(day))
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"expiry 6 lot_a", "refund_expired 4 lot_a"}, lines(p))
	assert.Empty(t, p.After.Lots)
	assert.Equal(t, map[ledger.LotID]ledger.Credits{"lot_a": 10}, p.Expired)
}

func TestARefundOfNonsenseIsRefused(t *testing.T) {
	good := ledger.Draw{Lot: "lot_a", Credits: 1, Source: ledger.SourcePurchase}
	for name, c := range map[string]struct {
		draw ledger.Draw
		rule ledger.ExpiredLot
	}{
		"less than nothing": {ledger.Draw{Lot: "lot_a", Credits: -1, Source: ledger.SourcePurchase}, expire},
		"past whole":        {ledger.Draw{Lot: "lot_a", Credits: 1 << 53, Source: ledger.SourcePurchase}, expire},
		"no lot":            {ledger.Draw{Credits: 1, Source: ledger.SourcePurchase}, expire},
		"no source":         {ledger.Draw{Lot: "lot_a", Credits: 1}, expire},
		"no rule":           {good, ledger.ExpiredLot{ExtendDays: 3}},
		"no term":           {good, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ledger.Refund(wallet(), []ledger.Draw{c.draw}, c.rule, ledger.Cause{}, noon)
			wantKind(t, err, fault.KindInvalid, fault.CodeInvalidRequest)
		})
	}
}

func TestReturningCreditsPastWhatANumberHoldsAreRefused(t *testing.T) {
	draw := ledger.Draw{Lot: "lot_a", Credits: 1<<53 - 1, Source: ledger.SourcePurchase}
	p, _, err := ledger.Release(wallet(), []ledger.Draw{draw}, terms, failed, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	_, _, err = ledger.Release(p.After, []ledger.Draw{{Lot: "lot_b", Credits: 1, Source: ledger.SourcePurchase}}, terms, failed, noon)
	wantKind(t, err, fault.KindConflict, ledger.CodeTooManyCredits)
}

func TestCreditsThatReturnToAFullWalletJoinTheNextLotAndLoseNoTime(t *testing.T) {
	for name, c := range map[string]struct {
		expires time.Time
		into    ledger.LotID
		until   time.Time
	}{
		"an equal lot":                    {noon.Add(day + 7*time.Hour), "lot_07", noon.Add(day + 7*time.Hour)},
		"the next to expire":              {noon.Add(day + 7*time.Hour - time.Minute), "lot_07", noon.Add(day + 7*time.Hour)},
		"the last, which lasts as long":   {noon.Add(99 * day), "lot_39", noon.Add(99 * day)},
		"the last, which then never ends": {never, "lot_39", never},
	} {
		t.Run(name, func(t *testing.T) {
			draw := ledger.Draw{Lot: "lot_gone", Credits: 4, Source: ledger.SourcePurchase, ExpiresAt: c.expires, Granted: 9, GrantedAt: noon}
			p, returned, err := ledger.Release(fullWallet(noon.Add(day)), []ledger.Draw{draw}, terms, failed, noon)
			require.NoError(t, err)
			require.NoError(t, ledger.Check(p))
			taker, held := p.After.Lot(c.into)
			require.True(t, held)
			assert.Equal(t, ledger.Credits(14), taker.Remaining)
			assert.True(t, c.until.Equal(taker.ExpiresAt))
			assert.Equal(t, c.into, returned.Restored[0].Lot)
		})
	}
}

func TestExpiryTakesEveryExpiredLotOutOfTheWallet(t *testing.T) {
	w := wallet(lot("lot_a", 1, noon.Add(-day)), lot("lot_b", 2, noon), lot("lot_c", 4, noon.Add(time.Second)), lot("lot_d", 8, never))
	p := ledger.Expire(w, noon)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"expiry 1 lot_a", "expiry 2 lot_b"}, lines(p))
	assert.Equal(t, map[ledger.LotID]ledger.Credits{"lot_a": 1, "lot_b": 2}, p.Expired)
	assert.Len(t, p.After.Lots, 2)
	assert.Equal(t, w.Available(noon), p.After.Available(noon), "they had stopped counting before")
	assert.True(t, ledger.Expire(p.After, noon).Empty())
}
