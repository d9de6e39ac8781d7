package main

import (
	"math"
	"math/rand/v2"
	"slices"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// group says what may be decided of a row's pictures.
type group string

const (
	// legitimate pictures may not be decided, whatever feature made them.
	groupLegitimate group = "Legitimate pictures"
	// pairs are of an input and of what a real change made of it, where the feature must change the
	// whole picture.
	groupPair group = "Legitimate changes, of features that must change the whole picture"
	// defects are to be decided, or left to a person.
	groupDefect group = "Defects"
)

// row is one way to make a picture of a source.
type row struct {
	group group
	name  string
	// right are the signals that may decide; none where the picture is usable, or where nothing
	// without an innocent case could tell.
	right []evidence.Name
	// demand is the share that must be decided, 0 where it is only reported.
	demand float64
	// reported says that what is decided wrong is counted, and fails no run.
	reported bool
	// sparse says that not every source has such a picture, so that twice as many are asked.
	sparse bool
	// whole says that the row takes every source, not the first of each kind.
	whole bool
	// draw makes the picture; false where this source has none.
	draw func(s *subject, random *rand.Rand) (pixel.Question, bool)
}

// enough is how many sources of each kind are tried where 99 % must be decided: of six kinds more
// than the 299 of which none may be missed, so that the bound of 95 % stands above that.
const enough = 52

// of is how many sources of each kind the row takes, of a sample of so many: what is only reported
// takes a third, and what is demanded enough of them.
func (r row) of(sample int) int {
	switch {
	case r.whole:
		return math.MaxInt
	case !r.demanding():
		return max(1, sample/3)
	case r.sparse:
		return 2 * max(sample, enough)
	case r.demand > 0:
		return max(sample, enough)
	}
	return sample
}

// demanding reports whether anything is demanded of the row.
func (r row) demanding() bool { return !r.reported && (r.group != groupDefect || r.demand > 0) }

// rows are all that is made of a source.
func rows() []row {
	return slices.Concat(legitimateRows(), pairRows(), byteRows(), blankRows(), sizeRows(), unchangedRows(), pictureRows())
}

// outcome is what a look came to.
type outcome int

const (
	outcomeDecided outcome = iota // by a signal that is right
	outcomeLeft                   // to a person
	outcomeWrong                  // decided by a signal that is not
)

// deciding are the signals that a policy may let decide.
var deciding = []evidence.Name{
	evidence.Empty, evidence.Undecodable, evidence.Truncated, evidence.Blank, evidence.WrongSize, evidence.FailureCard, evidence.Unchanged,
}

// look judges a look as a policy would that lets every such signal decide.
func (r row) look(q pixel.Question) (came outcome, sign bool, signals []evidence.Signal) {
	came, signals = outcomeLeft, pixel.At(q).Signals
	for _, signal := range signals {
		switch {
		case !signal.Present:
		case !slices.Contains(deciding, signal.Name):
			sign = sign || signal.Name != evidence.SmallInput
		case !slices.Contains(r.right, signal.Name):
			return outcomeWrong, sign, signals
		default:
			came = outcomeDecided
		}
	}
	return came, sign, signals
}

// only makes a row's function of one that needs no more than the picture.
func only(draw func(s *subject) []byte) func(*subject, *rand.Rand) (pixel.Question, bool) {
	return func(s *subject, _ *rand.Rand) (pixel.Question, bool) {
		body := draw(s)
		return pixel.Question{Output: body}, body != nil
	}
}
