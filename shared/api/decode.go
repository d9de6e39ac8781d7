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

// The limits of a body. Ours are a few hundred bytes. A report's description is the longest text
// that a caller writes.
const (
	MaxBody  = 256 << 10 // bytes, under /v1
	MaxEvent = 1 << 20   // bytes, of a provider's event
	MaxDepth = 32        // objects and arrays within each other
)

// bodyField stands for the body as a whole where a fault has no narrower place.
const bodyField = "body"

// Decode reads the body of r into dst, a pointer to a struct, strictly: one JSON object in UTF-8 of
// at most MaxBody bytes, with exactly the names of dst, each once, each of its type (null is of
// none), and nothing after it.
//
// A field without omitempty is required, and a RequiredText or an instant that is blank counts as
// missing. An enum (anything with Valid() bool) must be valid. An absent body is an object without
// fields. Where fields are missing, dst is left alone.
//
// Errors: KindTooLarge, KindInvalid (field = the place, as in outputs[0].url; missing_fields with
// every missing one).
func Decode(r *http.Request, dst any) error {
	absent, err := decodeShape(r, dst)
	if err != nil {
		return err
	}
	return checkFields(absent, dst)
}

// decodeShape reads the body as Decode does, but only returns which required fields are absent, and
// judges no enum. A caller without a credential learns of the body's shape, not of its fields.
func decodeShape(r *http.Request, dst any) (absent []string, err error) {
	raw, err := ReadBody(r, MaxBody)
	if err != nil {
		return nil, err
	}
	// A command without parameters may come without a body.
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	}
	// Text and nesting first: the walk over the shape is recursive, and must not be led deeper than
	// MaxDepth.
	if err := checkText(raw); err != nil {
		return nil, err
	}
	absent, err = checkShape(raw, reflect.TypeOf(dst).Elem())
	if err != nil || len(absent) > 0 {
		return absent, err
	}
	// Read it only now. encoding/json alone would take names in any case, and the last of equal
	// keys.
	if err := json.Unmarshal(raw, dst); err != nil {
		return nil, fault.Invalid(bodyField, "cannot be read")
	}
	return nil, nil
}

// checkFields returns the fault of a body of the right shape: required fields that are absent, then
// words of an enum that are unknown.
func checkFields(absent []string, dst any) error {
	if len(absent) > 0 {
		return fault.Missing(absent...)
	}
	return checkWords("", reflect.ValueOf(dst).Elem())
}

// ReadBody returns the exact bytes of the body, or a KindTooLarge error for more than limit of
// them.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	// One byte more than the limit tells a body that is too large from one that just fits.
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
