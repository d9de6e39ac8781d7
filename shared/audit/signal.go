package audit

import (
	"slices"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/origin"
	"makegood/shared/policy"
)

// The bounds of a signal's row.
const (
	// LatestLooks is of how many of a signal's latest looks the share is taken, where the limit
	// asks for no more: what was right for years must not hide what is wrong since yesterday.
	LatestLooks = 200
	// MaxLifts bounds how many lifts are kept with their answers, the latest.
	MaxLifts = 20
)

// Signal is how a signal fares that decides, by the looks since it was last lifted.
type Signal struct {
	// Name is the signal's.
	Name evidence.Name
	// Wrong says of each of its latest looks, oldest first, whether it was wrongly paid. Unsure
	// ones are left out.
	Wrong []bool
	// Stop is why it decides nothing, nil while it may decide.
	Stop *Stop
	// Lifts are the latest times that staff let it decide again, oldest first.
	Lifts []Lift
	// Version counts its changes: the condition of a commit.
	Version int64
}

// Stop is why a signal stopped deciding.
type Stop struct {
	// At is when.
	At time.Time
	// Case is the case whose look passed the limit.
	Case string
	// WronglyPaid is how many of Looks were, then.
	WronglyPaid int
	// Looks is of how many of its latest looks the share was taken.
	Looks int
	// Limit is what was passed.
	Limit policy.Stops
}

// Lift is a ruling of staff that a signal that had stopped may decide again.
type Lift struct {
	// At is when.
	At time.Time
	// By is the name of the operator key.
	By string
	// Note is why, in their words.
	Note string
	// Origin is the request: a replay of it gets the first answer.
	Origin origin.Origin
}

// Tally returns how many of its latest looks were wrongly paid, and of how many.
func (s Signal) Tally() (wrong, looks int) {
	for _, one := range s.Wrong {
		if one {
			wrong++
		}
	}
	return wrong, len(s.Wrong)
}

// liftedAt returns since when it is counted, zero where it never stopped.
func (s Signal) liftedAt() time.Time {
	if len(s.Lifts) == 0 {
		return time.Time{}
	}
	return s.Lifts[len(s.Lifts)-1].At
}

// counts reports whether the look says something of the signal as it decides now. A verdict from
// before the lift was given by what staff have looked at since.
func (s Signal) counts(look Look) bool {
	return look.Answer.Finding != evidence.VerdictUnsure && !look.DecidedAt.Before(s.liftedAt())
}

// with returns the signal after the answer of a look at an approval that it decided. It stops where
// the answer passes the limit; one that has stopped stays so.
func (s Signal) with(look Look, limit policy.Stops) Signal {
	if !s.counts(look) {
		return s
	}
	// A copy: what was read is the condition of the commit.
	s.Wrong = append(slices.Clone(s.Wrong), look.WronglyPaid())
	s.Wrong = s.Wrong[max(0, len(s.Wrong)-max(limit.From, LatestLooks)):]
	s.Version++
	if wrong, looks := s.Tally(); s.Stop == nil && limit.Past(wrong, looks) {
		s.Stop = &Stop{At: look.Answer.At, Case: look.Case, WronglyPaid: wrong, Looks: looks, Limit: limit}
	}
	return s
}

// lift returns the signal as one that may decide again, counted anew.
func (s Signal) lift(lift Lift) Signal {
	s.Lifts = append(slices.Clone(s.Lifts), lift)
	s.Lifts = s.Lifts[max(0, len(s.Lifts)-MaxLifts):]
	s.Wrong, s.Stop = nil, nil
	s.Version++
	return s
}

// Stopped returns the names of those that decide nothing.
func Stopped(signals []Signal) []evidence.Name {
	var names []evidence.Name
	for _, signal := range signals {
		if signal.Stop != nil {
			names = append(names, signal.Name)
		}
	}
	return names
}
