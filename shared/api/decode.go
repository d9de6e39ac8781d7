package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"

	"makegood/shared/fault"
)

// The limits of a body. Ours are a few hundred bytes; a report's description is the longest thing a caller writes.
const (
	MaxBody  = 256 << 10 // bytes, under /v1
	MaxEvent = 1 << 20   // bytes, of a provider's event
	MaxDepth = 32        // objects and arrays within each other
)

// bodyField stands for the body as a whole where a fault has no narrower place.
const bodyField = "body"

// Decode reads the body of r into dst, a pointer to a struct, strictly: one JSON object in UTF-8 of at most MaxBody bytes, with
// exactly the names of dst, each once, each of its type (null is of none), and nothing after it. A field without omitempty is
// required, and a Said or an instant that is blank counts as missing; an enum (anything with Valid() bool) must be valid. An absent
// body is an object without fields. Where fields are missing, dst is left alone.
//
// Errors: KindTooLarge, KindInvalid (field = the place, as in outputs[0].url; missing_fields with every missing one).
func Decode(r *http.Request, dst any) error {
	missing, err := decodeShape(r, dst)
	if err != nil {
		return err
	}
	return checkFields(missing, dst)
}

// decodeShape reads the body as Decode does, but only returns which fields are missing and judges no enum: a caller without a
// credential learns of the body's shape, not of its fields.
func decodeShape(r *http.Request, dst any) (missing []string, err error) {
	raw, err := ReadBody(r, MaxBody)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	}
	if err := checkText(raw); err != nil {
		return nil, err
	}
	missing, err = checkShape(raw, reflect.TypeOf(dst).Elem())
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	if err := json.Unmarshal(raw, dst); err != nil {
		return nil, fault.Invalid(bodyField, "cannot be read")
	}
	return nil, nil
}

// checkFields returns the fault of a body of the right shape: fields that are missing, then words that are unknown.
func checkFields(missing []string, dst any) error {
	if len(missing) > 0 {
		return fault.Missing(missing...)
	}
	return checkWords("", reflect.ValueOf(dst).Elem())
}

// ReadBody returns the exact bytes of the body, or a KindTooLarge error for more than limit of them.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fault.Busy(errors.Join(errors.New("api: the body broke off"), err))
	}
	if int64(len(raw)) > limit {
		tooLarge := fault.Errorf(fault.KindTooLarge, fault.CodeTooLarge, "the body has more than %d bytes", limit)
		tooLarge.Field = bodyField
		return nil, tooLarge
	}
	return raw, nil
}
