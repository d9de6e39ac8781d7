package policy

import "slices"

// Discreet returns the decision as the customer, and the app that speaks to them, may see it. Only
// staff know that somebody is past an abuse limit. Where that sent the request to review, or where
// a person cites a clause of that, the result has the clause, rule and trace of a request that
// nobody suspects, and of a ruling on one. The sentence stays while the case is in review. Any
// other decision comes back as it is.
// Why: infra/decisions/0040.
func (r Revision) Discreet(kind Kind, d Decision) Decision {
	// Most decisions have nothing to hide and come back untouched.
	suspicion := func(step Step) bool { return r.suspects(kind, step) }
	if !slices.ContainsFunc(d.Trace, suspicion) && !suspicion(Step{Clause: d.Clause, Rule: d.Rule, Matched: true}) {
		return d
	}
	// A sentence that follows from the ruling must follow from the discreet clause too.
	byPerson := d.Outcome != OutcomeInReview && d.Reason == r.Reason(kind, d)
	// In the trace, the rules that would have followed take the place of the one that suspects.
	trace := []Step{}
	for _, step := range d.Trace {
		if suspicion(step) {
			trace = append(trace, r.unsuspected(kind, step)...)
		} else {
			trace = append(trace, step)
		}
	}
	d.Trace = trace
	if last := (Step{Clause: d.Clause, Rule: d.Rule, Matched: true}); suspicion(last) {
		steps := r.unsuspected(kind, last)
		last := steps[len(steps)-1]
		d.Clause, d.Rule = last.Clause, last.Rule
		if byPerson {
			d.Reason = r.Reason(kind, d)
		}
	}
	return d
}

// DiscreetClause returns the clause in place of one by which requests of the kind are suspected;
// any other is itself.
func (r Revision) DiscreetClause(kind Kind, clause string) string {
	return r.Discreet(kind, Decision{Clause: clause}).Clause
}

// suspects reports whether the step is of a rule that sends customers past an abuse limit to
// review, or of its clause, cited by a person.
func (r Revision) suspects(kind Kind, step Step) bool {
	for i, rule := range r.rules[kind] {
		if step.Matched && rule.clause == step.Clause && rule.suspects() && (step.Rule == 0 || step.Rule == i+1) {
			return true
		}
	}
	return false
}

func (r rule) suspects() bool {
	return r.answer == OutcomeInReview && r.when.OverAbuseLimits != nil && *r.when.OverAbuseLimits
}

// unsuspected returns the steps in place of one that suspects: the rules from it on to the first
// that sends others to review, X3 where none does. In place of a clause that a person cited, it is
// that last step alone.
func (r Revision) unsuspected(kind Kind, step Step) []Step {
	var steps []Step
	for i, rule := range r.rules[kind] {
		if i+1 < step.Rule {
			continue
		}
		plain := rule.answer == OutcomeInReview && !rule.suspects()
		steps = append(steps, Step{Clause: rule.clause, Rule: i + 1, Matched: plain})
		if plain && step.Rule == 0 {
			return []Step{{Clause: rule.clause, Matched: true}}
		}
		if plain {
			return steps
		}
	}
	// No rule sends anybody else to review: what no rule decides goes there under X3.
	none := Step{Clause: ClauseNoRule, Matched: true}
	if step.Rule == 0 {
		return []Step{none}
	}
	return append(steps, none)
}
