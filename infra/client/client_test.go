package client_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/client"
)

func TestTheClientIsThatOfTheContract(t *testing.T) {
	made := filepath.Join(t.TempDir(), "client.gen.go")
	run := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../tools/go.mod", "oapi-codegen", "-config", "oapi-codegen.yaml", "-o", made, "../../shared/api/openapi.yaml")
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%s", output)
	want, err := os.ReadFile(made)
	require.NoError(t, err)
	got, err := os.ReadFile("client.gen.go")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "client.gen.go is not what openapi.yaml says: go generate ./shared/api")
}

func TestTheClientImportsTheStandardLibraryAlone(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	assert.Equal(t, []string{"makegood/infra/client"}, strings.Fields(string(output)))
}

// answering returns a client of a server that gives these statuses, one after the other, and what
// it was asked under which keys.
func answering(t *testing.T, statuses ...int) (*client.Client, func() []string) {
	t.Helper()
	var mu sync.Mutex
	var keys []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		status := statuses[min(len(keys), len(statuses))-1]
		if status == 0 {
			panic(http.ErrAbortHandler) // no answer
		}
		w.WriteHeader(status)
		if status == http.StatusConflict {
			_, _ = w.Write([]byte(`{"code":"already_reported","case":"cas_1","status":409}`))
			return
		}
		_, _ = w.Write([]byte(`{"case":"cas_1","state":"received","message":"Service Unavailable"}`))
	}))
	t.Cleanup(server.Close)
	return client.New(server.URL, "key"), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(keys)
	}
}

func TestWhatPassesIsSentAgainUnderItsKey(t *testing.T) {
	api, keys := answering(t, http.StatusServiceUnavailable, 0, http.StatusAccepted)
	opened, err := api.ReportBadResult(t.Context(), client.ReportBadResultParams{IdempotencyKey: "k"}, client.ReportBadResult{Generation: "gen_1", Description: "six fingers"})
	require.NoError(t, err)
	assert.Equal(t, "cas_1", opened.Case)
	assert.Equal(t, []string{"k", "k", "k"}, keys())
}

func TestWhatDoesNotPassIsSentOnceAndSaysItsCode(t *testing.T) {
	api, keys := answering(t, http.StatusConflict)
	_, err := api.ReportBadResult(t.Context(), client.ReportBadResultParams{IdempotencyKey: "k"}, client.ReportBadResult{})
	var failure *client.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, client.ProblemCodeAlreadyReported, failure.Code)
	assert.Equal(t, "cas_1", *failure.Case)
	assert.Len(t, keys(), 1)
}

func TestACommandWithoutAKeyThatGotNoAnswerIsNotSentAgain(t *testing.T) {
	api, keys := answering(t, 0, http.StatusCreated)
	_, err := api.OpenSession(t.Context(), client.OpenSession{Customer: "alice"})
	require.Error(t, err)
	assert.Len(t, keys(), 1)
}
