package shape_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/fault"
	"makegood/shared/shape"
)

type order struct {
	Name  string  `json:"name"`
	Parts []order `json:"parts,omitempty"`
	Any   any     `json:"any,omitempty"`
}

func TestWhatIsWrongIsNamedByItsPath(t *testing.T) {
	long := strings.Repeat("é", 40)
	for source, want := range map[string]string{
		`{"name":"a","parts":[{"name":"b"}],"any":{"Name":[1]}}`: "",
		`{"Name":"a"}`:                              "Name unknown",
		`{"parts":[{"name":"b"},{"nom":"c"}]}`:      "parts[1].nom unknown",
		`{"parts":{}}`:                              "parts must be an array",
		`{"parts":[[]]}`:                            "parts[0] must be an object",
		`{"any":[{"a":1,"b":{"c":1,"c":2}}]}`:       "any[0].b.c twice",
		`{"parts":[{}]}`:                            "parts[0].name missing",
		`{"name":"a","parts":[{"` + long + `":1}]}`: "parts[0]." + long[:64] + "… unknown",
		`{"":1}`:        `"" unknown`,
		` [1] `:         "order must be an object",
		``:              "order is not JSON",
		`{"name":`:      "name is not JSON",
		`{"parts":[,]}`: "parts is not JSON",
	} {
		reader := shape.Reader{
			Whole: "order", Unknown: "unknown", Twice: "twice",
			Value: func(_ string, is shape.Field, _ []byte) (bool, error) { return is.Type.Kind() == reflect.String, nil },
			Object: func(path string, fields []shape.Field, given map[string]bool) error {
				if fields[0].Required && !given[fields[0].Name] {
					return fault.Invalid(shape.Join(path, fields[0].Name), "missing")
				}
				return nil
			},
		}
		got := ""
		if err := reader.Check("", []byte(source), reflect.TypeFor[order]()); err != nil {
			got = strings.NewReplacer("invalid_request (", "", "):", "").Replace(err.Error())
		}
		assert.Equal(t, want, got, source)
	}
}
