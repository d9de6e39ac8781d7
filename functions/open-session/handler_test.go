package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/aws/http"
)

const fixtures = "../../events/open-session"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func live(secrets ...string) access.Secrets {
	return func(context.Context) ([]string, error) { return secrets, nil }
}

var signing = access.Sessions{Secrets: live("local session secret")}

func post(t *testing.T, file string, sessions access.Sessions) http.Response {
	t.Helper()
	event, err := os.ReadFile(filepath.Join(fixtures, file))
	require.NoError(t, err)
	now := func() time.Time { return noon }
	gate := access.Gate{AppKeys: live("mk_local_app"), OperatorKeys: live("mk_local_operator"), Sessions: sessions, Now: now}
	out, err := http.New(handler{sessions: sessions, now: now}.routes(gate)).Invoke(context.Background(), event)
	require.NoError(t, err)
	var response http.Response
	require.NoError(t, json.Unmarshal(out, &response))
	return response
}

func TestTheAppOpensASessionForOneCustomer(t *testing.T) {
	for file, customer := range map[string]string{"open.json": "alice", "open-base64.json": "alice@example.com"} {
		response := post(t, file, signing)
		require.Equal(t, 201, response.StatusCode, response.Body)
		var session api.Session
		require.NoError(t, json.Unmarshal([]byte(response.Body), &session))
		assert.Contains(t, response.Body, `"expires_at":"2026-03-01T13:00:00Z"`)
		whose, err := signing.Customer(context.Background(), session.Token, noon)
		require.NoError(t, err)
		assert.EqualValues(t, customer, whose)
	}
}

func TestWhatIsNotAllowedOpensNoSession(t *testing.T) {
	for file, want := range map[string]struct {
		status      int
		code, field string
	}{
		"no-token.json":      {401, "unauthenticated", ""},
		"operator.json":      {403, "forbidden", ""},
		"no-customer.json":   {400, "missing_fields", "customer"},
		"bad-customer.json":  {400, "invalid_request", "customer"},
		"unknown-field.json": {400, "invalid_request", "role"},
		"duplicate-key.json": {400, "invalid_request", "customer"},
	} {
		response := post(t, file, signing)
		var problem api.Problem
		require.NoError(t, json.Unmarshal([]byte(response.Body), &problem), file)
		assert.Equal(t, want.status, response.StatusCode, file)
		assert.Equal(t, want.code, problem.Code, file)
		assert.Equal(t, want.field, problem.Field, file)
		assert.NotContains(t, response.Body, "token\":", file)
	}
}

func TestWithoutAReadableSecretNoSessionIsOpened(t *testing.T) {
	unreadable := access.Sessions{Secrets: func(context.Context) ([]string, error) { return nil, errors.New("the vault is shut") }}
	response := post(t, "open.json", unreadable)
	assert.Equal(t, 503, response.StatusCode)
	assert.NotContains(t, response.Body, "vault")
	assert.Equal(t, 500, post(t, "open.json", access.Sessions{Secrets: live()}).StatusCode)
}

func TestEveryFixtureIsAskedAbout(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*.json"))
	require.NoError(t, err)
	assert.Len(t, files, 8)
}
