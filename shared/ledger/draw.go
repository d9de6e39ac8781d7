package ledger

import (
	"slices"

	"makegood/shared/fault"
)

// Sum returns the credits of the draws.
func Sum(draws []Draw) (sum Credits) {
	for _, draw := range draws {
		sum += draw.Credits
	}
	return sum
}

// byLot returns the draws with those of one lot made one, where the first stood; draws of nothing are left out.
func byLot(draws []Draw) []Draw {
	var merged []Draw
	for _, draw := range draws {
		i := slices.IndexFunc(merged, func(d Draw) bool { return d.Lot == draw.Lot })
		switch {
		case draw.Credits == 0:
		case i < 0:
			merged = append(merged, draw)
		default:
			merged[i].Credits += draw.Credits
		}
	}
	return merged
}

// gather returns the draws as at most so many: the soonest to expire join the next, which expires no sooner, so that nobody loses time.
func gather(draws []Draw, most int) []Draw {
	surplus := len(draws) - most
	if surplus <= 0 {
		return draws
	}
	draws = slices.SortedFunc(slices.Values(draws), func(a, b Draw) int { return drawOrder(a.lot(), b.lot()) })
	draws[surplus].Credits += Sum(draws[:surplus])
	return draws[surplus:]
}

// push appends a draw to a pile that is taken down from its end; a draw of the lot on top joins it.
func push(pile []Draw, draw Draw) []Draw {
	if top := len(pile) - 1; top >= 0 && pile[top].Lot == draw.Lot {
		pile[top].Credits += draw.Credits
		return pile
	}
	return append(pile, draw)
}

// pop takes up to most credits off the end of a pile.
func pop(pile []Draw, most Credits) ([]Draw, Draw) {
	top := len(pile) - 1
	draw := pile[top]
	draw.Credits = min(most, draw.Credits)
	pile[top].Credits -= draw.Credits
	if pile[top].Credits == 0 {
		pile = pile[:top]
	}
	return pile, draw
}

func validateDraws(draws []Draw) error {
	var sum Credits
	for _, draw := range draws {
		if draw.Credits < 0 || draw.Credits > maxWhole-sum {
			return fault.Invalid("draws", "must hold credits between 0 and %d", maxWhole)
		}
		if draw.Lot == "" || !draw.Source.known() {
			return fault.Invalid("draws", "must name a lot and its source")
		}
		sum += draw.Credits
	}
	return nil
}
