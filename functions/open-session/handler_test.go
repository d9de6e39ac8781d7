package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/aws/http/httptest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func live(secrets ...string) access.Secrets {
	return func(context.Context) ([]string, error) { return secrets, nil }
}

var signing = access.Sessions{Secrets: live("local session secret")}

// open returns the desk of the function with these sessions, at noon.
func open(t *testing.T, sessions access.Sessions) httptest.Client {
	t.Helper()
	h := handler{sessions: sessions, now: func() time.Time { return noon }}
	return httptest.New(t, "open-session", h.now, h.routes)
}

func TestTheAppOpensASessionForOneCustomer(t *testing.T) {
	for fixture, customer := range map[string]string{"open": "alice", "open-base64": "alice@example.com"} {
		answer := open(t, signing).Want(201, fixture)
		assert.Contains(t, answer.Body, `"expires_at":"2026-03-01T13:00:00Z"`)
		whose, err := signing.Session(context.Background(), answer.Fields["token"].(string), noon)
		require.NoError(t, err)
		assert.EqualValues(t, customer, whose.Customer)
	}
}

func TestWhatIsNotAllowedOpensNoSession(t *testing.T) {
	for fixture, want := range map[string]httptest.Refusal{
		"no-token":      {401, "unauthenticated", nil},
		"operator":      {403, "forbidden", nil},
		"no-customer":   {400, "missing_fields", "customer"},
		"bad-customer":  {400, "invalid_request", "customer"},
		"unknown-field": {400, "invalid_request", "role"},
		"duplicate-key": {400, "invalid_request", "customer"},
	} {
		answer := open(t, signing).Ask(fixture)
		assert.Equal(t, want, answer.Refusal(), fixture)
		assert.NotContains(t, answer.Body, "token\":", fixture)
	}
}

func TestWithoutAReadableSecretNoSessionIsOpened(t *testing.T) {
	unreadable := access.Sessions{Secrets: func(context.Context) ([]string, error) { return nil, errors.New("the vault is shut") }}
	assert.NotContains(t, open(t, unreadable).Want(503, "open").Body, "vault")
	open(t, access.Sessions{Secrets: live()}).Want(500, "open")
}

func TestWhatABrowserAsksBeforeAnyCallIsAnswered(t *testing.T) {
	answer := open(t, signing).Raw("preflight")
	assert.Equal(t, []any{204, "", "https://app.example.com"}, []any{answer.StatusCode, answer.Body, answer.Headers["access-control-allow-origin"]})
	elsewhere := open(t, signing).Raw("preflight", func(event map[string]any) { event["headers"].(map[string]any)["origin"] = "https://evil.example" })
	assert.Equal(t, []any{403, ""}, []any{elsewhere.StatusCode, elsewhere.Headers["access-control-allow-origin"]})
}

func TestEveryFixtureIsAskedAbout(t *testing.T) {
	files, err := filepath.Glob("../../events/open-session/*.json")
	require.NoError(t, err)
	assert.Len(t, files, 9)
}
