package ledger_test

import (
	"slices"
	"testing"

	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func draw(id ledger.LotID, n ledger.Credits) ledger.Draw {
	return ledger.Draw{Lot: id, Credits: n, Source: ledger.SourcePurchase}
}

func TestDrawsAreDealtToOutputsInOrderAndTheLastTakesTheRest(t *testing.T) {
	draws := []ledger.Draw{draw("lot_a", 5), draw("lot_b", 6)}
	assert.Equal(t, [][]ledger.Draw{
		{draw("lot_a", 3)}, {draw("lot_a", 2), draw("lot_b", 1)}, {draw("lot_b", 5)},
	}, ledger.SplitDraws(draws, 3))
	assert.Equal(t, []ledger.Draw{draw("lot_a", 5), draw("lot_b", 6)}, draws, "what was given is left as it was")
}

func TestWhatDidNotComeIsGivenBackFromTheLastDraws(t *testing.T) {
	draws := []ledger.Draw{draw("lot_a", 5), draw("lot_b", 6)}
	assert.Equal(t, []ledger.Draw{draw("lot_a", 2), draw("lot_b", 6)}, ledger.UndeliveredDraws(draws, 3, 1))
	assert.Equal(t, draws, ledger.UndeliveredDraws(draws, 3, 0))
	assert.Empty(t, ledger.UndeliveredDraws(draws, 3, 3))
	assert.Empty(t, ledger.UndeliveredDraws(draws, 3, 8), "more than was asked for is all")
	assert.Empty(t, ledger.UndeliveredDraws(nil, 2, 0), "what was free gives nothing back")
}

func TestADealLosesNothingAndIsEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var draws []ledger.Draw
		for _, n := range rapid.SliceOfN(rapid.Int64Range(0, 9), 0, 5).Draw(t, "draws") {
			draws = append(draws, draw(ledger.NewLotID(string(rune('a'+len(draws)))), ledger.Credits(n)))
		}
		outputs := rapid.IntRange(1, 8).Draw(t, "outputs")
		came := rapid.IntRange(0, outputs).Draw(t, "came")
		dealt := ledger.SplitDraws(draws, outputs)
		require.Len(t, dealt, outputs)
		share := ledger.Sum(draws) / ledger.Credits(outputs)
		var kept ledger.Credits
		for i, part := range dealt {
			if i < outputs-1 {
				require.Equal(t, share, ledger.Sum(part))
			}
			if i < came {
				kept += ledger.Sum(part)
			}
		}
		back := ledger.UndeliveredDraws(draws, outputs, came)
		require.Equal(t, ledger.Sum(draws), kept+ledger.Sum(back))
		var order []ledger.LotID
		for _, part := range slices.Concat(dealt...) {
			require.Positive(t, part.Credits)
			order = append(order, part.Lot)
		}
		var given []ledger.LotID
		for _, d := range draws {
			if d.Credits > 0 {
				given = append(given, d.Lot)
			}
		}
		require.Equal(t, given, slices.Compact(order), "in the order of the draws")
	})
	assert.Panics(t, func() { ledger.SplitDraws(nil, 0) })
}

func TestAPartIsGivenBackFromTheLastDraws(t *testing.T) {
	draws := []ledger.Draw{draw("lot_a", 5), draw("lot_b", 6)}
	assert.Equal(t, []ledger.Draw{draw("lot_b", 4)}, ledger.LastDraws(draws, 4))
	assert.Equal(t, []ledger.Draw{draw("lot_a", 2), draw("lot_b", 6)}, ledger.LastDraws(draws, 8))
	assert.Equal(t, draws, ledger.LastDraws(draws, 11))
	assert.Equal(t, draws, ledger.LastDraws(draws, 12), "no more than there is")
	assert.Empty(t, ledger.LastDraws(draws, 0))
}
