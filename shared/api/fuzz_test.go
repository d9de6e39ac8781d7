package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"makegood/shared/api"
	"makegood/shared/fault"
)

// FuzzDecode looks for a body that Decode takes though it says something else, or that it fails on
// without saying where.
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

// FuzzClaim looks for a claim that Decode takes though it lacks something, or that is not the same
// once it is written again.
func FuzzClaim(f *testing.F) {
	claim := `{"kind":"outage","customer":"a","claim":{"email":"a@b.c","paid_at":"2026-03-01T12:00:00Z","reason":"x","amount":{"currency":"USD","minor":1}`
	for _, seed := range []string{
		`{}`, `{"claim":{}}`, claim + `}}`, claim + `,"attachments":[]}}`, claim + `,"attachments":["\u2003"]},"payment":"p"}`, claim + `,"email":""}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got api.RequestRefund
		if err := api.Decode(post(string(body)), &got); err != nil {
			if shown := api.ProblemOf(err); shown.Status != 400 && shown.Status != 413 || shown.Field == "" {
				t.Fatalf("%q: %+v", body, shown)
			}
			return
		}
		if strings.TrimSpace(string(got.Claim.Email)) == "" || strings.TrimSpace(string(got.Claim.Reason)) == "" || !got.Kind.Valid() {
			t.Fatalf("%q gave %+v", body, got)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("%q was taken, but cannot be written: %v", body, err)
		}
		var again api.RequestRefund
		if err := api.Decode(post(string(text)), &again); err != nil {
			t.Fatalf("%q was taken, its own form %s is not: %v", body, text, err)
		}
	})
}
