package api

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"makegood/shared/fault"
)

// field is one field of a body: what it holds, whether it may be absent, and where it stands in the
// struct.
type field struct {
	is       reflect.Type
	required bool
	order    int
}

// fieldsOf returns the fields of a struct by their exact JSON names. One without omitempty is
// required.
func fieldsOf(t reflect.Type) map[string]field {
	fields := make(map[string]field, t.NumField())
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = field{is: t.Field(i).Type, required: !strings.Contains(options, "omit"), order: i}
	}
	return fields
}

func inOrder(fields map[string]field) []string {
	return slices.SortedFunc(maps.Keys(fields), func(a, b string) int { return cmp.Compare(fields[a].order, fields[b].order) })
}

// word is what oapi-codegen makes of an enum.
type word interface{ Valid() bool }

// checkWords returns a KindInvalid error for the first enum in v that holds none of its words.
func checkWords(path string, v reflect.Value) error {
	if enum, ok := v.Interface().(word); ok && v.Kind() == reflect.String {
		if !enum.Valid() {
			return fault.Invalid(path, "is none of the words it may be")
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return checkWords(path, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkWords(path+"["+strconv.Itoa(i)+"]", v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == instant {
			return nil
		}
		for _, name := range inOrder(fieldsOf(v.Type())) {
			if err := checkWords(join(path, name), v.Field(fieldsOf(v.Type())[name].order)); err != nil {
				return err
			}
		}
	}
	return nil
}
