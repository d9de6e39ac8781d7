package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/aws/http"
	"makegood/shared/console"
	"makegood/shared/memory"
	"makegood/shared/policy"
)

// noon is when the fixtures were recorded.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func secrets(context.Context) ([]string, error) {
	return []string{"a secret of thirty-two bytes, or so"}, nil
}

// sends passes a fixture through the adapter to a console over an empty store, and returns the
// answer.
func sends(t *testing.T, fixture string, edits ...func(event map[string]any)) http.Response {
	t.Helper()
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	pages := console.Console{
		Sessions: access.StaffSessions{Secrets: secrets}, Store: memory.New(), Published: photoroom, Pictures: "https://kept.example",
		Now: func() time.Time { return noon },
	}
	text, err := os.ReadFile(filepath.Join("../../events/serve-console", fixture+".json"))
	require.NoError(t, err)
	var event map[string]any
	require.NoError(t, json.Unmarshal(text, &event))
	for _, edit := range edits {
		edit(event)
	}
	text, err = json.Marshal(event)
	require.NoError(t, err)
	out, err := http.New(pages.Handler()).Invoke(t.Context(), text)
	require.NoError(t, err)
	var response http.Response
	require.NoError(t, json.Unmarshal(out, &response))
	return response
}

// as signs the event's sender in.
func as(t *testing.T, roles ...access.StaffRole) func(event map[string]any) {
	t.Helper()
	token, _, err := access.StaffSessions{Secrets: secrets}.Open(t.Context(), access.StaffSession{Name: "ann", Roles: roles}, noon)
	require.NoError(t, err)
	return func(event map[string]any) { event["cookies"] = []any{console.SessionCookie + "=" + token} }
}

func TestWhoeverIsNotSignedInIsSentToSignInAndBack(t *testing.T) {
	response := sends(t, "door")
	assert.Equal(t, 303, response.StatusCode)
	assert.Equal(t, "/console/sign-in?to=%2Fconsole", response.Headers["location"])
}

func TestTheCookieThatAGatewaySetsApartSignsIn(t *testing.T) {
	assert.Less(t, sends(t, "door", as(t, access.StaffRoleReviewer)).StatusCode, 400)
	assert.Equal(t, 404, sends(t, "unknown-page", as(t, access.StaffRoleReviewer)).StatusCode)
}

// The gateway's own host is the one that the browser names as its origin: a form of ours passes,
// and no other site's.
func TestAFormPassesOnlyWhereOurOwnHostSentIt(t *testing.T) {
	for fixture, status := range map[string]int{
		"form-by-our-page": 404, "form-by-an-old-browser": 404, // let through: there is no such page
		"form-by-another-site": 403, "form-by-another-site-in-an-old-browser": 403,
	} {
		response := sends(t, fixture, as(t, access.StaffRoleAdmin))
		assert.Equal(t, status, response.StatusCode, fixture)
		assert.Equal(t, "text/html; charset=utf-8", response.Headers["content-type"], fixture)
	}
}

func TestEveryFixtureIsSentByATest(t *testing.T) {
	files, err := filepath.Glob("../../events/serve-console/*.json")
	require.NoError(t, err)
	assert.Len(t, files, 6, "name it in a test of this file")
}
