package planting_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/planting"
	"makegood/shared/policy/policyfile"
	"makegood/shared/simulation"
)

// policies is the folder of policies.
const policies = "../../shared/policy"

// publish puts a policy's file, and its cases, where published ones stand.
func publish(t *testing.T, folder, source, cases string) {
	t.Helper()
	head := regexp.MustCompile(`(?m)^name: (\S+)\nrevision: (\S+)`).FindStringSubmatch(source)
	require.NotNil(t, head)
	folder = filepath.Join(folder, "shared/policy/published", head[1])
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, head[2]+".yaml"), []byte(source), 0o600))
	if cases != "" {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "cases.jsonl"), []byte(cases), 0o600))
	}
}

// simulate puts the receipt of a simulation beside the file of a later revision.
func simulate(t *testing.T, folder, source string) {
	t.Helper()
	rev, err := policyfile.Parse("a later revision", []byte(source))
	require.NoError(t, err)
	receipt, err := json.Marshal(simulation.Receipt{Draft: rev.Ref()})
	require.NoError(t, err)
	file := filepath.Join(folder, "shared/policy/published", rev.Name, rev.Revision+".receipt.json")
	require.NoError(t, os.WriteFile(file, receipt, 0o600))
}

func text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(data)
}

// TestAPolicyIsPlantedByItsRecipe follows "Write a policy of your own" of infra/makegood's README.
func TestAPolicyIsPlantedByItsRecipe(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	_, block, found := strings.Cut(text(t, "../makegood/README.md"), "```yaml\n")
	require.True(t, found)
	source, _, _ := strings.Cut(block, "```")
	folder := t.TempDir()
	publish(t, folder, source, text(t, policies+"/testdata/sketchbook.jsonl"))
	c := planting.New(t)
	c.Add(folder)
	assert.Len(t, c.Touched(), 2)

	output, err := c.Try("go", "test", "./shared/policy/policyfile")
	require.Error(t, err)
	assert.Contains(t, output, "run make generate")
	c.Run("go", "generate", "./shared/policy")
	c.Run("go", "test", "./shared/policy/...", "./shared/notice", "./infra/makegood/...")
	c.Run("go", "run", "./infra/makegood", "policy", "explain", "sketchbook")
}

// TestWhateverAPolicyMaySayIsCompiledAsItIs plants files that say everything.
func TestWhateverAPolicyMaySayIsCompiledAsItIs(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	folder := t.TempDir()
	files, err := filepath.Glob(policies + "/testdata/working_*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		source := text(t, file)
		publish(t, folder, source, "")
		later := strings.Replace(source, "revision: 2026-03-01", "revision: 2027-04-02", 1)
		publish(t, folder, later, "")
		simulate(t, folder, later)
	}
	c := planting.New(t)
	c.Add(folder)
	c.Run("go", "generate", "./shared/policy")
	c.Run("go", "vet", "./shared/policy")
	c.Run("go", "test", "./shared/policy/policyfile")
}
