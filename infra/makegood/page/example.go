package page

import (
	"slices"

	"makegood/shared/policy"
)

// maxTries bounds the facts that are decided to find one example; the published policies need under
// 20.
const maxTries = 5000

// search looks for facts that one rule decides.
type search struct {
	rules    []policy.RuleView
	position int
	tries    int
}

// exampleOf returns facts that the rule at a position decides, nil when none were found: a rule
// above it may always stand before it.
func exampleOf(rev policy.Revision, kind policy.Kind, position int) *Example {
	find := &search{rules: rev.Rules(kind), position: position}
	// A rule with lists can be met in several ways; the first that no rule above it takes is shown.
	for _, choice := range choices(find.rules[position].When) {
		s := newScene(rev, kind)
		s.apply(choice)
		if match, decision := find.from(s, choice); match != nil {
			return &Example{Words: match.words(), Facts: match.facts, Decision: decision}
		}
	}
	return nil
}

// asked is one value for one condition.
type constraint struct{ name, value string }

// choices are the ways to make all conditions hold: the first word of each, then each further word
// in its place.
func choices(when []policy.ConditionView) [][]constraint {
	// One value for each condition, then each further value alone: all combinations would be
	// thousands, and one is enough.
	first := make([]constraint, len(when))
	for i, c := range when {
		first[i] = constraint{c.Name, c.Values[0]}
	}
	all := [][]constraint{first}
	for i, c := range when {
		for _, value := range c.Values[1:] {
			other := slices.Clone(first)
			other[i].value = value
			all = append(all, other)
		}
	}
	return all
}

func (s *scene) apply(choice []constraint) {
	for _, c := range choice {
		if cond, ok := conditions[c.name]; ok {
			cond.set(s, c.value)
		}
	}
}

// from changes a scene until the rule decides: as long as a rule above it does, one of that rule's
// conditions is made not to hold. kept are the values that must stand. nil when there is no way, or
// none was found in time.
func (f *search) from(s *scene, fixed []constraint) (*scene, policy.Decision) {
	f.tries++
	// The policy itself says which rule decides, so an example can never show what a rule does not
	// do.
	decision, err := policy.Decide(s.rev, s.facts)
	// The trace ends with the rule that decided: one above ours stands in the way, one below means
	// that ours does not hold.
	last := len(decision.Trace) - 1
	switch {
	case err != nil || last > f.position || f.tries > maxTries:
		return nil, decision
	case last == f.position: // what overrules a rule, and X3, stand after it
		return s, decision
	}
	// Any condition of the rule above may be the one to break, but for those that our own rule
	// needs.
	for _, c := range f.rules[last].When {
		if slices.ContainsFunc(fixed, func(k constraint) bool { return k.name == c.Name }) {
			continue
		}
		for _, value := range others(c) {
			// The broken condition is fixed from now on, or the next step might mend it again.
			more := append(slices.Clone(fixed), constraint{c.Name, value})
			next := s.copy()
			next.apply(more)
			if match, decision := f.from(next, more); match != nil {
				return match, decision
			}
		}
	}
	return nil, decision
}

// others are values of a condition that a rule does not ask for.
func others(c policy.ConditionView) []string {
	cond := conditions[c.Name]
	// A list of the contract has other words; a limit has none, and "" is below every limit.
	var rest []string
	for _, value := range cond.values {
		if !slices.Contains(c.Values, value) {
			rest = append(rest, value)
		}
	}
	if cond.values == nil {
		rest = []string{""} // a limit, or a word of the assessor: none at all
	}
	return rest
}
