package policy

// RuleView is what a test may know of a rule.
type RuleView struct {
	Kind   Kind
	Clause string
	Answer Outcome
}

// Rules lists the rules of a revision in the order in which they are tried.
func Rules(rev Revision) []RuleView {
	var views []RuleView
	for _, kind := range kinds {
		for _, r := range rev.rules[kind] {
			views = append(views, RuleView{kind, r.clause, r.answer})
		}
	}
	return views
}

// ClauseIDs lists the clauses of a revision, sorted.
func ClauseIDs(rev Revision) []string { return sortedKeys(rev.clauses) }

// Reason returns the sentence that a clause has for an answer, "" when it has none.
func Reason(c Clause, outcome Outcome) string { return c.reasons[outcome] }

// Conditions lists the vocabulary that the facts of a kind can answer.
func Conditions(kind Kind) []string {
	var names []string
	for _, c := range conditions {
		if c.reads(kind) {
			names = append(names, c.name)
		}
	}
	return names
}

// The words of each enum, for generators.
var (
	AllKinds     = kinds
	AllPlatforms = platforms
	AllSurfaces  = surfaces
	AllModes     = modes
	AllIssues    = issues
	AllVerdicts  = verdicts
	AllInputs    = inputs
	AllStandings = standings
	AllStatuses  = statuses
	AllCauses    = causes
)
