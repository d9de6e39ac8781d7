package policy

import (
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

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

// ReadTwice reads a file that fits its shape as Parse does, and as the YAML library does.
func ReadTwice(source string) (ours, theirs any, err error) {
	tree, err := parser.ParseBytes([]byte(source), 0)
	if err != nil {
		return nil, nil, err
	}
	var a, b file
	c := checker{file: "twice.yaml", tree: tree}
	shapes{&c, map[reflect.Type][]string{}}.read(tree.Docs[0].Body, reflect.ValueOf(&a).Elem(), nil)
	if err := c.err(); err != nil {
		return nil, nil, err
	}
	err = yaml.NodeToValue(tree.Docs[0].Body, &b, yaml.Strict())
	return a, b, err
}
