package locale_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/locale"
)

func TestALocaleIsKeptInItsCanonicalForm(t *testing.T) {
	for s, want := range map[string]string{"": "", "de": "de", "DE-at": "de-AT", "pt_BR": "pt-BR", "zh-hant-tw": "zh-Hant-TW", "iw": "he"} {
		got, err := locale.Parse("locale", s)
		require.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
	for _, s := range []string{"german", "auto", "de-", "-", " de", "d", "und", "de;q=1", "de-x-" + strings.Repeat("abcdefg-", 5) + "a", "\x00"} {
		_, err := locale.Parse("locale", s)
		require.Error(t, err, s)
		var refused *fault.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, []any{fault.KindInvalid, "locale"}, []any{refused.Kind, refused.Field}, s)
		assert.Empty(t, locale.Known(s), s)
	}
}

func TestAHeaderWantsItsLanguagesByWeight(t *testing.T) {
	for header, want := range map[string][]string{
		"":                               {},
		"de":                             {"de"},
		"fr;q=0.5, de-AT, en;q=0.8":      {"de-AT", "en", "fr"},
		"de;q=0, en":                     {"en"},
		"*":                              {},
		"*;q=0.5, de;q=0.2":              {"de"},
		"de;q=often":                     nil,
		strings.Repeat("de, ", 300) + "": nil,
	} {
		assert.Equal(t, want, locale.Accepted(header), header)
	}
}

func TestWhoWantsNoneOfferedGetsTheFirst(t *testing.T) {
	offered := []string{"en", "de", "pt-BR"}
	for _, test := range []struct {
		want   string
		wanted []string
	}{
		{"en", nil},
		{"en", []string{"ja"}},
		{"de", []string{"ja", "de"}},
		{"de", []string{"de-AT", "en"}},
		{"en", []string{"en-GB", "de"}},
		{"pt-BR", []string{"pt"}},
		{"pt-BR", []string{"pt-PT"}},
		{"en", []string{"", "-"}},
		{"pt-BR", []string{"pt-BR", "de"}},
	} {
		assert.Equal(t, test.want, locale.Choose(test.wanted, offered), test.wanted)
	}
	assert.Equal(t, "en", locale.Choose([]string{"de"}, []string{"en"}))
}
