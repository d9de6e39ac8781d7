package template

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Parameter is one entry of Parameters.
type Parameter struct {
	Name           string   // its key in the file
	Type           string   // as in "String"
	Default        string   // as text; "" also without one, see HasDefault
	HasDefault     bool     // tells an empty default from none
	Description    string   // as written
	AllowedValues  []string // all values, where the template lists them
	AllowedPattern string   // a regular expression for the whole value, "" for any
	Least, Most    string   // MinValue and MaxValue of a Number, "" for any
	NoEcho         bool     // a secret, which AWS does not show
}

// ParameterValue returns the value of a parameter in this scope. An unknown parameter, one with
// neither default nor override, and a value that the template does not allow are errors.
func (t *Template) ParameterValue(s Scope, name string) (string, error) {
	p, ok := t.Parameter(name)
	if !ok {
		return "", fmt.Errorf("parameter %s: the template has none of that name", name)
	}
	value, override := s.Parameters[name]
	if !override {
		value = p.Default
	}
	// The checks of CloudFormation, so that a wrong value fails here and not at the deployment. A
	// scope may switch the pattern off for its own values.
	switch {
	case !override && !p.HasDefault:
		return "", fmt.Errorf("parameter %s has no default and was not given", name)
	case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value):
		return "", fmt.Errorf("parameter %s: %q is not one of %s", name, value, strings.Join(p.AllowedValues, ", "))
	case p.AllowedPattern != "" && (!override || !s.AnyText):
		pattern, err := regexp.Compile("^(?:" + p.AllowedPattern + ")$")
		if err == nil && !pattern.MatchString(value) {
			return "", fmt.Errorf("parameter %s: %q does not match %s", name, value, p.AllowedPattern)
		}
	case p.Type == "Number":
		return value, p.inRange(value)
	}
	return value, nil
}

// inRange returns an error for a value that is no number, or none between Least and Most.
func (p Parameter) inRange(value string) error {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("parameter %s: %q is no number", p.Name, value)
	}
	least, leastErr := strconv.ParseFloat(p.Least, 64)
	most, mostErr := strconv.ParseFloat(p.Most, 64)
	if leastErr == nil && number < least || mostErr == nil && number > most {
		return fmt.Errorf("parameter %s: %q is not from %s to %s", p.Name, value, p.Least, p.Most)
	}
	return nil
}
