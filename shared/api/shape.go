package api

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/shape"
	"makegood/shared/text"
)

// body is one reading of a body, as its type asks: null is of no type.
type body struct{ missing []string }

// checkShape returns the required fields that raw lacks, or the first thing in it that is not as t
// asks. raw is valid JSON; instants in it are put as Go reads them.
func checkShape(raw []byte, t reflect.Type) ([]string, error) {
	b := &body{}
	reader := shape.Reader{
		Whole: bodyField, Unknown: "is not a field of this request", Twice: "is given twice", Value: b.value,
		Object: func(path string, fields []shape.Field, given map[string]bool) error {
			b.lacks(path, fields, given)
			return nil
		},
	}
	err := reader.Check("", raw, t)
	return b.missing, err
}

var (
	instant      = reflect.TypeFor[time.Time]()
	amount       = reflect.TypeFor[money.Amount]()
	requiredText = reflect.TypeFor[RequiredText]()
	when         = reflect.TypeFor[DayOrInstant]()
)

// value judges a text, a number or an instant.
func (b *body) value(path string, is shape.Field, value []byte) (judged bool, err error) {
	var words string
	isText := value[0] == '"' && json.Unmarshal(value, &words) == nil
	mustHoldText := is.Type == requiredText || is.Type == instant || is.Type == when
	switch {
	case is.Required && mustHoldText && isText && text.Blank(words):
		b.missing = append(b.missing, path)
		return true, nil
	case is.Type == instant:
		return true, normalize(path, words, value)
	case is.Type == when:
		_, _, err := text.ParseDayOrInstant(path, words)
		return true, err
	}
	return scalar(path, is.Type, isText, value)
}

// scalar judges a string, a boolean or a number by its kind; other kinds are walked.
func scalar(path string, t reflect.Type, isText bool, value []byte) (judged bool, err error) {
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Interface:
		return false, nil
	case reflect.String:
		if !isText {
			return true, fault.Invalid(path, "must be a string")
		}
	case reflect.Bool:
		if value[0] != 't' && value[0] != 'f' {
			return true, fault.Invalid(path, "must be true or false")
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return true, checkNumber(path, string(value), t.Bits())
	default:
		panic("api: no body holds a " + t.String())
	}
	return true, nil
}

func checkNumber(path, value string, bits int) error {
	if !strings.ContainsAny(value[:1], "-0123456789") || strings.ContainsAny(value, ".eE") {
		return fault.Invalid(path, "must be an integer")
	}
	if _, err := strconv.ParseInt(value, 10, bits); err != nil {
		return fault.Invalid(path, "is out of range")
	}
	return nil
}

// normalize takes an instant, and puts it into the body as Go reads it: with T and Z in upper case.
func normalize(path, given string, value []byte) error {
	if _, err := text.ParseInstant(path, given); err != nil {
		return err
	}
	normal := `"` + text.NormalInstant(given) + `"`
	copy(value, normal+strings.Repeat(" ", len(value)-len(normal))) // shorter where characters were escaped
	return nil
}

// lacks notes the required fields that were not given, and those that an object which is missing as
// a whole would have to hold: whoever mends a request should not learn of them one round later.
func (b *body) lacks(path string, fields []shape.Field, given map[string]bool) {
	for _, one := range fields {
		if !one.Required || given[one.Name] {
			continue
		}
		at := shape.Join(path, one.Name)
		b.missing = append(b.missing, at)
		if one.Type.Kind() == reflect.Struct && one.Type != amount {
			b.lacks(at, shape.Fields(one.Type), nil)
		}
	}
}
