package settings_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/settings"
)

// asChild is set in the process that a test starts to see how it ends.
const asChild = "SETTINGS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		settings.Policy()
		settings.Livemode()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// started runs a start with those settings, and returns what it logged.
func started(t *testing.T, settings ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append([]string{asChild + "=1", "AWS_LAMBDA_LOG_FORMAT=JSON"}, settings...)
	output, err := command.CombinedOutput()
	return string(output), err
}

func TestAWrongSettingEndsTheStartAndSaysWhy(t *testing.T) {
	for want, settings := range map[string][]string{
		`unknown policy \"acme\": known are `: {"POLICY=acme", "LIVEMODE=live"},
		`unknown policy \"\": known are `:     {"LIVEMODE=live"},
		"LIVEMODE is ":                        {"POLICY=goopter", "LIVEMODE=perhaps"},
	} {
		output, err := started(t, settings...)
		var ended *exec.ExitError
		require.ErrorAs(t, err, &ended, want)
		assert.Equal(t, 1, ended.ExitCode())
		assert.Contains(t, output, want)
		assert.Contains(t, output, `"message":"not started"`)
	}
	output, err := started(t, "POLICY=goopter", "LIVEMODE=live")
	require.NoError(t, err, output)
	assert.Empty(t, output)
}
