package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lines shows a posting's entries as "movement credits lot→payment", the way a statement reads.
func lines(p ledger.Posting) []string {
	var shown []string
	for _, e := range p.Entries {
		line := fmt.Sprint(e.Movement, " ", e.Credits)
		if e.Lot != "" {
			line += " " + string(e.Lot)
		}
		if e.Cause.Payment != "" {
			line += " for " + e.Cause.Payment
		}
		shown = append(shown, line)
	}
	return shown
}

// lot returns a purchased lot with all of it remaining.
func lot(id ledger.LotID, n ledger.Credits, expires time.Time) ledger.Lot {
	return ledger.Lot{ID: id, Source: ledger.SourcePurchase, Granted: n, Remaining: n, GrantedAt: noon, ExpiresAt: expires}
}

func wallet(lots ...ledger.Lot) ledger.Wallet {
	w := ledger.Wallet{Customer: "alice", Lots: lots}
	w.Sort()
	return w
}

func owing(debts ...ledger.Debt) ledger.Wallet { return ledger.Wallet{Customer: "alice", Debts: debts} }

func TestAGrantAddsALot(t *testing.T) {
	p, granted, err := ledger.Grant(wallet(), lot("lot_a", 20, noon.Add(day)), ledger.Cause{Reason: "purchase"}, noon.Add(1500*time.Microsecond))
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	want := lot("lot_a", 20, noon.Add(day))
	want.GrantedAt = noon.Add(time.Millisecond) // whole milliseconds
	assert.Equal(t, want, granted)
	assert.Equal(t, []ledger.Lot{want}, p.After.Lots)
	assert.Equal(t, []string{"grant 20 lot_a"}, lines(p))
	assert.True(t, p.Changes())
}

func TestAGrantPaysDebtsFirstAndNamesThem(t *testing.T) {
	w := owing(ledger.Debt{Payment: "pay1", Credits: 4}, ledger.Debt{Payment: "pay2", Credits: 9})
	p, granted, err := ledger.Grant(w, lot("lot_a", 10, never), ledger.Cause{Reason: "purchase", Payment: "pay3"}, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, []string{"grant 10 lot_a for pay3", "debt_payment 4 lot_a for pay1", "debt_payment 6 lot_a for pay2"}, lines(p))
	assert.Empty(t, p.After.Lots)
	assert.Equal(t, []ledger.Debt{{Payment: "pay2", Credits: 3}}, p.After.Debts)
	assert.Equal(t, ledger.LotID("lot_a"), granted.ID)
	assert.Zero(t, granted.Remaining)
	assert.Equal(t, ledger.Credits(10), granted.Granted)
	require.Len(t, p.DebtsPaid, 2)
	assert.Equal(t, "pay2", p.DebtsPaid[1].Payment)
	assert.Equal(t, ledger.Credits(6), p.DebtsPaid[1].Draw.Credits)
}

func fullWallet(expires time.Time) ledger.Wallet {
	w := wallet()
	for i := range ledger.MaxLots {
		w.Lots = append(w.Lots, lot(ledger.LotID(fmt.Sprintf("lot_%02d", i)), 10, expires.Add(time.Duration(i)*time.Hour)))
	}
	return w
}

// given is the lot as an allowance.
func given(l ledger.Lot) ledger.Lot {
	l.Source = ledger.SourceAllowance
	return l
}

// fullOfGifts is a wallet with as many lots as can be given.
func fullOfGifts(expires time.Time) ledger.Wallet {
	w := fullWallet(expires)
	for i := range w.Lots {
		w.Lots[i] = given(w.Lots[i])
	}
	return w
}

func TestAPurchaseFindsRoomBesideFortyGifts(t *testing.T) {
	w := fullOfGifts(noon.Add(day))
	buy := func(id ledger.LotID, expires time.Time) ledger.Lot {
		p, granted, err := ledger.Grant(w, lot(id, 5, expires), ledger.Cause{}, noon)
		require.NoError(t, err)
		require.NoError(t, ledger.Check(p))
		require.Equal(t, []string{fmt.Sprintf("grant 5 %s", granted.ID)}, lines(p))
		require.Equal(t, w.Available(noon)+5, p.After.Available(noon))
		require.LessOrEqual(t, len(p.After.Lots), ledger.MaxPaidLots)
		for _, other := range p.After.Lots {
			if before, there := w.Lot(other.ID); there && other.ID != granted.ID {
				require.Equal(t, before, other, "what was given is left alone")
			}
		}
		w = p.Stored()
		return granted
	}
	assert.Equal(t, ledger.LotID("lot_first"), buy("lot_first", noon.Add(30*day)).ID)
	assert.Equal(t, ledger.LotID("lot_second"), buy("lot_second", noon.Add(20*day)).ID)
	_, _, err := ledger.Grant(w, given(lot("lot_gift", 5, noon.Add(25*day))), ledger.Cause{}, noon)
	wantKind(t, err, fault.KindConflict, ledger.CodeTooManyLots)
	for name, c := range map[string]struct {
		expires time.Time
		into    ledger.LotID
		until   time.Time
	}{
		"the next to expire":              {noon.Add(19 * day), "lot_second", noon.Add(20 * day)},
		"an equal one":                    {noon.Add(20 * day), "lot_second", noon.Add(20 * day)},
		"the later one":                   {noon.Add(21 * day), "lot_first", noon.Add(30 * day)},
		"the last, which lasts as long":   {noon.Add(40 * day), "lot_first", noon.Add(40 * day)},
		"the last, which then never ends": {never, "lot_first", never},
	} {
		before := w.Clone()
		granted := buy("lot_third", c.expires)
		assert.Equal(t, []any{c.into, c.until, ledger.Credits(10)}, []any{granted.ID, granted.ExpiresAt, granted.Remaining}, name)
		w = before
	}
}

