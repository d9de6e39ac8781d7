package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/makegood/drill"
)

func TestARestoreIsRehearsedAndFindsWhatCameAfterItsPoint(t *testing.T) {
	other, err := local.Start(t.Context(), local.Options{
		Endpoints: street.services, Prefix: fmt.Sprintf("drill-%d-", os.Getpid()), ManualSchedules: true,
		LogDir: filepath.Join(stack.Root(), ".local", "logs", "drill"), Log: os.Stderr, Policy: usual, MaxProcesses: 2,
	})
	require.NoError(t, err)
	t.Cleanup(other.Stop)
	var steps []string
	require.NoError(t, drill.Restore(t.Context(), drill.Options{Stack: other, Print: func(step drill.Step) {
		t.Log(step.Done + ": " + step.Seen)
		steps = append(steps, step.Done)
	}}))
	require.Equal(t, []string{
		"before the point", "snapshot", "after the point", "rolled back", "makegood reconcile", "replayed", "approved again", "credits and money",
	}, steps)
}
