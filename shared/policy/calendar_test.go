package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestBusinessDaysLeaveOutTheHolidaysOfTheCalendar(t *testing.T) {
	tests := []struct {
		calendar string
		asked    string
		by       string // three business days later
	}{
		{"weekdays", "2026-12-23T10:00:00Z", "2026-12-28T10:00:00Z"},
		{"us", "2026-12-23T10:00:00Z", "2026-12-29T10:00:00Z"},  // Christmas
		{"us", "2026-11-25T10:00:00Z", "2026-12-01T10:00:00Z"},  // Thanksgiving
		{"us", "2027-12-30T10:00:00Z", "2028-01-05T10:00:00Z"},  // New Year's Day, a Saturday, is kept on Friday
		{"ca", "2026-06-30T10:00:00Z", "2026-07-06T10:00:00Z"},  // Canada Day
		{"gb", "2026-12-23T10:00:00Z", "2026-12-30T10:00:00Z"},  // Christmas; Boxing Day, a Saturday, is kept on Monday
		{"de", "2026-04-30T10:00:00Z", "2026-05-06T10:00:00Z"},  // Labour Day
		{"fr", "2026-07-13T10:00:00Z", "2026-07-17T10:00:00Z"},  // Bastille Day
		{"ecb", "2026-04-02T10:00:00Z", "2026-04-09T10:00:00Z"}, // Good Friday and Easter Monday
		{"weekdays", "2026-04-02T10:00:00Z", "2026-04-07T10:00:00Z"},
		{"everyday", "2026-12-24T10:00:00Z", "2026-12-27T10:00:00Z"}, // Friday, Saturday, Sunday, Christmas among them
	}
	source := read(t, "testdata/working_minimal.yaml")
	for _, test := range tests {
		source := strings.Replace(source, "{calendar: weekdays}", "{calendar: "+test.calendar+", respond_days: 3}", 1)
		rev, err := policyfile.Parse("calendar.yaml", []byte(source))
		require.NoError(t, err)
		asked, err := time.Parse(time.RFC3339, test.asked)
		require.NoError(t, err)
		by := policy.Undecided(rev, policy.KindOutage, asked).RespondBy
		assert.Equal(t, test.by, by.Format(time.RFC3339), "%s %s", test.calendar, test.asked)
	}
}

func TestCalendarsAreThoseOfTheSchema(t *testing.T) {
	response := parsed(t)["properties"].(map[string]any)["response"].(map[string]any)["properties"].(map[string]any)
	var offered []string
	for _, name := range response["calendar"].(map[string]any)["enum"].([]any) {
		offered = append(offered, name.(string))
	}
	assert.Equal(t, policy.Calendars(), offered)
}
