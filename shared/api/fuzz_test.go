package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"makegood/shared/api"
	"makegood/shared/fault"
)

// FuzzDecode looks for a body that Decode takes though it says something else, or that it fails on without saying where.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{` + done + `}`, `{` + done + `,"outputs":[{"url":"a"}]}`, `{"status":"\ud83d\ude00"}`, `{"a":{"a":[1,2,{"b":null}]}}`, `[]`, `{"status":"failed","status":"failed"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got api.GenerationResult
		if err := api.Decode(post(string(body)), &got); err != nil {
			kind := fault.KindOf(err)
			if kind != fault.KindInvalid && kind != fault.KindTooLarge {
				t.Fatalf("%q: %v", body, err)
			}
			if shown := api.ProblemOf(err); shown.Field == "" || len(shown.Field) > 300 {
				t.Fatalf("%q: no place in %+v", body, shown)
			}
			return
		}
		if !got.Status.Valid() || got.FinishedAt.IsZero() && !strings.Contains(string(body), "0001-01-01") {
			t.Fatalf("%q gave %+v", body, got)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("%q was taken, but cannot be written: %v", body, err)
		}
		var again api.GenerationResult
		if err := api.Decode(post(string(text)), &again); err != nil {
			t.Fatalf("%q was taken, its own form %s is not: %v", body, text, err)
		}
		if a, b := reflect.ValueOf(got.Outputs).IsNil(), reflect.ValueOf(again.Outputs).IsNil(); a != b {
			t.Fatalf("%q: outputs came or went", body)
		}
	})
}
