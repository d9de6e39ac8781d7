// Package audit owns the second looks: of automatic verdicts on bad results that were looked at, a
// share is shown to a person who is not told the verdict. What they find is counted by week,
// feature and signal, and a signal that pays wrongly too often stops deciding.
//
// It refuses to know how a case is decided and what a verdict moves: a look moves no credit, no
// case and no notice.
//
// Invariants:
//   - Whether a case is sampled derives from its id alone. Its look is written in the commit of its
//     verdict.
//   - A look has one answer. What it counts for is written in the same commit, so the counts are
//     the sum of the answers, however often and in whatever order they come.
//   - A signal stops in the commit of the look that passes the limit. It decides nothing until
//     staff lift it, and is then counted anew.
//
// Words: look (a second look), finding (what the person says of the picture), wrongly paid (found
// usable, though the verdict gave credits back), wrongly declined, stop, lift, count.
//
// Why: infra/decisions/0061.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/origin"
	"makegood/shared/policy"
)

// hundred is what a percentage is a share of.
const hundred = 100

// Sampled reports whether the case is among the percentage of cases that are looked at again. The
// id alone decides, so that a verdict that is tried again is sampled again, or never.
func Sampled(caseID string, percent int) bool {
	hash := sha256.Sum256([]byte("second look:" + caseID))
	// 2^64 is no multiple of 100: the error is below one in 10^17.
	return int(binary.BigEndian.Uint64(hash[:])%hundred) < percent
}

// DefaultPercent is the percentage where nobody names one.
const DefaultPercent = 5

// ParsePercent reads how many percent of the verdicts are looked at again: DefaultPercent for "".
func ParsePercent(text string) (int, error) {
	if text == "" {
		return DefaultPercent, nil
	}
	percent, err := strconv.Atoi(text)
	if err == nil && (percent < 0 || percent > hundred) {
		err = strconv.ErrRange
	}
	if err != nil {
		return 0, fmt.Errorf("audit: %q is no percentage of second looks: %w", text, err)
	}
	return percent, nil
}

// Look is one automatic verdict that a person looks at again.
type Look struct {
	// Case is the case that was decided. A case has one look at most.
	Case string
	// Feature is what made its output.
	Feature string
	// Outcome is what the policy answered: approved or declined.
	Outcome policy.Outcome
	// Clause is the clause that it answered by.
	Clause string
	// Signals are those that the verdict is held against: of an approval those that decided, of a
	// decline those that were present.
	Signals []evidence.Name
	// DecidedAt is when the verdict was given.
	DecidedAt time.Time
	// Answer is what a person found, nil while nobody has looked.
	Answer *Answer
}

// Answer is what a person found at a second look.
type Answer struct {
	// Finding is unusable, usable or unsure.
	Finding evidence.Verdict
	// Note is why, in their words.
	Note string
	// By is the name of the operator key.
	By string
	// At is when they answered.
	At time.Time
	// Origin is the request that answered: a replay of it gets the first answer.
	Origin origin.Origin
}

// New returns the look at a verdict on a bad result, nil where the record or the verdict needs
// none: the policy sent it to a person, or nothing could be judged.
func New(record evidence.Record, decision policy.Decision, at time.Time) *Look {
	automatic := decision.Outcome == policy.OutcomeApproved || decision.Outcome == policy.OutcomeDeclined
	if !automatic || record.Verdict == "" {
		return nil
	}
	look := Look{Case: record.Case, Feature: record.Feature, Outcome: decision.Outcome, Clause: decision.Clause, DecidedAt: at}
	if decision.Outcome == policy.OutcomeApproved {
		look.Signals = slices.Clone(record.Defects)
		return &look
	}
	for _, signal := range record.Signals {
		if signal.Present {
			look.Signals = append(look.Signals, signal.Name)
		}
	}
	return &look
}

// WronglyPaid reports whether the answer says that nothing should have gone back.
func (l Look) WronglyPaid() bool {
	return l.Outcome == policy.OutcomeApproved && l.Answer != nil && l.Answer.Finding == evidence.VerdictUsable
}

// WronglyDeclined reports whether the answer says that something should have gone back.
func (l Look) WronglyDeclined() bool {
	return l.Outcome == policy.OutcomeDeclined && l.Answer != nil && l.Answer.Finding == evidence.VerdictUnusable
}
