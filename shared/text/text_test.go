package text_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"makegood/shared/fault"
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

func TestWordsThatSayNothingOrTooMuchAreRefusedByTheirField(t *testing.T) {
	assert.NoError(t, text.Check("note", strings.Repeat("指", 500), 500))
	assert.Equal(t, fault.Missing("note"), text.Check("note", " \u3164", 500))
	assert.Equal(t, fault.Invalid("note", "must have at most 500 characters"), text.Check("note", strings.Repeat("x", 501), 500))
	assert.NoError(t, text.CheckLength("note", "", 500))
}

func TestAnInstantIsOneByRFC3339(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, s := range []string{
		"2026-03-01T12:00:00Z", "2026-03-01t12:00:00z", "2026-03-01T12:00:00.000Z", "2026-03-01T13:00:00+01:00", "2026-03-02T11:59:00+23:59",
		"2026-03-01T12:00:00-00:00", "2026-03-01T12:00:00+00:00",
	} {
		at, err := text.ParseInstant("at", s)
		assert.NoError(t, err, s)
		assert.True(t, noon.Equal(at), s)
	}
	for _, s := range []string{
		"", "noon", "2026-03-01", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-03-01T1:00:00Z", "2026-03-01T1:00:00.5Z", "2026-03-01T12:00:00,5Z",
		"2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+01:60", "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00+01", "2026-03-01T24:00:00Z",
		"2026-02-30T12:00:00Z", "26-03-01T12:00:00Z", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00ZZ", " 2026-03-01T12:00:00Z", "+02026-03-01T12:00:00Z",
		"2026-03-01T12:00:00Z ", "2026-03-01T12:00:00\u0130",
		"0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00",
	} {
		_, err := text.ParseInstant("at", s)
		assert.Equal(t, fault.KindInvalid, kindOf(err), s)
	}
}

func kindOf(err error) fault.Kind {
	if err == nil {
		return fault.KindInternal
	}
	return fault.KindOf(err)
}

func TestADayBeginsByUTCAndAnythingElseIsAnInstant(t *testing.T) {
	at, day, err := text.ParseDayOrInstant("at", "2026-11-03")
	assert.NoError(t, err)
	assert.True(t, day)
	assert.Equal(t, time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), at)
	at, day, err = text.ParseDayOrInstant("at", "2026-11-03T01:00:00+02:00")
	assert.NoError(t, err)
	assert.False(t, day)
	assert.Equal(t, time.Date(2026, 11, 2, 23, 0, 0, 0, time.UTC), at.UTC())
	for _, wrong := range []string{"", "2026-11", "2026-13-01", "2026-02-30", "yesterday", "0001-01-01", "2026-11-03T", "2026-11-03 10:00"} {
		_, _, err := text.ParseDayOrInstant("at", wrong)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), wrong)
	}
}

func TestACellIsNoFormula(t *testing.T) {
	for cell, want := range map[string]string{"": "", "a=b": "a=b", "12": "12", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx"} {
		assert.Equal(t, want, text.Cell(cell))
	}
}
