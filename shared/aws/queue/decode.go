package queue

import (
	"encoding/json"
	"errors"
	"fmt"

	"makegood/shared/fault"
	"makegood/shared/message"
)

// Decode reads a message of the wanted type. Unknown fields are ignored, for a newer sender may add
// some.
//
// What is not JSON, names another type or none, or carries a version below 1 or above
// message.Version is a KindInvalid error. Returned from Each's handler it brings the message to the
// dead-letter queue by redrive. The error never quotes the body.
func Decode[T any](body []byte, wantType string) (T, error) {
	// The envelope first: only its type says which struct the rest must fit.
	var content T
	var header message.Header
	if err := json.Unmarshal(body, &header); err != nil {
		return content, fault.Invalid("body", "not a message: %s", cause(err))
	}
	if header.Type != wantType {
		return content, fault.Invalid("type", "want %s", wantType)
	}
	// A version above ours may mean something else by the same fields; a person must redrive it
	// after the release.
	if header.Version < 1 || header.Version > message.Version {
		return content, fault.Invalid("version", "%d is not a version that we read", header.Version)
	}
	if err := json.Unmarshal(body, &content); err != nil {
		return *new(T), fault.Invalid("body", "not a %s: %s", wantType, cause(err))
	}
	return content, nil
}

// TypeOf returns the type that a message names, "" for what is none: where more than one travels on
// a queue, it says as which to Decode the message.
func TypeOf(body []byte) string {
	var header message.Header
	_ = json.Unmarshal(body, &header) // what has none is refused by Decode
	return header.Type
}

// cause names the place of a JSON error, never the text there: it may be a person's.
func cause(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("bad JSON at byte %d", syntax.Offset)
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Sprintf("field %q wants another kind of value", kind.Field)
	}
	return "a value that cannot be read"
}
