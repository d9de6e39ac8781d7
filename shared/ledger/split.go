package ledger

import "slices"

// SplitDraws splits the price that the draws make up evenly over the outputs (the last takes the rest) and deals the draws to them
// in order: what each output cost, and from which lots. Fewer than one output is a caller's bug and panics.
func SplitDraws(draws []Draw, outputs int) [][]Draw {
	if outputs < 1 {
		panic("ledger: a price is dealt to at least one output")
	}
	share := Sum(draws) / Credits(outputs)
	dealt := make([][]Draw, outputs)
	rest := slices.Clone(draws)
	for i := range outputs - 1 {
		dealt[i], rest = cut(rest, share)
	}
	dealt[outputs-1], _ = cut(rest, Sum(rest))
	return dealt
}

// UndeliveredDraws returns the draws of the outputs that did not come, when only the first came of them did: what is to be given back,
// one draw for each lot. It is empty when all came, or more.
func UndeliveredDraws(draws []Draw, outputs, came int) []Draw {
	came = min(max(came, 0), outputs)
	return byLot(slices.Concat(SplitDraws(draws, outputs)[came:]...))
}

// LastDraws returns the draws of the last n credits, all of them when there are no more: what is given back when it is not the whole.
func LastDraws(draws []Draw, n Credits) []Draw {
	_, last := cut(draws, max(0, Sum(draws)-n))
	return last
}

// cut splits the first n credits off the draws.
func cut(draws []Draw, n Credits) (first, rest []Draw) {
	for i, draw := range draws {
		if n == 0 {
			return first, draws[i:]
		}
		part := draw
		part.Credits = min(n, draw.Credits)
		if part.Credits > 0 {
			first = append(first, part)
		}
		n -= part.Credits
		if draw.Credits > part.Credits {
			rest = slices.Clone(draws[i:])
			rest[0].Credits -= part.Credits
			return first, rest
		}
	}
	return first, nil
}
