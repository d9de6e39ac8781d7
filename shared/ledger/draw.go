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

// byLot merges the draws of each lot into one, at the place of the first. Draws of nothing are
// left out.
func byLot(draws []Draw) []Draw {
	var merger []Draw
	for _, draw := range draws {
		i := slices.IndexFunc(merger, func(d Draw) bool { return d.Lot == draw.Lot })
		switch {
		case draw.Credits == 0:
		case i < 0:
			merger = append(merger, draw)
		default:
			merger[i].Credits += draw.Credits
		}
	}
	return merger
}

// gather returns the draws as at most limit draws. The draws that expire soonest join the next one,
// which expires no sooner, so that nobody loses time.
func gather(draws []Draw, limit int) []Draw {
	surplus := len(draws) - limit
	if surplus <= 0 {
		return draws
	}
	draws = slices.SortedFunc(slices.Values(draws), func(a, b Draw) int { return drawOrder(a.lot(), b.lot()) })
	draws[surplus].Credits += Sum(draws[:surplus])
	return draws[surplus:]
}

// push appends a draw to a pile that is taken down from its end. A draw of the lot on top joins it.
func push(pile []Draw, draw Draw) []Draw {
	if top := len(pile) - 1; top >= 0 && pile[top].Lot == draw.Lot {
		pile[top].Credits += draw.Credits
		return pile
	}
	return append(pile, draw)
}

// pop takes up to limit credits off the end of a pile, all of them from one draw.
func pop(pile []Draw, limit Credits) ([]Draw, Draw) {
	top := len(pile) - 1
	draw := pile[top]
	draw.Credits = min(limit, draw.Credits)
	pile[top].Credits -= draw.Credits
	if pile[top].Credits == 0 {
		pile = pile[:top]
	}
	return pile, draw
}

// validateDraws refuses draws that no hold can have made: a negative number, an unknown source, no
// lot, or a sum that a JSON number cannot hold exactly.
func validateDraws(draws []Draw) error {
	var sum Credits
	for _, draw := range draws {
		// Compared with what is left to the bound, so that the sum itself cannot overflow.
		if draw.Credits < 0 || draw.Credits > maxWhole-sum {
			return fault.Invalid("draws", "must hold credits between 0 and %d", maxWhole)
		}
		if draw.Lot == "" || !draw.Source.valid() {
			return fault.Invalid("draws", "must name a lot and its source")
		}
		sum += draw.Credits
	}
	return nil
}
