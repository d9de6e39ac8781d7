// Package replay owns deciding recorded verdicts again: from what each rests on, by the revisions of this build, and whether the same bytes come
// out.
//
// It refuses to know how verdicts are read and how a report is printed. It decides nothing by itself: shared/policy does.
//
// Invariants: a verdict is compared only with what the revision that decided it says; one that rests on nothing recorded, or on a revision that
// this build has not, is reported as that and is no difference.
//
// Words: kept (a verdict as the stack shows it), verdict number (its place among those of its case, from 1).
package replay

import (
	"errors"

	"makegood/shared/policy"
)

// Kept is a verdict as it was recorded, with what it rests on; Basis nil where that was not.
type Kept struct {
	Decision policy.Decision `json:"decision"`
	Basis    *policy.Basis   `json:"basis"`
}

// Place names a verdict.
type Place struct {
	Case    string `json:"case"`
	Verdict int    `json:"verdict"`
}

// Difference is a verdict that is not made again: what was recorded, and what this build decides, or why it cannot.
type Difference struct {
	Place
	Recorded policy.Decision  `json:"recorded"`
	Now      *policy.Decision `json:"now,omitempty"`
	Error    string           `json:"error,omitempty"`
}

// Unknown is a verdict of a revision that this build has not.
type Unknown struct {
	Place
	Policy policy.Ref `json:"policy"`
}

// Report is what came out.
type Report struct {
	Cases       int          `json:"cases"`
	Verdicts    int          `json:"verdicts"`
	Same        int          `json:"same"`
	Differences []Difference `json:"differences"`
	Unkept      []Place      `json:"without_facts"`
	Unknown     []Unknown    `json:"unknown_revisions"`
}

// Replayer makes verdicts again. Open opens a published policy by its name.
type Replayer struct {
	Open func(name string) (*policy.Policy, error)
}

// Case replays the verdicts of a case, oldest first, into the report.
func (r Replayer) Case(name string, verdicts []Kept, into *Report) {
	into.Cases++
	var earlier *policy.Decision
	for n, kept := range verdicts {
		recorded := kept.Decision
		recorded.Basis = kept.Basis
		r.verdict(Place{name, n + 1}, recorded, earlier, into)
		if !recorded.Receipt() { // it decides nothing: a ruling on an appeal goes by the answer before it
			earlier = &recorded
		}
	}
}

func (r Replayer) verdict(at Place, recorded policy.Decision, earlier *policy.Decision, into *Report) {
	into.Verdicts++
	now, err := r.again(recorded, earlier)
	switch {
	case errors.Is(err, policy.ErrNoBasis):
		into.Unkept = append(into.Unkept, at)
	case errors.Is(err, policy.ErrNoRevision):
		into.Unknown = append(into.Unknown, Unknown{at, ref(recorded)})
	case err != nil:
		into.Differences = append(into.Differences, Difference{Place: at, Recorded: recorded, Error: err.Error()})
	case !policy.SameDecision(recorded, now):
		into.Differences = append(into.Differences, Difference{Place: at, Recorded: recorded, Now: &now})
	default:
		into.Same++
	}
}

// again makes the decision; a policy that this build has not has none of the revisions.
func (r Replayer) again(recorded policy.Decision, earlier *policy.Decision) (policy.Decision, error) {
	if recorded.Basis == nil {
		return policy.Decision{}, policy.ErrNoBasis
	}
	published, err := r.Open(recorded.Policy.Name)
	if err != nil {
		return policy.Decision{}, policy.ErrNoRevision
	}
	return published.Replay(recorded, earlier)
}

// ref names the revision that was applied.
func ref(recorded policy.Decision) policy.Ref {
	by := recorded.Policy
	if by.Digest != recorded.Basis.Digest { // a ruling is recorded under the revision of the verdict before it
		by.Revision, by.Digest = "", recorded.Basis.Digest
	}
	return by
}
