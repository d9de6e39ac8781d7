package decisions_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	header  = regexp.MustCompile(`^# (\d{4}) (.+)\n\n(\d{4}-\d{2}-\d{2}) · (accepted|superseded by \d{4})\n\n`)
	mention = regexp.MustCompile(`decisions/(\d{4})`)
)

// decisions returns the file of each, by its number.
func decisions(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("[0-9]*.md")
	require.NoError(t, err)
	require.Greater(t, len(names), 30)
	all := map[string]string{}
	for _, name := range names {
		all[name[:4]] = name
	}
	require.Len(t, all, len(names), "two decisions have one number")
	return all
}

func TestEveryDecisionHasItsHeaderAndItsRowInTheList(t *testing.T) {
	index, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for number, name := range decisions(t) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		match := header.FindStringSubmatch(string(text))
		if assert.NotNil(t, match, "%s: the header is # NNNN Title, then the date and the status", name) {
			assert.Equal(t, number, match[1], name)
			row := fmt.Sprintf("| [%s](%s) | %s | %s | %s |", number, name, match[2], match[3], match[4])
			assert.Contains(t, string(index), row)
		}
	}
}

func TestEveryDecisionIsNamedWhereItExplainsAndEveryNameIsOne(t *testing.T) {
	all, named := decisions(t), map[string]bool{}
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (strings.HasPrefix(name, ".") && path != root || path == filepath.Join(root, "infra", "decisions")) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" && filepath.Ext(name) != ".md" && filepath.Ext(name) != ".yaml" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range mention.FindAllStringSubmatch(string(text), -1) {
			assert.Contains(t, all, match[1], "%s names a decision that is none", path)
			named[match[1]] = true
		}
		return nil
	}))
	for number, file := range all {
		assert.True(t, named[number], "%s: name it (infra/decisions/%s) in the code, the template or the README that it explains", file, number)
	}
}
