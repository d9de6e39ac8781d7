package policy

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// shapes reads a tree into the types of a file and notes what does not fit. The library's own
// reader would round 10.5 to 10, take "10" for 10, expand aliases and name no path.
type shapes struct {
	*checker
	fields map[reflect.Type][]string // the names in the file, in the order of the struct
}

// read reads a node into a value. It keeps no part of at: the paths of one walk share an array.
func (s shapes) read(node Node, into reflect.Value, at place) {
	// A pointer tells a field that is missing from one that is zero.
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	// Two types have a short form beside their long one.
	if into.Type() == reflect.TypeFor[words]() {
		s.readWords(node, into, at)
		return
	}
	if into.Type() == reflect.TypeFor[daysLine]() {
		s.readDays(node, into, at)
		return
	}
	switch into.Kind() {
	case reflect.Struct, reflect.Map:
		s.readPairs(node, into, at)
	case reflect.Slice:
		s.readElements(node, into, at)
	default:
		s.readScalar(node, into, at)
	}
}

// readWords reads a sentence: a text is English, a mapping has it by language.
func (s shapes) readWords(node Node, into reflect.Value, at place) {
	// A text alone is the English one.
	if text, ok := node.Value.(string); ok {
		into.Set(reflect.ValueOf(words{English: text}))
		return
	}
	if _, ok := node.pairs(); !ok {
		s.bad(at, "must be text, or text by language, not %s", node.Type)
		return
	}
	s.readPairs(node, into, at)
}

// readDays reads business days: a number is the most that they are.
func (s shapes) readDays(node Node, into reflect.Value, at place) {
	switch node.Value.(type) {
	case int64, uint64:
		to := new(int)
		s.readInteger(node, reflect.ValueOf(to).Elem(), at)
		into.Set(reflect.ValueOf(daysLine{To: to}))
	case []Pair:
		s.readPairs(node, into, at)
	default:
		s.bad(at, "must be a number of days, or from and to, not %s", node.Type)
	}
}

func (s shapes) readScalar(node Node, into reflect.Value, at place) {
	// One type of value for each type of the file: a number in quotes is text, and refused.
	var ok bool
	switch {
	case into.Type() == reflect.TypeFor[time.Duration]():
		var text string
		if text, ok = node.Value.(string); ok {
			s.readDuration(text, into, at)
		}
	case into.Kind() == reflect.String:
		var text string
		text, ok = node.Value.(string)
		into.SetString(text)
	case into.Kind() == reflect.Bool:
		var yes bool
		yes, ok = node.Value.(bool)
		into.SetBool(yes)
	default:
		switch node.Value.(type) {
		case int64, uint64:
			ok = true
			s.readInteger(node, into, at)
		}
	}
	if !ok {
		s.bad(at, "must be %s, not %s", written(into.Type()), node.Type)
	}
}

func (s shapes) readDuration(text string, into reflect.Value, at place) {
	// Noted and not returned: the reading goes on to the next fault.
	length, err := time.ParseDuration(text)
	if err != nil {
		s.bad(at, "must be %s, not %q", written(into.Type()), text)
	}
	into.SetInt(int64(length))
}

func (s shapes) readInteger(node Node, into reflect.Value, at place) {
	switch value := node.Value.(type) {
	case int64:
		into.SetInt(value)
		return
	case uint64:
		if value <= math.MaxInt64 {
			into.SetInt(int64(value))
			return
		}
	}
	s.bad(at, "must be an integer of at most 64 bits, not %v", node.Value)
}

func (s shapes) readElements(node Node, into reflect.Value, at place) {
	list, ok := node.Value.([]Node)
	if !ok {
		s.bad(at, "must be a list, not %s", node.Type)
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, element := range list {
		s.read(element, into.Index(i), append(at, i))
	}
}

func (s shapes) readPairs(node Node, into reflect.Value, at place) {
	pairs, ok := node.pairs()
	if !ok {
		s.bad(at, "must be a mapping, not %s", node.Type)
		return
	}
	// A map takes any key, and its own check judges them; a struct takes only the names of its
	// fields.
	t := into.Type()
	if t.Kind() == reflect.Map {
		into.Set(reflect.MakeMap(t))
	}
	for _, pair := range pairs {
		at := append(at, pair.Key)
		if t.Kind() == reflect.Map {
			value := reflect.New(t.Elem()).Elem()
			s.read(pair.Value, value, at)
			into.SetMapIndex(reflect.ValueOf(pair.Key).Convert(t.Key()), value)
			continue
		}
		names := s.names(t)
		if i := slices.Index(names, pair.Key); i >= 0 {
			s.read(pair.Value, into.Field(i), at)
		} else {
			s.badAt(pair.Line, pair.Column, at, "unknown field: known are %s", strings.Join(names, ", "))
		}
	}
}

// names returns the names that the fields of a struct have in the file.
func (s shapes) names(t reflect.Type) []string {
	// The names of a type are found by reflection, once for a file.
	names, ok := s.fields[t]
	if !ok {
		names = fieldNames(t)
		s.fields[t] = names
	}
	return names
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("yaml")
	}
	return names
}

// written says how a value of the type is written.
func written(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration as 30s, 5m or 24h"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "an integer"
}
