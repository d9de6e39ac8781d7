package api

import (
	"reflect"
	"strconv"

	"makegood/shared/fault"
	"makegood/shared/shape"
)

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
		for _, one := range shape.Fields(v.Type()) {
			if err := checkWords(shape.Join(path, one.Name), v.Field(one.Index)); err != nil {
				return err
			}
		}
	}
	return nil
}
