package policy

import "slices"

// Discreet returns the decision as whoever asked, and the app that speaks to them, may see it. That somebody is past an abuse limit is staff's to know:
// where that sent the request to review, or a person cites a clause of that, clause, rule and trace are those of a request that was not suspicious, and
// so is what a person decided. While it is in review the sentence stays. Of any other decision everything does.
// Why: infra/decisions/0040.
func (r Revision) Discreet(kind Kind, d Decision) Decision {
	suspicion := func(step Step) bool { return r.suspects(kind, step) }
	if !slices.ContainsFunc(d.Trace, suspicion) && !suspicion(Step{Clause: d.Clause, Rule: d.Rule, Matched: true}) {
		return d
	}
	byPerson := d.Outcome != OutcomeInReview && d.Reason == r.Reason(kind, d)
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

// DiscreetClause returns the clause that stands in place of one by which requests of the kind are suspected; any other is itself.
func (r Revision) DiscreetClause(kind Kind, clause string) string {
	return r.Discreet(kind, Decision{Clause: clause}).Clause
}

// suspects reports whether the step is of a rule that sends to review who is past an abuse limit, or of a clause of one, cited by a person.
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

// unsuspected returns the steps in place of one that suspects: the rules from it on to the first that sends others to review, X3 where none does.
// In place of a clause that was cited that one alone.
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
	none := Step{Clause: ClauseNoRule, Matched: true}
	if step.Rule == 0 {
		return []Step{none}
	}
	return append(steps, none)
}
