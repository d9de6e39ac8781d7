package policy

import (
	"slices"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/generation"
)

// Citable returns the clauses that a person may cite for an outcome of a request of the kind: those
// of its rules that answer so or send to review, then those that every policy has.
func (r Revision) Citable(kind Kind, outcome Outcome) []string {
	var clauses []string
	add := func(clause string) {
		if !slices.Contains(clauses, clause) {
			clauses = append(clauses, clause)
		}
	}
	// A rule that sends to review lends its clause to whatever the person then decides.
	for _, rule := range r.rules[kind] {
		if rule.answer == outcome || rule.answer == OutcomeInReview {
			add(rule.clause)
		}
	}
	// X1 and X2 only ever decline; X3 is there for every outcome.
	if outcome == OutcomeDeclined {
		add(ClauseAlreadyRefunded)
		add(ClauseNothingCharged)
	}
	add(ClauseNoRule)
	return clauses
}

// cited returns the clause of a person's ruling: the one that they name, else the one that follows.
// KindInvalid naming clause, with those that can be cited, for any other.
func (r Revision) cited(f Facts, prior Decision, ruling Ruling) (string, error) {
	switch clauses := r.Citable(f.Kind, ruling.Outcome); {
	case ruling.Clause != "" && !slices.Contains(clauses, ruling.Clause):
		return "", fault.Invalid("clause", "must be %s", strings.Join(clauses, ", "))
	case ruling.Clause != "":
		return ruling.Clause, nil
	case ruling.Outcome == OutcomeDeclined:
		return prior.Clause, nil
	}
	return r.approving(f, prior), nil
}

// tellable reports whether the facts hold what the rules about a generation read: a failure has a
// cause.
func (f Facts) tellable() bool {
	return f.Generation != nil && (f.Kind != KindTechnicalFailure || f.Generation.Failure != nil)
}

// approving returns the clause for an approval by a person who names none. It is the clause of the
// first rule that would have approved, had the facts been as the person sees them. Else it is a
// clause that sends such requests to review and has words for an approval, the prior decision's
// before others. Else it is X3.
func (r Revision) approving(f Facts, prior Decision) string {
	// A person who approves thereby says what they saw: that the result is bad, or the platform
	// failed.
	hypothesis := f.asApproved()
	for _, rule := range r.rules[f.Kind] {
		if rule.answer == OutcomeApproved && (!f.Kind.aboutGeneration() || f.tellable() && rule.holds(r, hypothesis)) {
			return rule.clause
		}
	}
	// No rule would have approved. The clause that asked for a person has words for what they
	// decided.
	if r.reviews(f.Kind, prior.Clause) {
		return prior.Clause
	}
	for _, rule := range r.rules[f.Kind] {
		if r.reviews(f.Kind, rule.clause) {
			return rule.clause
		}
	}
	return ClauseNoRule
}

// reviews reports whether the clause sends requests of the kind to review, and has a sentence for a
// person's approval.
func (r Revision) reviews(kind Kind, clause string) bool {
	return r.clauses[clause].ruled[OutcomeApproved] != nil &&
		slices.ContainsFunc(r.rules[kind], func(l rule) bool { return l.clause == clause && l.answer == OutcomeInReview })
}

// asApproved returns the facts as a person who approves sees them: the result is unusable, the
// platform failed. The sections of f itself stay as they are.
func (f Facts) asApproved() Facts {
	// Only what the person judged is changed; whatever can be counted stays as it was.
	f = f.withDefaults()
	if f.Kind == KindBadResult {
		f.Evidence = &EvidenceFacts{Verdict: VerdictUnusable, Input: InputGood}
		if f.Report == nil {
			f.Report = &ReportFacts{}
		}
	}
	// Copies, since the caller's facts are what the decision before rested on.
	if g := f.Generation; g != nil && g.Failure != nil {
		output, failure := *g, *g.Failure
		failure.Cause = generation.CausePlatform
		output.Failure, f.Generation = &failure, &output
	}
	return f
}
