package acceptance_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// examples are the READMEs whose shell blocks are pasted into a shell, in this order, on one fresh
// stack.
var examples = []string{"README.md", "infra/makegood/README.md", "shared/payment/README.md", "shared/outage/README.md"}

const (
	promise      = "# → " // what a line prints; … stands for anything
	pastedWithin = 3 * time.Minute
)

// pasted returns the blocks of a README that are meant for a shell. What asks Stripe itself is left
// to infra/standin.
func pasted(t *testing.T, path string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, block := range strings.Split(string(text), "\n```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "\n```")
		if !strings.Contains(block, "api.stripe.com") {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

func TestEveryShellBlockOfTheReadmesPrintsWhatItSays(t *testing.T) {
	fresh, err := local.Start(t.Context(), local.Options{
		Policy: usual, Endpoints: street.services, Prefix: fmt.Sprintf("readme-%d-", os.Getpid()), Log: os.Stderr,
		LogDir: filepath.Join(stack.Root(), ".local", "logs", "readme"),
	})
	require.NoError(t, err)
	t.Cleanup(fresh.Stop)
	require.NoError(t, fresh.AwaitPolicy(t.Context()))
	for _, name := range examples {
		blocks := pasted(t, filepath.Join(fresh.Root(), name))
		require.NotEmpty(t, blocks, name)
		for _, block := range blocks {
			printed := paste(t, fresh, block)
			for _, line := range strings.Split(block, "\n") {
				if _, want, ok := strings.Cut(line, promise); ok {
					pattern := "(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + "$"
					assert.Regexp(t, pattern, printed, "%s: %s", name, line)
				}
			}
		}
	}
}

// paste runs a block in bash, with what `make run` has its reader export. A request that is
// refused, and any other command that fails, fails the test.
func paste(t *testing.T, s *local.Stack, block string) string {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), pastedWithin)
	defer cancel()
	shell := exec.CommandContext(limit, "bash", "-euo", "pipefail", "-c", "curl() { command curl --fail-with-body \"$@\"; }\n"+block)
	shell.Dir = s.Root()
	shell.Env = append(os.Environ(),
		"API="+s.BaseURL, "PROVIDER="+s.Provider.URL, "LOCAL="+s.AdminURL,
		"APP=Authorization: Bearer "+local.AppKey, "STAFF=Authorization: Bearer "+local.OperatorKey)
	printed, err := shell.CombinedOutput()
	require.NoError(t, err, "%s\n%s", block, printed)
	return string(printed)
}
