package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"makegood/shared/policy"
)

// want is what a line expects of its decision, field by field.
type want map[string]any

// difference is one field that is not as wanted; null stands for an absent field.
type difference struct {
	Field string `json:"field"` // its path
	Want  any    `json:"want"`  // what the line expects
	Got   any    `json:"got"`   // what was decided
}

// readWant returns nil when nothing is wanted. A line that names no remedy wants none.
func readWant(source json.RawMessage) (want, error) {
	if source == nil || isNull(source) {
		return nil, nil
	}
	if err := policy.CheckPart[policy.Decision](source, "want"); err != nil {
		return nil, err
	}
	w := want(values(source))
	if _, ok := w["remedy"]; !ok {
		w["remedy"] = nil
	}
	return w, nil
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

// compare returns what in a decision is not as wanted, in the order of the fields' names.
func (w want) compare(d policy.Decision) ([]difference, error) {
	source, err := json.Marshal(d)
	return differing("", w, values(source)), err
}

// differing compares two objects, as far as they are wanted.
// Only wanted fields are compared. Objects are compared field by field, so that the difference
// names the innermost one.
func differing(at string, want, got map[string]any) []difference {
	var all []difference
	for _, name := range slices.Sorted(maps.Keys(want)) {
		inner, wantsObject := want[name].(map[string]any)
		had, isObject := got[name].(map[string]any)
		switch {
		case wantsObject && isObject:
			all = append(all, differing(at+name+".", inner, had)...)
		// The same instant may be written in two ways.
		case isInstant(name) && want[name] != nil && got[name] != nil && moment(want[name]).Equal(*moment(got[name])):
		case !reflect.DeepEqual(want[name], got[name]):
			all = append(all, difference{at + name, want[name], got[name]})
		}
	}
	return all
}

func isInstant(name string) bool { return strings.HasSuffix(name, "_by") }

// moment returns the instant that a value writes, nil when it writes none.
func moment(value any) *time.Time {
	text, _ := value.(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil
	}
	return &t
}

// values returns the fields of an object that was checked before, with numbers as their digits.
func values(object []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var fields map[string]any
	_ = decoder.Decode(&fields)
	return fields
}

// valueText returns a value for a sentence.
func valueText(value any) string {
	if value == nil {
		return "none"
	}
	text, _ := json.Marshal(value)
	return string(text)
}
