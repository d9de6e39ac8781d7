package web_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheClientPlaysTheStoryOfTheREADME(t *testing.T) {
	story := exec.CommandContext(t.Context(), "node", "../../.local/web/story.js")
	story.Env = append(os.Environ(), "API="+stack.BaseURL, "PROVIDER="+stack.Provider.URL)
	said, err := story.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Contains(t, string(said), "the story holds")
}
