// Package shape compares JSON with the Go type that it is to be read into. encoding/json alone
// would take names in any case, the last of two equal ones, and would say of none where it stands.
//
// It owns the walk: exactly the names of a struct, each once, with the path of whatever is wrong.
// It refuses to know what a value may be, whether null is one, and what is missing: its readers do.
package shape

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"makegood/shared/fault"
)

// Field is one field of a struct in JSON.
type Field struct {
	Name     string       // exactly as JSON has it
	Type     reflect.Type // what it holds
	Required bool         // it has no omitempty, or stands in no struct
	Index    int          // its place in the struct
}

// Fields returns the fields of a struct that have a name in JSON, in their order.
func Fields(t reflect.Type) []Field {
	fields := []Field{}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields = append(fields, Field{Name: name, Type: t.Field(i).Type, Required: !strings.Contains(options, "omit"), Index: i})
		}
	}
	return fields
}

// Reader is a strictness with its words. Its errors are KindInvalid with the path as their field.
type Reader struct {
	Whole   string // the path of the value as a whole
	Unknown string // what is said of a name that a struct does not have
	Twice   string // what is said of a name that stands twice
	Null    bool   // null reads as absent
	// Value judges a value by itself, or returns false: then structs and slices are walked by their
	// type, and anything else may be any JSON whose objects repeat no name. value is a part of the
	// source. Its type is no pointer.
	Value func(path string, is Field, value []byte) (judged bool, err error)
	// Object judges which fields a struct has: those in given were there, with true unless by null.
	Object func(path string, fields []Field, given map[string]bool) error
}

// Check returns what is wrong first with source, which is valid JSON, as a value of that type at
// that path ("": the whole). It recurses as deep as the source is nested, where the type leaves
// that open.
func (r Reader) Check(path string, source []byte, t reflect.Type) error {
	return r.check(path, Field{Type: t, Required: true}, bytes.TrimSpace(source))
}

func (r Reader) check(path string, is Field, value []byte) error {
	if len(value) == 0 {
		return fault.Invalid(r.place(path), "is not JSON")
	}
	for is.Type != nil && is.Type.Kind() == reflect.Pointer {
		is.Type = is.Type.Elem()
	}
	if is.Type == nil {
		return r.open(path, value)
	}
	if judged, err := r.Value(r.place(path), is, value); judged {
		return err
	}
	switch is.Type.Kind() {
	case reflect.Struct:
		if value[0] != '{' {
			return fault.Invalid(r.place(path), "must be an object")
		}
		fields := Fields(is.Type)
		given, err := r.object(path, fields, value)
		if err != nil {
			return err
		}
		return r.Object(path, fields, given)
	case reflect.Slice:
		if value[0] != '[' {
			return fault.Invalid(r.place(path), "must be an array")
		}
		return r.array(path, is.Type.Elem(), value)
	}
	return r.open(path, value)
}

// open takes a value of no particular type.
func (r Reader) open(path string, value []byte) error {
	switch value[0] {
	case '{':
		_, err := r.object(path, nil, value)
		return err
	case '[':
		return r.array(path, nil, value)
	}
	return nil
}

// object returns which names an object has. Without fields any will do.
func (r Reader) object(path string, fields []Field, source []byte) (map[string]bool, error) {
	given := map[string]bool{}
	decoder := begin(source)
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		at := Join(path, repeatable(name))
		if _, twice := given[name]; twice {
			return nil, fault.Invalid(at, "%s", r.Twice)
		}
		field := Field{}
		for _, one := range fields {
			if one.Name == name {
				field = one
			}
		}
		if fields != nil && field.Type == nil {
			return nil, fault.Invalid(at, "%s", r.Unknown)
		}
		value := next(decoder, source)
		given[name] = !r.Null || string(value) != "null"
		if !given[name] {
			continue
		}
		if err := r.check(at, field, value); err != nil {
			return nil, err
		}
	}
	return given, nil
}

func (r Reader) array(path string, element reflect.Type, source []byte) error {
	decoder := begin(source)
	for i := 0; decoder.More(); i++ {
		if err := r.check(path+"["+strconv.Itoa(i)+"]", Field{Type: element, Required: true}, next(decoder, source)); err != nil {
			return err
		}
	}
	return nil
}

// begin returns a decoder behind the first bracket of the source.
func begin(source []byte) *json.Decoder {
	decoder := json.NewDecoder(bytes.NewReader(source))
	_, _ = decoder.Token()
	return decoder
}

// next returns the part of the source that is the decoder's next value, nil where none can be read.
func next(decoder *json.Decoder, source []byte) []byte {
	var value json.RawMessage
	before := decoder.InputOffset()
	if decoder.Decode(&value) != nil {
		return nil
	}
	// Between two tokens stand white space and a colon or comma.
	return bytes.TrimLeft(source[before:decoder.InputOffset()], ":, \t\r\n")
}

// place names the whole where there is no narrower place.
func (r Reader) place(path string) string {
	if path == "" {
		return r.Whole
	}
	return path
}

// Join returns the path of a field.
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// maxName bounds how much of an unknown name an error repeats, in bytes.
const maxName = 64

// repeatable returns the part of a name that an error may repeat; an empty one has no other name.
func repeatable(name string) string {
	if name == "" {
		return `""`
	}
	if len(name) <= maxName {
		return name
	}
	cut := maxName
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "…"
}
