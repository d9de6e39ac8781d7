package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/text"
)

// maxShownKey bounds how much of a caller's unknown key an answer repeats, in bytes.
const maxNamedKey = 64

// shape compares JSON with a Go type. encoding/json alone would take names in any case, the last of
// equal keys, and null for anything.
type shape struct {
	raw     []byte
	decoder *json.Decoder
	missing []string
}

// checkShape returns the required fields that raw lacks, or the first thing in it that is not as t
// asks. raw is valid JSON; instants in it are put as Go reads them.
func checkShape(raw []byte, t reflect.Type) ([]string, error) {
	s := &shape{raw: raw, decoder: json.NewDecoder(bytes.NewReader(bytes.Clone(raw)))}
	s.decoder.UseNumber()
	err := s.value("", t, true)
	return s.missing, err
}

var (
	instant      = reflect.TypeFor[time.Time]()
	amount       = reflect.TypeFor[money.Amount]()
	requiredText = reflect.TypeFor[RequiredText]()
	when         = reflect.TypeFor[DayOrInstant]()
)

func (s *shape) value(path string, t reflect.Type, required bool) error {
	before := s.decoder.InputOffset()
	token, err := s.decoder.Token()
	if err != nil {
		return fault.Invalid(bodyField, "is not one JSON object")
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if required && mustHoldText(t) && isBlank(token) {
		s.missing = append(s.missing, path)
		return nil
	}
	if isOpen(t) {
		return s.anything(path, token)
	}
	switch {
	case t == instant:
		return s.instant(path, token, before)
	case t == when:
		given, _ := token.(string)
		_, _, err := text.ParseDayOrInstant(place(path), given)
		return err
	case t.Kind() == reflect.Struct:
		if token != json.Delim('{') {
			return fault.Invalid(place(path), "must be an object")
		}
		return s.object(path, fieldsOf(t))
	case t.Kind() == reflect.Slice:
		if token != json.Delim('[') {
			return fault.Invalid(place(path), "must be an array")
		}
		return s.array(path, t.Elem())
	}
	return wantScalar(path, token, t)
}

// mustHoldText reports whether a required value of the type is missing where its text is blank.
func mustHoldText(t reflect.Type) bool { return t == requiredText || t == instant || t == when }

// isOpen reports whether any JSON fits the type.
func isOpen(t reflect.Type) bool {
	return t == nil || t.Kind() == reflect.Interface || t.Kind() == reflect.Map
}

func isBlank(token json.Token) bool {
	words, ok := token.(string)
	return ok && text.Blank(words)
}

// anything takes a value of no particular type, whose objects must still not repeat a key.
func (s *shape) anything(path string, token json.Token) error {
	switch token {
	case json.Delim('{'):
		return s.object(path, nil)
	case json.Delim('['):
		return s.array(path, nil)
	}
	return nil
}

// object reads up to the closing brace. Without fields any name will do.
func (s *shape) object(path string, fields map[string]field) error {
	seen := map[string]bool{}
	for s.decoder.More() {
		token, err := s.decoder.Token()
		if err != nil {
			return fault.Invalid(bodyField, "is not one JSON object")
		}
		key, _ := token.(string)
		at := join(path, keyName(key))
		if seen[key] {
			return fault.Invalid(at, "is given twice")
		}
		seen[key] = true
		known, ok := fields[key]
		if fields != nil && !ok {
			return fault.Invalid(at, "is not a field of this request")
		}
		if err := s.value(at, known.is, known.required); err != nil {
			return err
		}
	}
	s.lacks(path, fields, seen)
	return s.closing()
}

// lacks notes the required fields that were not seen, and those that an object which is missing as
// a whole would have to hold: whoever mends a request should not learn of them one round later.
func (s *shape) lacks(path string, fields map[string]field, seen map[string]bool) {
	for _, name := range inOrder(fields) {
		if !fields[name].required || seen[name] {
			continue
		}
		at := join(path, name)
		s.missing = append(s.missing, at)
		if is := fields[name].is; is.Kind() == reflect.Struct && is != amount {
			s.lacks(at, fieldsOf(is), nil)
		}
	}
}

func (s *shape) array(path string, element reflect.Type) error {
	for i := 0; s.decoder.More(); i++ {
		if err := s.value(path+"["+strconv.Itoa(i)+"]", element, true); err != nil {
			return err
		}
	}
	return s.closing()
}

func (s *shape) closing() error {
	if _, err := s.decoder.Token(); err != nil {
		return fault.Invalid(bodyField, "is not one JSON object")
	}
	return nil
}

// instant takes an instant, and puts it into the body as Go reads it: with T and Z in upper case.
// before is where the token before it ends.
func (s *shape) instant(path string, token json.Token, before int64) error {
	given, _ := token.(string)
	if _, err := text.ParseInstant(place(path), given); err != nil {
		return err
	}
	quoted := s.raw[before:s.decoder.InputOffset()]
	quoted = quoted[bytes.IndexByte(quoted, '"'):] // behind the colon or comma, and white space
	normal := `"` + text.NormalInstant(given) + `"`
	copy(quoted, normal+strings.Repeat(" ", len(quoted)-len(normal))) // shorter where characters were escaped
	return nil
}

func wantScalar(path string, token json.Token, t reflect.Type) error {
	switch t.Kind() {
	case reflect.String:
		if _, ok := token.(string); !ok {
			return fault.Invalid(place(path), "must be a string")
		}
	case reflect.Bool:
		if _, ok := token.(bool); !ok {
			return fault.Invalid(place(path), "must be true or false")
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		number, ok := token.(json.Number)
		if !ok || strings.ContainsAny(string(number), ".eE") {
			return fault.Invalid(place(path), "must be an integer")
		}
		if _, err := strconv.ParseInt(string(number), 10, t.Bits()); err != nil {
			return fault.Invalid(place(path), "is out of range")
		}
	default:
		panic("api: no body holds a " + t.String())
	}
	return nil
}

// place names the body where there is no narrower place.
func place(path string) string {
	if path == "" {
		return bodyField
	}
	return path
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// keyName returns the part of a caller's key that an answer may repeat; an empty key has no other
// name.
func keyName(key string) string {
	if key == "" {
		return `""`
	}
	if len(key) <= maxNamedKey {
		return key
	}
	cut := maxNamedKey
	for !utf8.RuneStart(key[cut]) {
		cut--
	}
	return key[:cut] + "…"
}
