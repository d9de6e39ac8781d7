package api

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"makegood/shared/fault"
)

// maxCursor bounds a cursor, in bytes: ours have about 100.
const maxCursor = 2048

// EncodeCursor returns position as an opaque word for callers. It is not signed, so a position must
// never say whose list it is: then a made-up one shows nothing but the caller's own.
func EncodeCursor(position any) string {
	text, err := json.Marshal(position)
	if err != nil {
		panic("api: a position that is no JSON: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// DecodeCursor reads a cursor of EncodeCursor into position. An empty one leaves position as it is:
// the first page. Anything else that EncodeCursor did not make is a KindInvalid error of the field
// cursor.
func DecodeCursor(cursor string, position any) error {
	if cursor == "" {
		return nil
	}
	// Refuse before decoding: ours have about 100 bytes, and the query string is the caller's to
	// fill.
	bad := fault.Invalid("cursor", "is not one of ours")
	if len(cursor) > maxCursor {
		return bad
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return bad
	}
	// Unknown fields and bytes behind the object are refused too. Otherwise several texts would
	// mean the same page.
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if decoder.Decode(position) != nil || decoder.InputOffset() != int64(len(text)) {
		return bad
	}
	return nil
}
