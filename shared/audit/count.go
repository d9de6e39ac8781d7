package audit

import (
	"fmt"
	"math"
	"slices"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/policy"
)

// EverySignal is the signal of the counts of a whole feature: each look is counted there once,
// however many signals it is held against.
const EverySignal evidence.Name = ""

// Count is how often the automatic verdicts of a week were wrong, by second looks.
type Count struct {
	// Week is the ISO week, by UTC, in which the verdicts were given: 2026-W48.
	Week string
	// Feature is what made the outputs.
	Feature string
	// Signal is what the verdicts are held against, EverySignal for all verdicts of the feature.
	Signal evidence.Name
	Tally
}

// Tally counts answers. An answer that is unsure stands in no sum but Unsure.
type Tally struct {
	// Paid is how many looks at approvals found the picture usable or unusable.
	Paid int
	// WronglyPaid is how many of them found it usable.
	WronglyPaid int
	// Declined is how many looks at declines found the picture usable or unusable.
	Declined int
	// WronglyDeclined is how many of them found it unusable.
	WronglyDeclined int
	// Unsure is how many looks did not tell.
	Unsure int
}

// Plus returns the sum of the two.
func (t Tally) Plus(other Tally) Tally {
	return Tally{
		Paid: t.Paid + other.Paid, WronglyPaid: t.WronglyPaid + other.WronglyPaid,
		Declined: t.Declined + other.Declined, WronglyDeclined: t.WronglyDeclined + other.WronglyDeclined,
		Unsure: t.Unsure + other.Unsure,
	}
}

// WeekOf returns the ISO week of the instant, by UTC. Weeks sort as text as they do in time.
func WeekOf(at time.Time) string {
	year, week := at.UTC().ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// Counts returns what the look adds to the counts of its week: one for its feature, and one for
// each of its signals. None while it has no answer.
func (l Look) Counts() []Count {
	if l.Answer == nil {
		return nil
	}
	var one Tally
	switch {
	case l.Answer.Finding == evidence.VerdictUnsure:
		one.Unsure = 1
	case l.Outcome == policy.OutcomeApproved:
		one.Paid = 1
	default:
		one.Declined = 1
	}
	if l.WronglyPaid() {
		one.WronglyPaid = 1
	}
	if l.WronglyDeclined() {
		one.WronglyDeclined = 1
	}
	week := WeekOf(l.DecidedAt)
	counts := []Count{{Week: week, Feature: l.Feature, Signal: EverySignal, Tally: one}}
	// A signal that is named twice counts once: two writes of one row are no transaction.
	for _, signal := range slices.Compact(slices.Sorted(slices.Values(l.Signals))) {
		counts = append(counts, Count{Week: week, Feature: l.Feature, Signal: signal, Tally: one})
	}
	return counts
}

// The bound of AtMost: how sure it is, and in how many halvings it is found.
const (
	certainty = 0.95
	halvings  = 50
)

// AtMost returns the largest share, in percent, that so few wrong ones among the looks leave
// possible: the exact upper bound at 95 %, by Clopper and Pearson. 0 of 0 leaves 100 possible, 0 of
// 4,000 leaves 0.075.
func AtMost(wrong, looks int) float64 {
	if looks <= 0 || wrong >= looks {
		return hundred
	}
	// The share at which no more than so many wrong ones come up in one sample of twenty. It is
	// searched for between what was seen and all.
	low, high := float64(wrong)/float64(looks), 1.0
	for range halvings {
		middle := (low + high) / 2
		if chanceOfAtMost(wrong, looks, middle) > 1-certainty {
			low = middle
		} else {
			high = middle
		}
	}
	return hundred * high
}

// chanceOfAtMost returns the binomial chance of at most so many of n, each coming up with that
// share, 0 < share < 1.
func chanceOfAtMost(most, n int, share float64) float64 {
	logOf := func(k int) float64 {
		value, _ := math.Lgamma(float64(k + 1)) // of k!, whose sign is known
		return value
	}
	// Factorials of thousands are no floats, their logarithms are.
	sum := 0.0
	for k := 0; k <= most; k++ {
		sum += math.Exp(logOf(n) - logOf(k) - logOf(n-k) + float64(k)*math.Log(share) + float64(n-k)*math.Log1p(-share))
	}
	return sum
}
