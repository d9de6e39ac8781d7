package policy

import (
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"makegood/shared/ledger"
)

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

// Calendars lists the calendars that a file may name, sorted.
func Calendars() []string { return sortedKeys(calendars) }

// Fields lists the fields of a file.
func Fields() []string { return fieldNames(reflect.TypeFor[file]()) }

// Gifts lists what a remedy may give.
func Gifts() []string { return texts(sortedKeys(gifts)) }

// OverLimits reports whether the counts of a customer are past a limit.
func OverLimits(a Abuse, c CustomerFacts) bool { return a.exceededBy(c) }

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

// InWords is what {credits} says.
func (u Unit) InWords(credits ledger.Credits) string { return u.inWords(credits) }

// UnmarshalYAML has the YAML library read a sentence: a text is English.
func (w *words) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err == nil {
		*w = words{English: text}
		return nil
	}
	return unmarshal((*map[string]string)(w))
}

// UnmarshalYAML has the YAML library read business days: a number is the most.
func (l *daysLine) UnmarshalYAML(unmarshal func(any) error) error {
	var to int
	if err := unmarshal(&to); err == nil {
		*l = daysLine{To: &to}
		return nil
	}
	type plain daysLine
	return unmarshal((*plain)(l))
}

// ReadTwice reads a file that fits its shape as Parse does, and as the YAML library does.
func ReadTwice(source string, syntax Syntax) (ours, theirs any, err error) {
	tree, err := parser.ParseBytes([]byte(source), 0)
	if err != nil {
		return nil, nil, err
	}
	var a, b file
	root, unreadable := syntax([]byte(source))
	if unreadable != nil {
		return nil, nil, unreadable
	}
	c := checker{file: "twice.yaml", root: root}
	shapes{&c, map[reflect.Type][]string{}}.read(root, reflect.ValueOf(&a).Elem(), nil)
	if err := c.err(); err != nil {
		return nil, nil, err
	}
	err = yaml.NodeToValue(tree.Docs[0].Body, &b, yaml.Strict())
	return a, b, err
}

// AllMessages returns every message.
func AllMessages() []Message {
	all := make([]Message, len(messages))
	for i, s := range messages {
		all[i] = s.message
	}
	return all
}

// OpenAnew is the first Open of a process, as often as it is called.
func OpenAnew(name string) (*Policy, error) {
	i := slices.IndexFunc(published, func(e edition) bool { return e.name == name })
	return published[i].make()
}
