package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/text"
)

func TestWhatNobodySeesIsBlank(t *testing.T) {
	for _, blank := range []string{
		"", " ", "\t\n\r", "\u00a0", "\u2003", "\u3000", "\u200b", "\ufeff", "\u3164", "\uffa0", "\u115f\u1160", "\u2800", "\u00ad", "\u200d\u200c",
		"\u2060", "\u180e", "\u034f", "\ufe0f", "\U000e0041", "\x00\x1b", " \u200b\u2800\n",
	} {
		assert.True(t, text.Blank(blank), "%+q", blank)
	}
	for _, seen := range []string{"x", " \u200bx", "指", ".", "\u0600", "👍\ufe0f", "\u00e9", "\xff"} {
		assert.False(t, text.Blank(seen), "%+q", seen)
	}
}

func TestALengthIsCountedInCharacters(t *testing.T) {
	assert.Equal(t, 3, text.Length("指が六"))
	assert.Equal(t, 1, text.Length("👍"))
	assert.Zero(t, text.Length(""))
}

func TestACutKeepsWholeCharactersAndNeverPassesItsLength(t *testing.T) {
	assert.Equal(t, "指が六", text.Cut("指が六", 3))
	assert.Equal(t, "指…", text.Cut("指が六", 2))
	assert.Equal(t, "…", text.Cut("指が六", 1))
	assert.Equal(t, 500, text.Length(text.Cut(strings.Repeat("指", 501), 500)))
	assert.Equal(t, strings.Repeat("指", 500), text.Cut(strings.Repeat("指", 500), 500))
}
