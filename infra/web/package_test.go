package web_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePackageIsSoundForWhoeverImportsItAndForAPageInReact(t *testing.T) {
	said, err := exec.CommandContext(t.Context(), "./check.sh").CombinedOutput()
	require.NoError(t, err, "%s", said)
}
