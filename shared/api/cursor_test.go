package api_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/fault"
)

type position struct {
	Entry string `json:"entry,omitempty"`
	At    int64  `json:"at,omitempty"`
}

func TestACursorComesBackAsItWas(t *testing.T) {
	for _, want := range []position{{}, {Entry: "e/1?", At: 1 << 40}} {
		var got position
		word := api.EncodeCursor(want)
		assert.NotContains(t, word, "=")
		require.NoError(t, api.DecodeCursor(word, &got))
		assert.Equal(t, want, got)
	}
}

func TestNoCursorIsTheFirstPage(t *testing.T) {
	got := position{}
	require.NoError(t, api.DecodeCursor("", &got))
	assert.Zero(t, got)
}

func TestABadCursorIsNamed(t *testing.T) {
	plain := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, word := range []string{
		"!", "e30=", "e31", plain("x"), plain(`{"entry":1}`), plain(`{"owner":"bob"}`), plain(`{}{}`), plain(`{} `), plain(`[]`),
		plain(`{"entry":"` + strings.Repeat("x", 3000) + `"}`),
	} {
		err := api.DecodeCursor(word, &position{})
		require.Error(t, err, word)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), word)
		assert.Equal(t, "cursor", api.ProblemOf(err).Field, word)
	}
}

func TestInstantsAreShownInUTCAndWholeMilliseconds(t *testing.T) {
	at := time.Date(2026, 3, 1, 14, 0, 0, 1_999_999, time.FixedZone("", 7200))
	assert.Equal(t, "2026-03-01T12:00:00.001Z", api.Instant(at).Format(time.RFC3339Nano))
	assert.Equal(t, "2026-03-01T12:00:00.001Z", api.Optional(at).Format(time.RFC3339Nano))
	assert.Nil(t, api.Optional(time.Time{}))
}
