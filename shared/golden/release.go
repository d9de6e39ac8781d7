package golden

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Releases returns the folders of testdata/releases, by the name of the release whose code wrote
// what lies there. None is an error: the code of the release before reads what this one writes.
func Releases(t testing.TB) map[string]string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join("testdata", "releases", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, folders, "no release is frozen: make freeze RELEASE=…")
	all := map[string]string{}
	for _, folder := range folders {
		all[filepath.Base(folder)] = folder
	}
	return all
}

// Holds asserts that now says all that former said, as it said it: each member of a mapping is
// there with the same value, and a list has the same items. Members may be more, for the former
// release passes over what it does not know. JSON in a text is compared as what it says.
func Holds(t testing.TB, where string, former, now any) {
	t.Helper()
	switch f := opened(former).(type) {
	case map[string]any:
		n, is := opened(now).(map[string]any)
		if !assert.True(t, is, "%s is no mapping any more", where) {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(f)) {
			if _, has := n[name]; assert.True(t, has, "%s.%s is not written any more", where, name) {
				Holds(t, where+"."+name, f[name], n[name])
			}
		}
	case []any:
		n, is := opened(now).([]any)
		if !assert.True(t, is && len(n) == len(f), "%s is no list of as many any more", where) {
			return
		}
		for i := range f {
			Holds(t, fmt.Sprintf("%s.%d", where, i), f[i], n[i])
		}
	default:
		assert.Equal(t, f, opened(now), "%s is written otherwise", where)
	}
}

// Later returns a mapping as a later release may write it: with a member more, and the mappings in
// it as they are, for the names in some are data. A text that is JSON of a mapping stays a text.
func Later(value any) any {
	switch v := opened(value).(type) {
	case map[string]any:
		later := map[string]any{"later": "of a release to come"}
		maps.Copy(later, v)
		if _, inText := value.(string); inText {
			text, err := json.Marshal(later)
			if err != nil {
				return value
			}
			return string(text)
		}
		return later
	default:
		return value
	}
}

// opened returns what a text that is JSON of a mapping or list says; any other value as it is.
func opened(value any) any {
	text, is := value.(string)
	if !is || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return value
	}
	var inner any
	if json.Unmarshal([]byte(text), &inner) != nil {
		return value
	}
	return inner
}
