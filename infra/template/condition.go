package template

import (
	"errors"
	"fmt"
)

// condition evaluates a condition by name, or one of the functions that make conditions.
// A condition may be written as a name, a tag, a long form or a list of conditions.
func (t *Template) condition(s Scope, i Intrinsic) (bool, error) {
	// A name leads to the condition's body, which may name others in turn.
	switch arg := i.Arg.(type) {
	case string:
		body, ok := t.Conditions[arg]
		if !ok {
			return false, fmt.Errorf("condition %s: the template has none of that name", arg)
		}
		return t.condition(s, Intrinsic{"Condition", body})
	case Intrinsic:
		return t.condition(s, arg)
	case map[string]any:
		return t.condition(s, Intrinsic{"Condition", arg["Condition"]})
	case []any:
		return t.connective(s, i.Name, arg)
	}
	return false, fmt.Errorf("%s is not a condition", i)
}

// connective evaluates Equals, And, Or and Not.
func (t *Template) connective(s Scope, name string, args []any) (bool, error) {
	// Equals compares as text, as CloudFormation does: a parameter has no other type.
	if name == "Equals" {
		if len(args) != 2 {
			return false, errors.New("!Equals compares two values")
		}
		values, err := t.Resolve(s, any(args))
		if err != nil {
			return false, err
		}
		pair := values.([]any)
		return text(pair[0]) == text(pair[1]), nil
	}
	// And begins true, Or begins false; Not has one argument.
	holds := name == "And"
	for _, arg := range args {
		one, err := t.condition(s, Intrinsic{"Condition", arg})
		if err != nil {
			return false, err
		}
		switch name {
		case "And":
			holds = holds && one
		case "Or":
			holds = holds || one
		case "Not":
			holds = !one
		}
	}
	return holds, nil
}
