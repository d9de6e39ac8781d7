package planting_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/planting"
)

const address = "git.example.org/shop/makegood-2"

func TestTheModuleMovesToTheAddressThatItsOwnerGives(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	c := planting.New(t)
	output, err := c.Try("bash", "infra/tools/rename.sh", "no address")
	require.Error(t, err)
	assert.Contains(t, output, "is no module path")

	c.Run("bash", "infra/tools/rename.sh", address)
	for file, line := range map[string]string{
		"go.mod":                     "module " + address + "\n",
		"infra/tools/go.mod":         "module " + address + "/infra/tools\n",
		".golangci.yml":              "module-path: " + address + "}",
		"shared/api/openapi.go.yaml": "path: " + address + "/shared/money}",
		"shared/policy/policy.go":    `"` + address + `/shared/`,
	} {
		text, err := os.ReadFile(filepath.Join(c.Dir, file))
		require.NoError(t, err)
		assert.Contains(t, string(text), line, file)
	}
	// Every import resolves, in code and tests, what is generated compiles, and the rooms know each
	// other by the new path.
	c.Run("go", "list", "-test", "-deps", "./...")
	c.Run("go", "vet", "./shared/api", "./infra/makegood")
	c.Run("go", "test", "./shared", "./infra/decisions")
	c.Run("bash", "infra/tools/rename.sh", address) // again: nothing to do
}
