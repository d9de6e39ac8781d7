package template

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Scope gives values to what a template leaves open. The zero Scope has the parameters' defaults
// and symbolic names: Ref gives a resource's own name property or its logical id, GetAtt gives
// "LogicalID.Attribute".
type Scope struct {
	Parameters map[string]string                                           // instead of the defaults
	AnyText    bool                                                        // AllowedPattern is not checked (literal secrets, locally)
	Pseudo     map[string]string                                           // AWS::Region and the like, instead of fixed local ones
	Ref        func(r *Resource) (value string, ok bool)                   // tried first; false falls back to the symbolic name
	GetAtt     func(r *Resource, attribute string) (value string, ok bool) // the same
}

// pseudo are the values of pseudo parameters where a scope gives none.
var pseudo = map[string]string{
	"AWS::Region": "us-east-1", "AWS::AccountId": "000000000000", "AWS::StackName": "makegood", "AWS::Partition": "aws",
	"AWS::URLSuffix": "amazonaws.com", "AWS::StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/makegood/local",
}

// noValue is what !Ref AWS::NoValue becomes: the key or list item that holds it is left out.
type noValue struct{}

// Resolve returns value with every intrinsic evaluated: maps, lists, strings, numbers and bools
// only. What cannot be resolved is an error that says which intrinsic and why.
func (t *Template) Resolve(s Scope, value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			result, err := t.Resolve(s, item)
			// Each level adds its key, so that the error names the whole path.
			if err != nil {
				return nil, at(key, err)
			}
			if _, none := result.(noValue); !none {
				out[key] = result
			}
		}
		return out, nil
	case []any:
		out := make([]any, 0, len(v))
		for n, item := range v {
			result, err := t.Resolve(s, item)
			if err != nil {
				return nil, at(fmt.Sprint(n), err)
			}
			if _, none := result.(noValue); !none {
				out = append(out, result)
			}
		}
		return out, nil
	case Intrinsic:
		result, err := t.apply(s, v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v, err)
		}
		return result, nil
	}
	return value, nil
}

// ResolveProperties is Resolve over some top-level properties of one resource. Errors name file,
// line, resource and property.
func (t *Template) ResolveProperties(s Scope, r *Resource, names ...string) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range names {
		value, ok := r.Properties[name]
		if !ok {
			continue
		}
		result, err := t.Resolve(s, value)
		if err != nil {
			return nil, fmt.Errorf("%s.%w", t.where(r), at(name, err))
		}
		if _, none := result.(noValue); !none {
			out[name] = result
		}
	}
	return out, nil
}

// placed is an error with the path of keys that leads to it.
type placed struct {
	path string
	err  error
}

func (p placed) Error() string { return p.path + ": " + p.err.Error() }
func (p placed) Unwrap() error { return p.err }

// Grow the outermost path only: an inner one belongs to another value.
func at(key string, err error) error {
	if inner, ok := err.(placed); ok { //nolint:errorlint // only the outermost path grows
		return placed{key + "." + inner.path, inner.err}
	}
	return placed{key, err}
}

// apply evaluates one intrinsic. Those that take a list of values are left to applyList.
func (t *Template) apply(s Scope, i Intrinsic) (any, error) {
	switch i.Name {
	case "Ref":
		return t.ref(s, text(i.Arg))
	case "GetAtt":
		parts, _ := i.Arg.([]any)
		if len(parts) != 2 {
			return nil, errors.New("needs a resource and an attribute")
		}
		return t.getAtt(s, text(parts[0]), text(parts[1]))
	case "Sub":
		return t.sub(s, i.Arg)
	case "Equals", "And", "Or", "Not", "Condition":
		return t.condition(s, i)
	}
	list, ok := i.Arg.([]any)
	if !ok {
		return nil, errors.New("is not supported here")
	}
	return t.applyList(s, i.Name, list)
}

// applyList evaluates If, and the functions over a list of resolved values.
func (t *Template) applyList(s Scope, name string, list []any) (any, error) {
	// If resolves only the branch that is taken: the other may refer to what does not exist here.
	if name == "If" {
		return t.branch(s, list)
	}
	// All other functions get their arguments resolved first.
	values, err := t.Resolve(s, any(list))
	if err != nil {
		return nil, err
	}
	args := values.([]any)
	switch {
	case name == "Join" && len(args) == 2:
		return strings.Join(words(args[1]), text(args[0])), nil
	case name == "Split" && len(args) == 2:
		var out []any
		for _, part := range strings.Split(text(args[1]), text(args[0])) {
			out = append(out, part)
		}
		return out, nil
	case name == "Select" && len(args) == 2:
		value, ok := walk(args[1], []string{text(args[0])})
		if !ok {
			return nil, fmt.Errorf("nothing at position %v", args[0])
		}
		return value, nil
	case name == "FindInMap" && len(args) == 3:
		value, ok := walk(t.Mappings, words(any(args)))
		if !ok {
			return nil, errors.New("no such entry in Mappings")
		}
		return value, nil
	}
	// A wrong number of arguments ends here too: the intrinsic is named by whoever asked for it.
	return nil, errors.New("is not supported here")
}

