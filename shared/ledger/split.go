package ledger

import "slices"

// SplitDraws splits the price that the draws add up to evenly over the outputs, the last of which
// takes the rest. It returns, for each output, what it cost and from which lots: the first draws
// pay for the first outputs. Fewer than one output is a caller's bug and panics.
func SplitDraws(draws []Draw, outputs int) [][]Draw {
	if outputs < 1 {
		panic("ledger: a price is split over at least one output")
	}
	share := Sum(draws) / Credits(outputs)
	shares := make([][]Draw, outputs)
	rest := slices.Clone(draws)
	for i := range outputs - 1 {
		shares[i], rest = cut(rest, share)
	}
	// The last takes what the division left over: 10 credits over 3 outputs are 3, 3 and 4.
	shares[outputs-1], _ = cut(rest, Sum(rest))
	return shares
}

// UndeliveredDraws returns the draws of the outputs that did not come, one for each lot: what a
// partial result gives back. The outputs that came are the first. It is empty when all came, or
// more.
func UndeliveredDraws(draws []Draw, outputs, arrivals int) []Draw {
	arrivals = min(max(arrivals, 0), outputs)
	return byLot(slices.Concat(SplitDraws(draws, outputs)[arrivals:]...))
}

// LastDraws returns the draws of the last n credits, all of them when there are no more: what is
// given back when it is not the whole price.
func LastDraws(draws []Draw, n Credits) []Draw {
	_, last := cut(draws, max(0, Sum(draws)-n))
	return last
}

// cut splits the first n credits off the draws. The draw that the cut goes through is in both
// parts.
func cut(draws []Draw, n Credits) (first, rest []Draw) {
	for i, draw := range draws {
		if n == 0 {
			return first, draws[i:]
		}
		part := draw
		part.Credits = min(n, draw.Credits)
		// An output that cost nothing names no lot.
		if part.Credits > 0 {
			first = append(first, part)
		}
		n -= part.Credits
		if draw.Credits > part.Credits {
			// A clone: the caller's draws are a stored hold and stay as they are.
			rest = slices.Clone(draws[i:])
			rest[0].Credits -= part.Credits
			return first, rest
		}
	}
	return first, nil
}
