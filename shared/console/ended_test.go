package console_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
)

var formRoute = regexp.MustCompile(`\bpost\("POST (/console[^"]*)"`)

// forms returns the paths of all forms of the console, of whatever they are about.
func forms(t *testing.T) (paths []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, route := range formRoute.FindAllStringSubmatch(string(text), -1) {
			paths = append(paths, strings.ReplaceAll(route[1], "{id}", "any"))
		}
	}
	require.Greater(t, len(paths), 10)
	return paths
}

func TestASessionThatEndsLosesNoWordOfAnyForm(t *testing.T) {
	o := opens(t, access.StaffRoleAdmin)
	id := o.reports("six fingers")
	o.Pass(access.StaffSessionLife)
	typed := url.Values{"key": {"k1"}, "outcome": {"declined"}, "note": {"a long " + hostile}, "reason": {"is a thumb a finger?"}, "features": {"logo, text"}}
	for _, path := range append(forms(t), "/console/cases/"+string(id)+"/rule") {
		answer := o.posts(path+"?kind=bad_result", typed)
		assert.Equal(t, http.StatusUnauthorized, answer.Code, path)
		text := answer.Body.String()
		assert.Contains(t, text, `action="`+path+`?kind=bad_result"`)
		for field, words := range typed {
			said := html.EscapeString(words[0])
			hidden, shown := `name="`+field+`" value="`+said+`"`, `name="`+field+`" rows="6">`+said+`</textarea>`
			assert.True(t, strings.Contains(text, hidden) || strings.Contains(text, shown), "%s of %s", field, path)
		}
	}
	assert.Nil(t, o.CaseOf(id).Ruling)
}
