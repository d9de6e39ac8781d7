// Package simulation owns what a draft of a policy would have changed: the facts of decided cases
// decided again by the draft, and what that comes to in cases, credits and money.
//
// It refuses to know where cases are read and how a result is shown. It has no clock and does no
// I/O, and it moves nothing.
//
// Invariants: a recorded verdict is first made again by the revision that gave it; a run in which
// one does not come out with the same bytes has no receipt. What a person decided stands, and is
// counted apart. What the draft goes by and nobody gathered is counted as undecidable and never
// guessed. A run is the same whatever the order of its cases, and however often it was saved and
// gone on with.
//
// Words: draft (a revision that is not published), run (a simulation under way: a value that can be
// saved), flip (the draft's outcome is another than the one that was given), before and under (what
// was given, and what would be given under the draft), receipt (proof of a run, for publishing).
package simulation

import (
	"errors"
	"time"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/replay"
)

// Case is a decided case.
type Case struct {
	ID       string        // its id
	Kind     policy.Kind   // what it is about
	Customer string        // who is behind it, by a name that is the same in each of their cases
	Verdicts []replay.Kept // its verdicts, oldest first
}

// Simulator decides cases by a draft.
type Simulator struct {
	Draft policy.Revision                           // the revision that is tried
	Open  func(name string) (*policy.Policy, error) // opens a published policy by its name
	Since time.Time                                 // only what was decided from then on
	Until time.Time                                 // and before then; zero: without an end
}

// Run is a simulation under way. As JSON it can be saved and gone on with.
type Run struct {
	Draft       policy.Ref     `json:"draft"`                 // the draft
	Since       time.Time      `json:"since,omitzero"`        // as the simulator's
	Until       time.Time      `json:"until,omitzero"`        // as the simulator's
	Read        int            `json:"read"`                  // cases that were read, whenever they were decided
	Check       Check          `json:"check"`                 // of all verdicts that were read
	Undecidable map[string]int `json:"undecidable,omitempty"` // cases that the draft cannot decide, by the field of the facts
	Rules       Part           `json:"rules"`                 // cases that the rules decided, or sent to a review that lasts
	People      Part           `json:"people"`                // cases in which a person's verdict stands
}

// Begin returns a run without cases.
func (s Simulator) Begin() Run {
	return Run{Draft: s.Draft.Ref(), Since: s.Since, Until: s.Until}
}

// Add takes a case into a run that began with this simulator. Each case is added once.
func (s Simulator) Add(c Case, into *Run) {
	into.Read++
	into.Check.add(replay.Replayer{Open: s.Open}, c)
	last := lastOf(c.Verdicts)
	if last.rules == nil || last.rules.Basis == nil {
		into.leaveOut("facts")
		return
	}
	at, err := last.rules.Basis.At()
	if err == nil && (at.Before(s.Since) || !s.Until.IsZero() && !at.Before(s.Until)) {
		return
	}
	under, err := s.redecide(*last.rules)
	if err != nil {
		into.leaveOut(fieldOf(err))
		return
	}
	if last.person == nil {
		into.Rules.add(c, outcome{from: *last.rules, to: under, before: last.rules.Remedy, under: under.Remedy})
		return
	}
	// A person still decides what the draft leaves to one, and what the rules answer as before.
	after := outcome{from: *last.rules, to: under, before: last.person.Remedy, under: last.person.Remedy}
	if after.changed() && under.Outcome != policy.OutcomeInReview {
		after.under = under.Remedy
	}
	into.People.add(c, after)
}

func (r *Run) leaveOut(field string) {
	if r.Undecidable == nil {
		r.Undecidable = map[string]int{}
	}
	r.Undecidable[field]++
}

// redecide decides by the draft what the rules decided.
func (s Simulator) redecide(decision policy.Decision) (policy.Decision, error) {
	p, err := s.Open(decision.Policy.Name)
	if err != nil {
		return policy.Decision{}, policy.ErrNoRevision
	}
	return p.Redecide(decision, s.Draft)
}

// fieldOf returns what of the facts the draft lacks.
func fieldOf(err error) string {
	var e *fault.Error
	switch {
	case errors.Is(err, policy.ErrNoRevision):
		return "revision"
	case errors.As(err, &e) && e.Field != "":
		return e.Field
	}
	return "facts"
}

// latest are the verdicts of a case that a simulation goes by.
type latest struct {
	rules  *policy.Decision // the last of the rules
	person *policy.Decision // the one in force, where a person gave it
}

func lastOf(verdicts []replay.Kept) latest {
	var last latest
	for _, v := range verdicts {
		decision := v.Decision
		decision.Basis = v.Basis
		switch {
		case decision.Receipt(): // it decides nothing: what was answered before it stands
		case v.Basis != nil && v.Basis.Ruling != nil:
			last.person = &decision
		default:
			last.rules, last.person = &decision, nil
		}
	}
	return last
}
