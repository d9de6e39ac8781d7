package acceptance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// replayed decides every verdict of a stack again, after all tests, and returns an error unless
// each is the same: all of them were given by this build, so each has its facts and its revision.
func replayed(s *local.Stack) error {
	binary, err := built()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(street.ctx, 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "replay", "--json") //nolint:gosec // the command that was just built
	command.Env = asking(s)
	out, err := command.Output()
	var report struct{ Verdicts, Same int }
	if json.Unmarshal(out, &report) != nil || err != nil || report.Verdicts != report.Same {
		return fmt.Errorf("%d of %d are the same (%v): %.4000s", report.Same, report.Verdicts, err, out) //nolint:errorlint // err may be nil
	}
	return nil
}

func TestEveryVerdictIsMadeAgainFromWhatIsKeptWithIt(t *testing.T) {
	alice, payment, caseID := claimed(t)
	rule(t, caseID, object{"outcome": "declined"})
	decided(t, caseID, "declined", "X3")
	failed(t, start(t, alice), failure("platform"))

	verdicts := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)["verdicts"].([]any)
	require.Len(t, verdicts, 2, "the policy's, and the ruling")
	first, second := verdicts[0].(object)["basis"].(object), verdicts[1].(object)["basis"].(object)
	require.Equal(t, payment, first["facts"].(object)["purchase"].(object)["id"])
	require.Equal(t, "declined", second["ruling"].(object)["outcome"])
	require.NotContains(t, asApp(t, "GET", "/v1/cases/"+caseID, nil, 200), "verdicts")
	require.NotContains(t, ask(t, "GET", "/v1/cases/"+caseID, token(t, alice), nil).body, "verdicts")

	out, code := makegood(t, "replay", "--since", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly))
	require.Zero(t, code, out)
	require.Empty(t, out, "nothing differs, and nothing lacks its facts")

	folder := t.TempDir()
	_, code = makegood(t, "evidence", payment, "--out", folder)
	require.Zero(t, code)
	page, err := os.ReadFile(filepath.Join(folder, payment+".html"))
	require.NoError(t, err)
	for _, shown := range []string{"Rules tried: ", ", which matched", "Facts: ", "purchase id " + payment, "by our team on "} {
		require.Contains(t, string(page), shown)
	}
}
