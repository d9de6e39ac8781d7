package page

import (
	"slices"

	"makegood/shared/policy"
)

// maxTries bounds the facts that are decided to find one example; the published policies need under 20.
const maxTries = 5000

// search looks for facts that one rule decides.
type search struct {
	rules    []policy.RuleView
	position int
	tries    int
}

// exampleOf returns facts that the rule at a position decides, nil when none were found: a rule above it may always stand before it.
func exampleOf(rev policy.Revision, kind policy.Kind, position int) *Example {
	find := &search{rules: rev.Rules(kind), position: position}
	for _, choice := range choices(find.rules[position].When) {
		s := newScene(rev, kind)
		s.apply(choice)
		if found, decision := find.from(s, choice); found != nil {
			return &Example{Words: found.words(), Facts: found.facts, Decision: decision}
		}
	}
	return nil
}

// asked is one value for one condition.
type asked struct{ name, value string }

// choices are the ways to make all conditions hold: the first word of each, then each further word in its place.
func choices(when []policy.ConditionView) [][]asked {
	first := make([]asked, len(when))
	for i, c := range when {
		first[i] = asked{c.Name, c.Values[0]}
	}
	all := [][]asked{first}
	for i, c := range when {
		for _, value := range c.Values[1:] {
			other := slices.Clone(first)
			other[i].value = value
			all = append(all, other)
		}
	}
	return all
}

func (s *scene) apply(choice []asked) {
	for _, c := range choice {
		if known, ok := conditions[c.name]; ok {
			known.set(s, c.value)
		}
	}
}

// from changes a scene until the rule decides: as long as a rule above it does, one of that rule's conditions is made not to hold.
// kept are the values that must stand. nil when there is no way, or none was found in time.
func (f *search) from(s *scene, kept []asked) (*scene, policy.Decision) {
	f.tries++
	decision, err := policy.Decide(s.rev, s.facts)
	last := len(decision.Trace) - 1
	switch {
	case err != nil || last > f.position || f.tries > maxTries:
		return nil, decision
	case last == f.position: // what overrules a rule, and X3, stand after it
		return s, decision
	}
	for _, c := range f.rules[last].When {
		if slices.ContainsFunc(kept, func(k asked) bool { return k.name == c.Name }) {
			continue
		}
		for _, value := range others(c) {
			more := append(slices.Clone(kept), asked{c.Name, value})
			next := s.copy()
			next.apply(more)
			if found, decision := f.from(next, more); found != nil {
				return found, decision
			}
		}
	}
	return nil, decision
}

// others are values of a condition that a rule does not ask for.
func others(c policy.ConditionView) []string {
	known := conditions[c.Name]
	var rest []string
	for _, value := range known.values {
		if !slices.Contains(c.Values, value) {
			rest = append(rest, value)
		}
	}
	if known.values == nil {
		rest = []string{""} // a limit, or a word of the assessor: none at all
	}
	return rest
}
