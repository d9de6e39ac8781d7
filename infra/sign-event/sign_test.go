package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
)

var local = secrets{stripe: "whsec_local_stripe", standard: "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="}

const events = "../../events"

type event struct {
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func TestSignedEventIsAcceptedAtItsInstant(t *testing.T) {
	at := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	live := func(secret string) func(context.Context) ([]string, error) {
		return func(context.Context) ([]string, error) { return []string{secret}, nil }
	}
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
		if name == "standard-paid" {
			_, err = standard.New(live(local.standard)).Verify(context.Background(), []byte(e.Body), header, at)
		} else {
			_, err = stripe.New(live(local.stripe), "").Verify(context.Background(), []byte(e.Body), header, at)
		}
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
