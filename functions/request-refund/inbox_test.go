package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
)

func TestWhatACustomerHasReadStaysRead(t *testing.T) {
	d := open(t)
	want := map[string]any{"read_up_to": "2026-03-01T11:59:00.000Z"}
	require.Equal(t, want, d.Want(200, "read", d.As("alice")).Fields)
	require.Equal(t, want, d.Want(200, "read-less").Fields)
	read, err := d.store.FindRead(t.Context(), "alice")
	require.NoError(t, err)
	require.Equal(t, noon.Add(-60e9), read)
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("read", d.As("mallory")).Refusal(), "another does not exist")
}

func TestARefusedMarkNamesItsCodeAndItsField(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"read-ahead":              {400, "invalid_request", "up_to"},
		"read-nothing":            {400, "missing_fields", "up_to"},
		"read-no-instant":         {400, "invalid_request", "up_to"},
		"read-unknown-field":      {400, "invalid_request", "all"},
		"read-by-staff":           {403, "forbidden", nil},
		"read-without-credential": {401, "unauthenticated", nil},
	} {
		require.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
}
