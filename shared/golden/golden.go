// Package golden owns how a test freezes what is stored and what is sent: the files that hold it
// byte for byte, and a value of each noun that sets every field.
//
// It refuses to know how anything is stored, sent or shown.
//
// Invariants: a file is written only under -update; one of a release is never written again; a
// value that leaves out a field fails its test, so that a type which gains a field needs its files
// written anew.
//
// Words: golden file (testdata/….golden.json beside the test), complete (each field of each type is
// set in some value), fill (set each field to what derives from its name on the wire).
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// module is what the import paths of our own types begin with: a type of any other module is a
// plain value.
var module = strings.TrimSuffix(reflect.TypeFor[fields]().PkgPath(), "shared/golden")

// Equal requires that value, as indented JSON, is what the golden file holds; under -update it
// writes the file.
func Equal(t testing.TB, file string, value any) {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	// Bodies are written as they are sent: < and & stay as they are.
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(value))
	// Only whoever asks for it writes a file: what is stored or sent has changed on purpose then.
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
		require.NoError(t, os.WriteFile(file, text.Bytes(), 0o600))
	}
	want, err := os.ReadFile(filepath.Clean(file))
	require.NoError(t, err, "write the golden file by -update")
	require.Equal(t, string(want), text.String(), "%s holds something else: what is stored or sent has changed", file)
}

// Read reads the golden file into value.
func Read(t testing.TB, file string, value any) {
	t.Helper()
	require.NoError(t, Load(file, value))
}

// Load is Read where no test runs.
func Load(file string, value any) error {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

// Complete asserts that the values set each exported field of each type of ours that they hold,
// each in at least one place.
func Complete(t testing.TB, values ...any) {
	t.Helper()
	seen := fields{}
	for _, value := range values {
		seen.visit(reflect.ValueOf(value))
	}
	var unset []string
	// A field that no value sets could be renamed or dropped, and no golden file would tell.
	for field, isSet := range seen {
		if !isSet {
			unset = append(unset, field)
		}
	}
	slices.Sort(unset)
	assert.Empty(t, unset, "the golden values leave out fields: set them, and write the golden files anew by -update")
}

// fields says of each field of the types visited whether some value sets it.
type fields map[string]bool

func (f fields) visit(v reflect.Value) {
	// Whatever can hold a type of ours is entered; all else is a plain value.
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			f.visit(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			f.visit(v.Index(i))
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			f.visit(entries.Value())
		}
	case reflect.Struct:
		f.visitStruct(v)
	default: // a plain value
	}
}

func (f fields) visitStruct(v reflect.Value) {
	// A time or a number of another module has no fields of ours.
	if !strings.HasPrefix(v.Type().PkgPath(), module) {
		return
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		// One value that sets the field is enough: some fields exclude each other.
		name := v.Type().String() + "." + field.Name
		f[name] = f[name] || !v.Field(i).IsZero()
		f.visit(v.Field(i))
	}
}

// Fill returns a T whose every field is set, to a value that derives from its name on the wire
// alone: a field that is renamed in Go changes nothing, one that is renamed, dropped or added on
// the wire does.
func Fill[T any]() T {
	var filled T
	fill(reflect.ValueOf(&filled).Elem(), "value", 0)
	return filled
}

// maxDepth bounds how deep a type that holds itself is filled.
const maxDepth = 12

var instantType = reflect.TypeFor[time.Time]()

func fill(v reflect.Value, name string, depth int) {
	// A type that holds itself ends at some depth; an instant and raw JSON are filled as one value.
	switch {
	case depth > maxDepth:
		return
	case v.Type() == instantType:
		v.Set(reflect.ValueOf(instant(name)))
		return
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{"raw":"` + name + `"}`))
		return
	}
	// Lists and maps get one member each, so that what they hold shows too.
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name, depth+1)
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element, name, depth+1)
		key := reflect.New(v.Type().Key()).Elem()
		fill(key, "key of "+name, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, element)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				fill(v.Field(i), wireName(field), depth+1)
			}
		}
	default:
		fillPlain(v, name)
	}
}

func fillPlain(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(number(name))
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(uint64(number(name)) % 256) //nolint:gosec // positive
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(number(name)))
	case reflect.Interface:
		v.Set(reflect.ValueOf(name))
	default:
		panic("golden: a field of kind " + v.Kind().String() + " cannot be filled")
	}
}

// wireName returns what a field is called in JSON; one that JSON leaves out, or that has no tag,
// goes by its own name.
func wireName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	// Without a tag JSON goes by the name in Go, so a rename of that does change the wire.
	if name == "" || name == "-" {
		return field.Name
	}
	return name
}

// number derives from the name: 1 to 997.
func number(name string) int64 {
	n := int64(0)
	for _, c := range name {
		n = (n*31 + int64(c)) % 997
	}
	return n + 1
}

func instant(name string) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(number(name)) * time.Second)
}
