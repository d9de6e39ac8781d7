package web_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/infra/client"
	"makegood/infra/local"
)

func TestTheClientPlaysTheStoryOfTheREADME(t *testing.T) {
	story := exec.CommandContext(t.Context(), "node", "../../.local/web/story.js")
	story.Env = append(os.Environ(), "API="+stack.BaseURL, "PROVIDER="+stack.Provider.URL)
	said, err := story.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Contains(t, string(said), "the story holds")
}

// The recipe for Python is the one of infra/client/README.md, by the client that is generated now.
func TestTheRecipeForPythonGivesBackWhatFailed(t *testing.T) {
	made, err := exec.CommandContext(t.Context(), "../client/generate.sh", "python").CombinedOutput()
	require.NoError(t, err, "%s", made)
	readme, err := os.ReadFile("../client/README.md")
	require.NoError(t, err)
	_, recipe, found := strings.Cut(string(readme), "```python\n")
	require.True(t, found)
	recipe, _, _ = strings.Cut(recipe, "```")
	recipe = strings.ReplaceAll(recipe, `"alice"`, fmt.Sprintf(`"py%d"`, time.Now().UnixNano()))
	run := exec.CommandContext(t.Context(), "../../.local/clients/venv/bin/python", "-c", recipe)
	run.Env = append(os.Environ(), "PYTHONPATH=../../.local/clients/python", "MAKEGOOD_URL="+stack.BaseURL, "MAKEGOOD_KEY="+local.AppKey)
	said, err := run.CombinedOutput()
	require.NoError(t, err, "%s", said)
	require.Equal(t, "R1\n", string(said))
}

func TestTheGoClientPlaysTheStoryOfTheREADME(t *testing.T) {
	ctx, customer := t.Context(), fmt.Sprintf("go%d", time.Now().UnixNano())
	app, staff := client.New(stack.BaseURL, local.AppKey), client.New(stack.BaseURL, local.OperatorKey)
	start := func() (*client.StartedGeneration, error) {
		return app.StartGeneration(ctx, client.StartGenerationParams{IdempotencyKey: client.NewKey()}, client.StartGeneration{
			Customer: customer, Feature: "recolor", Platform: client.PlatformWeb,
		})
	}
	_, err := start()
	var refused *client.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, client.ProblemCodeInsufficientCredits, refused.Code)

	bought, err := http.Post(stack.Provider.URL+"/_standin/checkouts", "application/json", strings.NewReader(`{"customer":"`+customer+`","package":"credits-100"}`)) //nolint:noctx // a stand-in on this machine
	require.NoError(t, err)
	require.NoError(t, bought.Body.Close())
	available := func() int64 {
		wallet, err := app.ReadCustomer(ctx, customer)
		if err != nil {
			return -1
		}
		return wallet.Balance.Available
	}
	waits(t, func() bool { return available() == 100 })

	end := func(id string, result client.GenerationResult) {
		result.FinishedAt = time.Now().UTC()
		_, err := app.ReportResult(ctx, id, result)
		require.NoError(t, err)
	}
	caseIs := func(id string, state client.StateOfCase) (seen *client.Case) {
		waits(t, func() bool {
			var err error
			seen, err = app.ReadCase(ctx, id)
			require.NoError(t, err)
			return seen.State == state
		})
		return seen
	}
	failed, err := start()
	require.NoError(t, err)
	end(failed.ID, client.GenerationResult{Status: client.ResultStatusFailed, Failure: &client.ResultFailure{Cause: client.FailureCausePlatform, Code: "lost"}})
	var given *client.Generation
	waits(t, func() bool {
		given, err = app.ReadGeneration(ctx, failed.ID)
		require.NoError(t, err)
		return given.Case != nil
	})
	require.Equal(t, "R1", caseIs(*given.Case, client.StateOfCaseApproved).Decision.Clause)

	came, err := start()
	require.NoError(t, err)
	end(came.ID, client.GenerationResult{Status: client.ResultStatusSucceeded})
	// Sent before its result is recorded, it waits for it by itself.
	opened, err := app.ReportBadResult(ctx, client.ReportBadResultParams{IdempotencyKey: client.NewKey()}, client.ReportBadResult{Generation: came.ID, Description: "six fingers"})
	require.NoError(t, err)
	caseIs(opened.Case, client.StateOfCaseInReview)
	_, err = staff.GiveVerdict(ctx, opened.Case, client.GiveVerdictParams{IdempotencyKey: client.NewKey()}, client.Verdict{Outcome: client.VerdictOutcomeApproved, Note: "indeed"})
	require.NoError(t, err)
	caseIs(opened.Case, client.StateOfCaseApproved)
	require.Equal(t, int64(100), available())
	rows, err := app.ReadStatement(ctx, customer, client.ReadStatementParams{})
	require.NoError(t, err)
	require.Equal(t, int64(4), rows.Entries[0].Amount)
}

func waits(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(browsertest.Patience); !holds(); time.Sleep(50 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "not in time")
	}
}
