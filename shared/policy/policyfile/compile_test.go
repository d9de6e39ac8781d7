package policyfile_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/simulation"
)

func TestTheCompiledPoliciesAreThoseOfTheFiles(t *testing.T) {
	code, err := policyfile.Compile(os.DirFS(".."))
	require.NoError(t, err)
	committed, err := os.ReadFile("../published.gen.go")
	require.NoError(t, err)
	assert.Equal(t, string(code), string(committed), "a published file has changed: run make generate")
}

func TestAnOpenedPolicyIsWhatItsFilesSay(t *testing.T) {
	files, err := filepath.Glob("../published/*/*.yaml")
	require.NoError(t, err)
	opened := 0
	for _, name := range policy.Names() {
		p, err := policy.Open(name)
		require.NoError(t, err)
		opened += len(p.Revisions())
	}
	assert.Len(t, files, opened, "every file is a revision of some policy, and every revision has its file")
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, err := policyfile.Parse(file, source)
		require.NoError(t, err)
		revision, ok := policy.Published(parsed.Ref())
		require.True(t, ok, "%s: run make generate", file)
		assert.Equal(t, parsed, revision, file)
	}
}

func TestALaterRevisionStandsBesideTheReceiptOfItsSimulation(t *testing.T) {
	for _, name := range policy.Names() {
		p, err := policy.Open(name)
		require.NoError(t, err)
		for _, rev := range p.Revisions()[1:] {
			file := filepath.Join("..", "published", name, rev.Revision+".receipt.json")
			text, err := os.ReadFile(file)
			require.NoError(t, err, "makegood policy simulate --receipt, then makegood policy publish: infra/decisions/0064")
			receipt, err := simulation.ParseReceipt(text)
			require.NoError(t, err, file)
			require.NoError(t, receipt.Covers(rev), file)
		}
	}
}

// tree returns a folder of published files, each a source by its path below published.
func tree(files map[string]string) fs.FS {
	dir := fstest.MapFS{}
	for name, source := range files {
		dir[path.Join("published", name)] = &fstest.MapFile{Data: []byte(source)}
	}
	return dir
}

func TestWhatCannotBeInForceIsNotCompiled(t *testing.T) {
	source, err := os.ReadFile("../testdata/working_minimal.yaml")
	require.NoError(t, err)
	minimal := string(source)
	for want, files := range map[string]map[string]string{
		`published/minimal/2026-03-02.yaml holds revision 2026-03-01 of "minimal"`: {"minimal/2026-03-02.yaml": minimal},
		`published/least/2026-03-01.yaml holds revision 2026-03-01 of "minimal"`:   {"least/2026-03-01.yaml": minimal},
		"published/minimal/2026-03-01.yaml:1:":                                     {"minimal/2026-03-01.yaml": "name: [\n"},
		"a policy has at least one revision":                                       {"minimal/cases.jsonl": ""},
		"no policy is published":                                                   {"README.md": ""},
	} {
		code, err := policyfile.Compile(tree(files))
		require.ErrorContains(t, err, want)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), want)
		assert.Empty(t, code)
	}
	_, err = policyfile.Compile(fstest.MapFS{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
