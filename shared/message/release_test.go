package message_test

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/golden"
)

// TestMessagesOfEachReleaseAreReadByTodaysCode: some wait on a queue while a new build takes over,
// or in a dead-letter queue for two weeks.
func TestMessagesOfEachReleaseAreReadByTodaysCode(t *testing.T) {
	for release, folder := range golden.Releases(t) {
		var bodies map[string]json.RawMessage
		golden.Read(t, filepath.Join(folder, "filled.json"), &bodies)
		require.NotEmpty(t, bodies)
		for name, body := range bodies {
			today, known := filled()[name]
			require.True(t, known, "%s: %s is not read any more", release, name)
			message := reflect.New(reflect.TypeOf(today).Elem()).Interface()
			require.NoError(t, json.Unmarshal(body, message), "%s: %s", release, name)
			// What was read says all that was sent.
			golden.Holds(t, release+" "+name, decoded(t, body), decoded(t, encoded(t, message)))
		}
	}
}

// TestTheReleaseBeforeReadsTodaysMessages: it reads what it knows, so all of that must still be
// there, and it ignores the rest.
func TestTheReleaseBeforeReadsTodaysMessages(t *testing.T) {
	for release, folder := range golden.Releases(t) {
		for _, file := range []string{"filled", "sent"} {
			var former, now any
			golden.Read(t, filepath.Join(folder, file+".json"), &former)
			golden.Read(t, filepath.Join("testdata", file+".golden.json"), &now)
			golden.Holds(t, release+" "+file, former, now)
		}
	}
}

// TestAMessageOfALaterReleaseIsReadAsFarAsItIsKnown is what the test above rests on.
func TestAMessageOfALaterReleaseIsReadAsFarAsItIsKnown(t *testing.T) {
	for name, want := range filled() {
		later := encoded(t, golden.Later(decoded(t, encoded(t, want))))
		message := reflect.New(reflect.TypeOf(want).Elem()).Interface()
		require.NoError(t, json.Unmarshal(later, message), name)
		require.Equal(t, want, message, name)
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	return value
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}
