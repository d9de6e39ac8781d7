package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/generation"
)

func TestWhatWasDoneWithAnOutputIsRecordedOnceAndTheAnswerRepeatsIt(t *testing.T) {
	c := open(t)
	c.Ask("start")
	require.Equal(t, httptest.Refusal{409, "result_pending", nil}, c.Ask("use-downloaded").Refusal(), "its result may be on its way")
	c.Settles(picture, c.Success(2))
	want := map[string]any{"output": 1.0, "downloaded": true, "bulk": true, "commercial": false, "at": "2026-03-01T12:00:01.000Z"}
	first := c.Want(200, "use-downloaded")
	require.Equal(t, want, first.Fields)
	require.False(t, first.Replayed)
	again := c.Want(200, "use-downloaded")
	require.Equal(t, want, again.Fields)
	require.True(t, again.Replayed)
	require.Equal(t, generation.Use{Output: 1, Downloaded: true, Bulk: true, At: c.Now.Add(time.Second)}, c.Generation(picture).UseOf(1))
}

func TestARefusedUseNamesItsCodeAndItsField(t *testing.T) {
	c := open(t)
	c.Ask("start")
	c.Settles(picture, c.Success(2))
	c.Want(200, "use-downloaded")
	for fixture, want := range map[string]httptest.Refusal{
		"use-same-key-otherwise": {409, "idempotency_key_reused", nil},
		"use-of-nothing":         {400, "invalid_request", "downloaded"},
		"use-without-fields":     {400, "missing_fields", "at"},
		"use-without-key":        {400, "invalid_request", "Idempotency-Key"},
		"use-unknown-field":      {400, "invalid_request", "viewed"},
		"use-by-staff":           {403, "forbidden", nil},
		"use-of-nobody":          {404, "not_found", nil},
		"use-of-third-output":    {400, "invalid_request", "output"},
	} {
		require.Equal(t, want, c.Ask(fixture).Refusal(), fixture)
	}
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("use-downloaded", c.As("alice")).Refusal(), "a customer may not")
	require.Len(t, c.Generation(picture).Uses, 1)
}
