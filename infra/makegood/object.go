package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"makegood/shared/fault"
)

// shape names the fields of a JSON object and their own shapes, nil for what is not an object.
type shape map[string]shape

// check returns nil for an object that has no other fields than the shape's, each at most once, and its objects likewise;
// KindInvalid naming the field at fault. The source is valid JSON.
func (s shape) check(source []byte, at string) error {
	decoder := json.NewDecoder(bytes.NewReader(source))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return fault.Invalid(at, "must be an object")
	}
	seen := map[string]bool{}
	for decoder.More() {
		key, _ := decoder.Token()
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return fault.Invalid(at, "%s", err)
		}
		name := fmt.Sprint(key)
		field := strings.TrimPrefix(at+"."+name, ".")
		inner, known := s[name]
		switch {
		case !known:
			return fault.Invalid(field, "unknown field")
		case seen[name]:
			return fault.Invalid(field, "stands here twice")
		case inner != nil && !isNull(value):
			if err := inner.check(value, field); err != nil {
				return err
			}
		}
		seen[name] = true
	}
	return nil
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }
