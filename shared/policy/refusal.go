package policy

import "slices"

// unforeseen are the conditions that a report of a bad result, a look at the output or the
// customer's other reports still settle.
var unforeseen = append([]string{"issue", "used", "over_abuse_limits"}, evidenceConditions...)

// Refusal returns the decision that declines every report of the facts, whatever its customer says
// of the output and whatever a look finds; false where some report may not be declined. The facts
// are those of Decide, with a report that says nothing yet.
func Refusal(rev Revision, f Facts) (Decision, bool) {
	f = f.withDefaults()
	if f.Kind != KindBadResult || f.validate() != nil || f.belongTo(rev) != nil {
		return Decision{}, false
	}
	trace := []Step{}
	for i, rule := range rev.rules[f.Kind] {
		step := Step{Clause: rule.clause, Rule: i + 1}
		may, must := rule.foresee(rev, f)
		if may {
			d := rev.answer(rule, f, append(slices.Clone(trace), Step{step.Clause, step.Rule, true}))
			switch {
			// One rule that may not decline is enough: the customer may make their report.
			case d.Outcome != OutcomeDeclined:
				return Decision{}, false
			case must:
				return d, true
			}
		}
		trace = append(trace, step)
	}
	return Decision{}, false // X3: a person looks at what no rule answers
}

// foresee reports whether the rule may hold for a report of the facts, and whether it must.
func (r rule) foresee(rev Revision, f Facts) (may, must bool) {
	must = true
	for _, test := range r.tests {
		if test.holds(r.when, rev, f) && (test.name == "used" || !slices.Contains(unforeseen, test.name)) {
			continue // what is on record stays there, a use too
		}
		if !slices.Contains(unforeseen, test.name) {
			return false, false
		}
		must = false
	}
	return true, must
}
