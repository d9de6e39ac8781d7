package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/erasure"
	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/storetest"
)

// counter is the API over a world in which alice started a picture by a prompt.
type counter struct {
	*storetest.World
	httptest.Client
	made generation.ID
}

func open(t *testing.T) counter {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 1000)
	c := counter{World: w}
	for range erasure.MaxRows + 1 {
		start, err := w.Starter().Start(t.Context(), generation.Order{
			Customer: "alice", Feature: "recolor", Platform: "web", Outputs: 1, Principal: "app", Key: w.Key(),
			Words: generation.Words{Prompt: "a cat"},
		}, w.Now)
		require.NoError(t, err)
		c.made = start.ID
	}
	h := handler{erasure.Eraser{Store: w.Store, Shelf: w.Shelf}}
	c.Client = httptest.New(t, "forget-customer", func() time.Time { return w.Now }, h.routes)
	return c
}

// after sends the event with the cursor that an answer gave.
func after(answer map[string]any) func(event map[string]any) {
	return func(event map[string]any) {
		event["rawQueryString"] = "cursor=" + answer["next"].(string)
		event["queryStringParameters"] = map[string]any{"cursor": answer["next"]}
	}
}

func TestWhatThereIsIsToldAndNothingOfItErased(t *testing.T) {
	c := open(t)
	first := c.Want(200, "show").Fields
	require.Equal(t, []any{"alice", false, 100.0, 100.0}, []any{first["customer"], first["complete"], first["generations"], first["open_generations"]})
	second := c.Want(200, "show", after(first)).Fields
	require.Equal(t, []any{true, 1.0}, []any{second["complete"], second["generations"]})
	require.NotContains(t, second, "next")
	require.NotContains(t, second, "by", "nobody did anything")
	require.Equal(t, "a cat", c.Generation(c.made).Words.Prompt)
}

func TestAnErasureIsCompleteOnceAllOfItWasLookedAt(t *testing.T) {
	c := open(t)
	first := c.Want(200, "forget").Fields
	require.False(t, first["complete"].(bool))
	require.True(t, c.Want(200, "forget", after(first)).Fields["complete"].(bool))
	require.Empty(t, c.Generation(c.made).Words)
	again := c.Want(200, "forget").Fields
	require.Equal(t, 0.0, again["generations"], "to erase again is to erase nothing")
	require.Equal(t, "operator", again["by"])
	require.Contains(t, again["stays"].([]any)[0], "why")
}

func TestStaffAloneEraseAndOnlyFromACursorOfOurs(t *testing.T) {
	c := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"forget-by-app":             {403, "forbidden", nil},
		"forget-without-credential": {401, "unauthenticated", nil},
		"forget-bad-cursor":         {400, "invalid_request", "cursor"},
		"forget-forged-cursor":      {400, "invalid_request", "cursor"},
		"forget-no-customer":        {404, "not_found", nil},
	} {
		require.Equal(t, want, c.Ask(fixture).Refusal(), fixture)
	}
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("forget", c.As("alice")).Refusal(), "not even one's own")
}