// branch evaluates an If: the value that its condition chooses, and not the other.
func (t *Template) branch(s Scope, list []any) (any, error) {
	if len(list) != 3 {
		return nil, errors.New("needs a condition and two values")
	}
	holds, err := t.condition(s, Intrinsic{"Condition", list[0]})
	if err != nil {
		return nil, err
	}
	if holds {
		return t.Resolve(s, list[1])
	}
	return t.Resolve(s, list[2])
}

// words returns each item of a list as text; a single value is a list of one.
func words(value any) []string {
	list, ok := value.([]any)
	if !ok {
		return []string{text(value)}
	}
	var out []string
	for _, item := range list {
		out = append(out, text(item))
	}
	return out
}

// ref resolves a Ref: a pseudo parameter, a parameter, or a resource's name.
func (t *Template) ref(s Scope, name string) (any, error) {
	if name == "AWS::NoValue" {
		return noValue{}, nil
	}
	// The scope's own values first, then those of a stack on this machine.
	if value, ok := s.Pseudo[name]; ok {
		return value, nil
	}
	if value, ok := pseudo[name]; ok {
		return value, nil
	}
	if p, ok := t.Parameter(name); ok {
		value, err := t.ParameterValue(s, name)
		if err == nil && (p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<")) {
			var list []any
			for _, item := range strings.Split(value, ",") {
				list = append(list, strings.TrimSpace(item))
			}
			return list, nil
		}
		return value, err
	}
	// What is left must be a resource. The scope knows its real name once it exists.
	r, err := t.named(name)
	if err != nil {
		return nil, err
	}
	if s.Ref != nil {
		if value, ok := s.Ref(r); ok {
			return value, nil
		}
	}
	return r.symbolicName(), nil
}

// getAtt resolves a GetAtt: by the scope, else as "LogicalID.Attribute".
func (t *Template) getAtt(s Scope, id, attribute string) (any, error) {
	r, err := t.named(id)
	if err != nil {
		return nil, err
	}
	if s.GetAtt != nil {
		if value, ok := s.GetAtt(r, attribute); ok {
			return value, nil
		}
	}
	return id + "." + attribute, nil
}

// named returns a resource, also those that SAM makes from others: the implicit API, a function's
// role, an API's stage.
func (t *Template) named(id string) (*Resource, error) {
	if r := t.Resource(id); r != nil {
		return r, nil
	}
	// SAM makes these with fixed suffixes, and templates may refer to them without declaring them.
	for suffix, kind := range map[string]string{"Role": "AWS::IAM::Role", "Stage": "AWS::ApiGatewayV2::Stage", "ApiGatewayDefaultStage": "AWS::ApiGatewayV2::Stage"} {
		if owner, ok := strings.CutSuffix(id, suffix); ok && (t.Resource(owner) != nil || owner == "ServerlessHttp") {
			return &Resource{LogicalID: id, Type: kind, Properties: map[string]any{}}, nil
		}
	}
	if id == "ServerlessHttpApi" {
		return &Resource{LogicalID: id, Type: TypeHTTPAPI, Properties: map[string]any{}}, nil
	}
	return nil, errors.New("no parameter or resource has that name")
}

// symbolicName is the name property where it is plain text, else the logical id.
func (r *Resource) symbolicName() string {
	for _, property := range []string{"TableName", "QueueName", "FunctionName", "TopicName", "LogGroupName", "AlarmName"} {
		if name, ok := r.Properties[property].(string); ok {
			return name
		}
	}
	return r.LogicalID
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

// sub resolves a Sub: its placeholders by the variables beside it, else as Ref or GetAtt.
func (t *Template) sub(s Scope, arg any) (any, error) {
	format, _ := arg.(string)
	var variables map[string]any
	if list, ok := arg.([]any); ok && len(list) == 2 {
		format = text(list[0])
		variables, _ = list[1].(map[string]any)
	}
	var firstErr error
	// ${!Name} is the escape for a literal ${Name}; the first error of any placeholder is the
	// result's.
	out := placeholder.ReplaceAllStringFunc(format, func(match string) string {
		parts := placeholder.FindStringSubmatch(match)
		name := strings.TrimSpace(parts[2])
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		value, err := t.subValue(s, variables, name)
		if err != nil && firstErr == nil {
			firstErr = fmt.Errorf("${%s}: %w", name, err)
		}
		return strings.Join(words(value), ",")
	})
	return out, firstErr
}

func (t *Template) subValue(s Scope, variables map[string]any, name string) (any, error) {
	// Variables beside the text win over the template's names, as in CloudFormation.
	if value, ok := variables[name]; ok {
		return t.Resolve(s, value)
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return t.getAtt(s, id, attribute)
	}
	return t.ref(s, name)
}
