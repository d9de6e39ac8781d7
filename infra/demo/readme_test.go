package demo

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// longestReadme is how long README.md may get, in bytes: what a reader takes in before deciding.
// More belongs into a room's own README.
const longestReadme = 9216

const root = "../.."

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(text)
}

// storyOf returns the first block of plain output below the heading.
func storyOf(t *testing.T, name, heading string) []string {
	t.Helper()
	_, section, ok := strings.Cut(page(t, name), heading)
	require.True(t, ok, "%s has no %q", name, heading)
	_, block, ok := strings.Cut(section, "\n```\n")
	require.True(t, ok)
	block, _, _ = strings.Cut(block, "\n```")
	return strings.Split(block, "\n")
}

func TestTheReadmeIsShortAndItsStoryIsPartOfTheWholeOne(t *testing.T) {
	assert.LessOrEqual(t, len(page(t, "README.md")), longestReadme)
	whole := strings.Join(storyOf(t, "infra/demo/README.md", "# The story\n"), "\n")
	lines := storyOf(t, "README.md", "\n## The story\n")
	assert.LessOrEqual(t, len(lines), 10)
	for _, line := range lines {
		assert.Contains(t, whole, line)
	}
}

func TestNoLinkOfAnyPageLeadsNowhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if hidden := strings.HasPrefix(entry.Name(), ".") && path != root; entry.IsDir() && (hidden || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(path), match[1]))
			assert.NoError(t, err, "%s links to %s", path, match[1])
		}
		return nil
	}))
}
