package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// environOf is what the SAM CLI would see, of region and credentials, when it is started with those
// variables: "AWS_DEFAULT_REGION=us-east-1".
func environOf(t *testing.T, command string, variables ...string) []string {
	t.Helper()
	root := t.TempDir()
	script, err := os.ReadFile("cli.sh")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^version=(\S+)$`).FindSubmatch(script)
	require.NotNil(t, version)
	folder, bin := filepath.Join(root, "infra", "sam"), filepath.Join(root, ".local", "sam-venv", "bin")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	require.NoError(t, os.MkdirAll(bin, 0o700))
	played := "#!/usr/bin/env bash\n[[ $1 == --version ]] && echo \"SAM CLI, version " + string(version[1]) + "\" || env\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "cli.sh"), script, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "sam"), []byte(played), 0o700))
	sam := exec.CommandContext(t.Context(), filepath.Join(folder, "cli.sh"), command)
	sam.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + root}, variables...)
	output, err := sam.CombinedOutput()
	require.NoError(t, err, "%s", output)
	var all []string
	for line := range strings.Lines(string(output)) {
		if strings.HasPrefix(line, "AWS_") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

// A region of ours before the profile's would put the stack where its secrets are not.
func TestADeploymentGoesToTheRegionOfTheCallersProfile(t *testing.T) {
	assert.Empty(t, environOf(t, "deploy"))
	assert.Contains(t, environOf(t, "deploy", "AWS_REGION=eu-central-1"), "AWS_DEFAULT_REGION=eu-central-1")
	assert.Contains(t, environOf(t, "deploy", "AWS_DEFAULT_REGION=eu-west-3"), "AWS_DEFAULT_REGION=eu-west-3")
}

func TestNothingElseNeedsARegionOrCredentials(t *testing.T) {
	assert.ElementsMatch(t, []string{"AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}, environOf(t, "build"))
	assert.ElementsMatch(t, []string{"AWS_DEFAULT_REGION=us-east-1", "AWS_PROFILE=own"}, environOf(t, "validate", "AWS_PROFILE=own"))
}
