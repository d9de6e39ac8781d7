package policy

import (
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"makegood/shared/fault"
	"makegood/shared/shape"
)

// ParseFacts reads facts as JSON, strictly: a field that facts do not have, one that stands twice
// or is missing, and a value of the wrong type are KindInvalid errors whose Field is its path
// ("generation.price"). null reads as absent. What words and numbers mean is checked by Decide.
func ParseFacts(source []byte) (Facts, error) {
	var f Facts
	if !json.Valid(source) {
		return f, fault.Invalid("", "the facts are not one JSON object: %s", syntaxError(source))
	}
	return f, f.UnmarshalJSON(source)
}

// UnmarshalJSON is the strict reading of ParseFacts.
func (f *Facts) UnmarshalJSON(source []byte) error {
	if err := checkShape(source, reflect.TypeFor[Facts](), "", missingOf); err != nil {
		return err
	}
	type plain Facts // without this method
	var facts plain
	if err := json.Unmarshal(source, &facts); err != nil {
		return mistyped(err)
	}
	*f = Facts(facts)
	return nil
}

// syntaxError returns what json says of a source that is not valid.
func syntaxError(source []byte) error {
	var any json.RawMessage
	return json.Unmarshal(source, &any)
}

// mistyped names the field of a decoding error.
func mistyped(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fault.Invalid(wrong.Field, "must be %s, not %s", typeName(wrong.Type), wrong.Value)
	}
	return fault.Invalid("", "%s", err)
}

// missingOf names every field of an object that must be given and is not.
func missingOf(path string, fields []shape.Field, given map[string]bool) error {
	var missing []string
	for _, one := range fields {
		if one.Required && !given[one.Name] {
			missing = append(missing, shape.Join(path, one.Name))
		}
	}
	if missing != nil {
		return fault.Missing(missing...)
	}
	return nil
}

// CheckPart returns nil when source, which is valid JSON, is a part of what a T is written as: an
// object with no field that T does not have, each at most once, its objects likewise and its
// instants instants; null stands for any of them. Else a KindInvalid error whose Field is the path
// below at ("want.remedy.credits"). The types of other values are left to the reader.
func CheckPart[T any](source []byte, at string) error {
	return checkShape(source, reflect.TypeFor[T](), at, func(string, []shape.Field, map[string]bool) error { return nil })
}

// checkShape compares a JSON value with the type it is read into, as far as objects and instants
// go. The fields that are given, not by null, go to complete.
func checkShape(source []byte, t reflect.Type, at string, complete func(path string, fields []shape.Field, given map[string]bool) error) error {
	return shape.Reader{Unknown: "unknown field", Twice: "stands here twice", Null: true, Object: complete, Value: judge}.Check(at, source, t)
}

// judge takes any value but objects, whose fields are walked, and instants.
func judge(path string, is shape.Field, value []byte) (judged bool, err error) {
	var at time.Time
	switch {
	case is.Type == reflect.TypeFor[Remedy](): // a closed sum: its fields are those of its JSON
		return true, CheckPart[wireRemedy](value, path)
	case is.Type == reflect.TypeFor[time.Time]() && json.Unmarshal(value, &at) != nil:
		return true, fault.Invalid(path, "must be an instant as 2026-01-31T12:00:00Z")
	}
	return is.Type == reflect.TypeFor[time.Time]() || is.Type.Kind() != reflect.Struct, nil
}

// typeName says what a caller must write for a Go type.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	}
	return "an integer in range"
}
