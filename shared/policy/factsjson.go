package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"makegood/shared/fault"
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

// CheckPart returns nil when source, which is valid JSON, is a part of what a T is written as: an
// object with no field that T does not have, each at most once, its objects likewise and its
// instants instants; null stands for any of them. Else a KindInvalid error whose Field is the path
// below at ("want.remedy.credits"). The types of other values are left to the reader.
func CheckPart[T any](source []byte, at string) error {
	return checkShape(source, reflect.TypeFor[T](), at, func(reflect.Type, map[string]bool, string) error { return nil })
}

// checkShape compares a JSON value with the type it is read into, as far as objects go: exactly the
// fields of the struct, each once; those given, not by null, go to complete. encoding/json alone
// takes any case, the last of two, and names no path.
func checkShape(source []byte, t reflect.Type, at string, complete func(t reflect.Type, given map[string]bool, at string) error) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[Remedy]() {
		t = reflect.TypeFor[wireRemedy]() // a closed sum: its fields are those of its JSON
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return checkInstant(source, at)
	case t.Kind() != reflect.Struct:
		return nil
	}
	fields := fieldsOf(t)
	decoder := json.NewDecoder(bytes.NewReader(source))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return fault.Invalid(at, "must be an object")
	}
	given := map[string]bool{} // false for null
	for decoder.More() {
		key, _ := decoder.Token()
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return fault.Invalid(at, "%s", err)
		}
		name := fmt.Sprint(key)
		field, known := fields[name]
		_, twice := given[name]
		switch {
		case !known:
			return fault.Invalid(join(at, name), "unknown field")
		case twice:
			return fault.Invalid(join(at, name), "stands here twice")
		}
		if given[name] = string(value) != "null"; !given[name] {
			continue
		}
		if err := checkShape(value, field.Type, join(at, name), complete); err != nil {
			return err
		}
	}
	return complete(t, given, at)
}

// missingOf names every field that must be given and is not.
func missingOf(t reflect.Type, given map[string]bool, at string) error {
	var missing []string
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if !given[name] && !strings.Contains(options, "omit") {
			missing = append(missing, join(at, name))
		}
	}
	if missing != nil {
		return fault.Missing(missing...)
	}
	return nil
}

func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
			fields[name] = t.Field(i)
		}
	}
	return fields
}

func checkInstant(source []byte, at string) error {
	var t time.Time
	if err := json.Unmarshal(source, &t); err != nil {
		return fault.Invalid(at, "must be an instant as 2026-01-31T12:00:00Z")
	}
	return nil
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
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
