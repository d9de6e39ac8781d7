package acceptance_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// standingsOf returns what the posts of the customer's standing said, repeats left out, each as the
// contract has it.
func standingsOf(t *testing.T, customer string) []any {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(stack.Root(), "shared/api/messages/notice.v1.schema.json"))
	require.NoError(t, err)
	said, seen := []any{}, map[string]bool{}
	for _, sent := range stack.Notices() {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(sent.Body))
		require.NoError(t, err)
		post, id := value.(object), sent.Header.Get("webhook-id")
		if data := post["data"].(object); post["type"] == "standing.changed" && data["customer"] == customer && !seen[id] {
			require.NoError(t, schema.Validate(value), "%s", sent.Body)
			seen[id] = true
			wantNoticed(t, customer, id, data["words"])
			said = append(said, []any{data["standing"], data["words"]})
		}
	}
	return said
}

func TestAChangeOfStandingIsToldAsThePolicyWordsIt(t *testing.T) {
	for name, want := range map[string][]any{
		"goopter": {
			[]any{"terminated", "Your account was terminated for violating our Terms of Use. You can't start new jobs, and refunds aren't available."},
			[]any{"good", "Your account is in good standing again, so you can start new jobs."},
		},
		"photoroom": {
			[]any{"terminated", "Your account was terminated. You can't use AI features, and refunds for results aren't available."},
			[]any{"good", "Your account is in good standing again, so you can use AI features and request refunds."},
		},
		"popcustoms": {
			[]any{"restricted", "Your access to AI Mockups is restricted, so you can't generate images, and refunds for results aren't available."},
			[]any{"good", "Your access to AI Mockups is no longer restricted, so you can generate images and request refunds."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := unique("alice")
			for i, each := range want {
				stand(t, alice, each.([]any)[0].(string))
				stand(t, alice, each.([]any)[0].(string))
				soon(t, "it is told", func() bool { return len(standingsOf(t, alice)) == i+1 })
			}
			soon(t, "the queue drains", func() bool { return waiting(t, "NoticesQueue") == 0 })
			require.Equal(t, want, standingsOf(t, alice))
		})
	}
}
