package acceptance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestTheSmokeStoryOfADeploymentIsPlayedToItsEnd(t *testing.T) {
	smoke := exec.CommandContext(t.Context(), filepath.Join(stack.Root(), "infra/operate/smoke.sh"))
	smoke.Env = append(os.Environ(), "API="+stack.BaseURL, "APP_KEY="+local.AppKey, "OPERATOR_KEY="+local.OperatorKey)
	out, err := smoke.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `(?s)came back by clause R1.*the bad result is approved by clause .*sums to 8`, string(out))

	smoke = exec.CommandContext(t.Context(), smoke.Path)
	smoke.Env = append(os.Environ(), "API="+stack.BaseURL, "APP_KEY=no-key-of-this-stack")
	out, err = smoke.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "smoke: the policy is not read")
}
