// Package replay owns deciding recorded verdicts again: from what each rests on, by the revisions
// of this build, and whether the same bytes come out.
//
// It refuses to know how verdicts are read and how a report is printed. It decides nothing by
// itself: shared/policy does.
//
// Invariants: a verdict is compared only with the answer of the revision that decided it. A verdict
// that rests on nothing recorded, or on a revision that this build does not have, is reported as
// such and is no difference.
//
// Words: kept (a verdict as the stack shows it), verdict number (its place among those of its case,
// from 1).
package replay

import (
	"errors"

	"makegood/shared/policy"
)

// Kept is a verdict as it was recorded.
type Kept struct {
	Decision policy.Decision `json:"decision"` // the decision
	Basis    *policy.Basis   `json:"basis"`    // what it rests on; nil where that was not recorded
}

// Place names a verdict.
type Place struct {
	Case    string `json:"case"`    // the case's id
	Verdict int    `json:"verdict"` // its number in the case, from 1
}

// Difference is a verdict that cannot be made again.
type Difference struct {
	Place
	Recorded policy.Decision  `json:"recorded"`        // the decision as it was recorded
	Now      *policy.Decision `json:"now,omitempty"`   // what this build decides; nil where it cannot
	Error    string           `json:"error,omitempty"` // why it cannot, else ""
}

// Unknown is a verdict of a revision that this build does not have.
type Unknown struct {
	Place
	Policy policy.Ref `json:"policy"` // the revision
}

// Report is the result of a run.
type Report struct {
	Cases       int          `json:"cases"`             // cases that were read
	Verdicts    int          `json:"verdicts"`          // verdicts that were replayed
	Same        int          `json:"same"`              // verdicts that came out the same
	Differences []Difference `json:"differences"`       // verdicts that did not
	Unkept      []Place      `json:"without_facts"`     // verdicts without recorded facts
	Unknown     []Unknown    `json:"unknown_revisions"` // verdicts of unknown revisions
}

// Replayer makes verdicts again.
type Replayer struct {
	Open func(name string) (*policy.Policy, error) // opens a published policy by its name
}

// Case replays the verdicts of a case, oldest first, into the report.
func (r Replayer) Case(name string, verdicts []Kept, into *Report) {
	into.Cases++
	var earlier *policy.Decision
	for n, v := range verdicts {
		decision := v.Decision
		decision.Basis = v.Basis
		r.verdict(Place{name, n + 1}, decision, earlier, into)
		// A receipt decides nothing: a ruling on an appeal goes by the answer before it.
		if !decision.Receipt() {
			earlier = &decision
		}
	}
}

// verdict replays one verdict and counts it in the report.
func (r Replayer) verdict(at Place, decision policy.Decision, earlier *policy.Decision, into *Report) {
	into.Verdicts++
	// What this build cannot know is reported apart: it must not look like a changed decision.
	now, err := r.again(decision, earlier)
	switch {
	case errors.Is(err, policy.ErrNoBasis):
		into.Unkept = append(into.Unkept, at)
	case errors.Is(err, policy.ErrNoRevision):
		into.Unknown = append(into.Unknown, Unknown{at, ref(decision)})
	case err != nil:
		into.Differences = append(into.Differences, Difference{Place: at, Recorded: decision, Error: err.Error()})
	case !policy.SameDecision(decision, now):
		into.Differences = append(into.Differences, Difference{Place: at, Recorded: decision, Now: &now})
	default:
		into.Same++
	}
}

// again makes the decision. A policy that this build does not have has none of the revisions.
func (r Replayer) again(decision policy.Decision, earlier *policy.Decision) (policy.Decision, error) {
	if decision.Basis == nil {
		return policy.Decision{}, policy.ErrNoBasis
	}
	p, err := r.Open(decision.Policy.Name)
	if err != nil {
		return policy.Decision{}, policy.ErrNoRevision
	}
	return p.Replay(decision, earlier)
}

// ref returns the revision that was applied.
func ref(decision policy.Decision) policy.Ref {
	by := decision.Policy
	// A ruling is recorded under the revision of the verdict before it, so its basis names its own.
	if by.Digest != decision.Basis.Digest {
		by.Revision, by.Digest = "", decision.Basis.Digest
	}
	return by
}
