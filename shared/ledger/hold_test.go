package ledger_test

import (
	"testing"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAHoldDrawsSoonestExpiryFirstThenOldest(t *testing.T) {
	older := lot("lot_older", 3, noon.Add(2*day))
	older.GrantedAt = noon.Add(-day)
	w := wallet(lot("lot_never", 50, never), lot("lot_newer", 3, noon.Add(2*day)), older, lot("lot_soon", 2, noon.Add(day)))
	draws, p, err := ledger.Hold(w, 7, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	var drawn []ledger.LotID
	for _, draw := range draws {
		drawn = append(drawn, draw.Lot)
	}
	assert.Equal(t, []ledger.LotID{"lot_soon", "lot_older", "lot_newer"}, drawn)
	assert.Equal(t, ledger.Draw{
		Lot: "lot_newer", Credits: 2, Source: ledger.SourcePurchase, ExpiresAt: noon.Add(2 * day), Granted: 3, GrantedAt: noon,
	}, draws[2])
	assert.Empty(t, p.Entries, "the generation is itself the line of its hold")
	assert.True(t, p.Changes())
	assert.False(t, p.Empty())
	assert.Len(t, p.After.Lots, 2, "emptied lots leave")
	assert.Equal(t, ledger.Credits(51), p.After.Available(noon))
	assert.Equal(t, ledger.Credits(58), w.Available(noon), "the wallet given is left as it was")
}

func TestAHoldNeverDrawsFromAnExpiredLotSweptOrNot(t *testing.T) {
	w := wallet(lot("lot_gone", 50, noon), lot("lot_live", 5, noon.Add(time.Millisecond)))
	draws, p, err := ledger.Hold(w, 5, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	require.Len(t, draws, 1)
	assert.Equal(t, ledger.LotID("lot_live"), draws[0].Lot)
	assert.Equal(t, []ledger.Lot{lot("lot_gone", 50, noon)}, p.After.Lots, "what it does not touch it leaves to the sweep")
	_, _, err = ledger.Hold(w, 6, noon)
	wantKind(t, err, fault.KindInsufficient, fault.CodeInsufficientCredits)
}

func TestAHoldIsRefused(t *testing.T) {
	rich := wallet(lot("lot_a", 10, never))
	restricted, terminated, indebted := rich, rich, rich
	restricted.Standing, terminated.Standing = ledger.StandingRestricted, ledger.StandingTerminated
	indebted.Debts = []ledger.Debt{{Payment: "pay1", Credits: 1}}
	for name, c := range map[string]struct {
		wallet ledger.Wallet
		price  ledger.Credits
		kind   fault.Kind
		code   string
	}{
		"of more than there is":           {rich, 11, fault.KindInsufficient, fault.CodeInsufficientCredits},
		"of the most an integer holds":    {rich, 1<<63 - 1, fault.KindInsufficient, fault.CodeInsufficientCredits},
		"of an unknown customer":          {wallet(), 1, fault.KindInsufficient, fault.CodeInsufficientCredits},
		"while anything is owed":          {indebted, 1, fault.KindInsufficient, fault.CodeInsufficientCredits},
		"of a restricted customer":        {restricted, 1, fault.KindForbidden, fault.CodeAccessRestricted},
		"of a restricted customer's free": {restricted, 0, fault.KindForbidden, fault.CodeAccessRestricted},
		"of a terminated customer":        {terminated, 99, fault.KindForbidden, fault.CodeAccessRestricted},
		"of less than nothing":            {rich, -1, fault.KindInvalid, fault.CodeInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			draws, p, err := ledger.Hold(c.wallet, c.price, noon)
			wantKind(t, err, c.kind, c.code)
			assert.Empty(t, draws)
			assert.True(t, p.Empty())
		})
	}
}

func TestAHoldOfNothingPostsNothing(t *testing.T) {
	for _, w := range []ledger.Wallet{wallet(), wallet(lot("lot_a", 10, never)), owing(ledger.Debt{Payment: "pay1", Credits: 1})} {
		draws, p, err := ledger.Hold(w, 0, noon)
		require.NoError(t, err)
		require.NoError(t, ledger.Check(p))
		assert.Empty(t, draws)
		assert.True(t, p.Empty())
	}
}