func TestOneOfFortyLotsThatWereBoughtTakesOneMorePurchase(t *testing.T) {
	w := fullWallet(noon.Add(day))
	for i := range 5 {
		p, _, err := ledger.Grant(w, lot(ledger.LotID(fmt.Sprintf("lot_new%d", i)), 5, noon.Add(365*day+time.Duration(i)*time.Hour)), ledger.Cause{}, noon)
		require.NoError(t, err)
		require.NoError(t, ledger.Check(p))
		w = p.Stored()
	}
	assert.Len(t, w.Lots, ledger.MaxPaidLots)
	assert.Equal(t, ledger.Credits(40*10+5*5), w.Available(noon))
}

func TestAGrantPastFortyLotsJoinsAnEqualOne(t *testing.T) {
	w := fullOfGifts(noon.Add(day))
	p, granted, err := ledger.Grant(w, given(lot("lot_new", 5, w.Lots[7].ExpiresAt)), ledger.Cause{}, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Equal(t, ledger.LotID("lot_07"), granted.ID)
	assert.Equal(t, ledger.Credits(15), granted.Remaining)
	assert.Equal(t, ledger.Credits(15), granted.Granted)
	assert.Equal(t, []string{"grant 5 lot_07"}, lines(p))

	_, _, err = ledger.Grant(w, given(lot("lot_new", 5, noon.Add(day/2))), ledger.Cause{}, noon)
	wantKind(t, err, fault.KindConflict, ledger.CodeTooManyLots)
	promotion := lot("lot_new", 5, w.Lots[7].ExpiresAt)
	promotion.Source = ledger.SourcePromotion
	_, _, err = ledger.Grant(w, promotion, ledger.Cause{}, noon)
	wantKind(t, err, fault.KindConflict, ledger.CodeTooManyLots)
}

func TestLotsThatExpiredButWereNotSweptLeaveRoom(t *testing.T) {
	w := fullWallet(noon)
	p, _, err := ledger.Grant(w, lot("lot_new", 5, noon.Add(99*day)), ledger.Cause{}, noon)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(p))
	assert.Len(t, p.After.Lots, ledger.MaxLots+1)
	assert.Equal(t, []string{"grant 5 lot_new"}, lines(p))
}

func TestAnEqualLotIsLeftAloneWhileThereIsRoom(t *testing.T) {
	p, _, err := ledger.Grant(wallet(lot("lot_a", 5, never)), lot("lot_b", 5, never), ledger.Cause{}, noon)
	require.NoError(t, err)
	assert.Len(t, p.After.Lots, 2)
}

func TestAGrantIsRefused(t *testing.T) {
	held := wallet(lot("lot_a", 5, never))
	for name, c := range map[string]struct {
		lot  ledger.Lot
		kind fault.Kind
		code string
	}{
		"of nothing":                   {lot("lot_b", 0, never), fault.KindInvalid, fault.CodeInvalidRequest},
		"of less than nothing":         {lot("lot_b", -1, never), fault.KindInvalid, fault.CodeInvalidRequest},
		"of more than a wallet":        {lot("lot_b", ledger.MaxCredits+1, never), fault.KindInvalid, fault.CodeInvalidRequest},
		"of more than there is space":  {lot("lot_b", ledger.MaxCredits-4, never), fault.KindConflict, ledger.CodeTooManyCredits},
		"that was born expired":        {lot("lot_b", 5, noon), fault.KindInvalid, fault.CodeInvalidRequest},
		"of a lot that is there":       {lot("lot_a", 5, never), fault.KindStale, fault.CodeStale},
		"from nowhere":                 {ledger.Lot{ID: "lot_b", Granted: 5}, fault.KindInvalid, fault.CodeInvalidRequest},
		"that expires this very milli": {lot("lot_b", 5, noon.Add(999*time.Microsecond)), fault.KindInvalid, fault.CodeInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ledger.Grant(held, c.lot, ledger.Cause{}, noon)
			wantKind(t, err, c.kind, c.code)
		})
	}
	_, _, err := ledger.Grant(held, lot("lot_b", ledger.MaxCredits-5, never), ledger.Cause{}, noon)
	assert.NoError(t, err, "up to the limit there is space")
	assert.Panics(t, func() { _, _, _ = ledger.Grant(held, lot("", 5, never), ledger.Cause{}, noon) })
}
