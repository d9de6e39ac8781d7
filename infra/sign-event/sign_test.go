package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/shared/provider/registry"
)

func local(p sandbox.Provider) string { return p.SigningSecret() }

const events = "../../events"

type event struct {
	RawPath string            `json:"rawPath"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func TestSignedEventIsAcceptedAtItsInstant(t *testing.T) {
	at := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	webhooks := registry.Webhooks(sandbox.Settings())
	for _, name := range []string{"stripe-paid-starter", "standard-paid"} {
		raw, err := os.ReadFile(filepath.Join(events, "receive-purchase", name+".json"))
		require.NoError(t, err)
		signed, err := sign(raw, at, local)
		require.NoError(t, err)
		var e, was event
		require.NoError(t, json.Unmarshal(signed, &e))
		require.NoError(t, json.Unmarshal(raw, &was))
		assert.Equal(t, was.Body, e.Body, "the body is not touched")
		header := http.Header{}
		for name, value := range e.Headers {
			header.Set(name, value)
		}
		_, err = webhooks[e.RawPath].Verify(t.Context(), []byte(e.Body), header, at)
		assert.NoError(t, err)
	}
}

func TestRecordedEventsAreSignedAsThisCommandSignsThem(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(events, "receive-purchase", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, run(file, "2026-03-01T12:00:00Z", local, &out))
		assert.Equal(t, string(raw), out.String(), "%s: sign it again with -at 2026-03-01T12:00:00Z", file)
	}
}

func TestEventOfAnotherRouteIsPrintedAsItIs(t *testing.T) {
	raw := []byte(`{"rawPath": "/v1/grants", "headers": {"A": "b"}}`)
	out, err := sign(raw, time.Now(), local)
	require.NoError(t, err)
	assert.Equal(t, raw, out)
	_, err = sign([]byte("not JSON"), time.Now(), local)
	assert.Error(t, err)
}
