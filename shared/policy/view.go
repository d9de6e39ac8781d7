package policy

import "slices"

// RuleView is a rule as a reader sees it: when all of When hold (none: always), the clause answers.
type RuleView struct {
	Clause string          `json:"clause"`
	When   []ConditionView `json:"when,omitempty"`
	Answer Outcome         `json:"answer"`
	Gives  Gift            `json:"gives,omitempty"` // "" unless the answer is approved
	To     Destination     `json:"to,omitempty"`    // "" unless the answer is approved
}

// ConditionView is a condition that a rule gives: its name in the file, and the words of which one must fit; for the others the one
// value asked for, as a file writes it ("true", "3", "48h").
type ConditionView struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Kinds returns the kinds that have rules, in the order in which messages list kinds. A request of another kind goes to review (X3).
func (r Revision) Kinds() []Kind {
	var with []Kind
	for _, kind := range kinds {
		if len(r.rules[kind]) > 0 {
			with = append(with, kind)
		}
	}
	return with
}

// Rules returns the rules of a kind in the order in which they are tried; nil for a kind without rules.
func (r Revision) Rules(kind Kind) []RuleView {
	var views []RuleView
	for _, rule := range r.rules[kind] {
		view := RuleView{Clause: rule.clause, Answer: rule.answer, Gives: rule.gives, To: rule.to}
		for _, test := range rule.tests {
			view.When = append(view.When, ConditionView{Name: test.name, Values: test.values(rule.when)})
		}
		views = append(views, view)
	}
	return views
}

// Clauses returns every clause in the order of the file.
func (r Revision) Clauses() []Clause {
	clauses := make([]Clause, len(r.order))
	for i, id := range r.order {
		clauses[i] = r.clauses[id]
	}
	return clauses
}

// Reason returns the sentence that the clause has for an answer of the rules, "" when no rule answers so.
func (c Clause) Reason(outcome Outcome) string { return c.reasons[outcome] }

// Ruled returns the sentence that the clause itself has for what a person decided under it, "" when X3's serves.
func (c Clause) Ruled(outcome Outcome) string { return c.ruled[outcome] }

// Notices returns every notice that the policy words, each once, in the order approved, declined, in_review.
func (r Revision) Notices() []Notice {
	var notices []Notice
	for _, outcome := range outcomes {
		if n := r.notices[outcome].Notice; n.Name != "" && !slices.Contains(notices, n) {
			notices = append(notices, n)
		}
	}
	return notices
}
