package policy

import (
	"sync"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/us"
)

// CalendarNone is Monday to Friday in UTC, no holidays.
const CalendarNone = "none"

// calendars are those a file may name: none, or the public holidays of a country (ecb: the days on which euro payments rest).
// Each is made when it is first asked for.
var calendars = map[string]func() *cal.BusinessCalendar{
	CalendarNone: calendarOf(),
	"ca":         calendarOf(ca.Holidays...),
	"de":         calendarOf(de.Holidays...),
	"ecb":        calendarOf(ecb.Holidays...),
	"fr":         calendarOf(fr.Holidays...),
	"gb":         calendarOf(gb.Holidays...),
	"us":         calendarOf(us.Holidays...),
}

func calendarOf(holidays ...*cal.Holiday) func() *cal.BusinessCalendar {
	return sync.OnceValue(func() *cal.BusinessCalendar {
		calendar := cal.NewBusinessCalendar()
		calendar.AddHoliday(holidays...)
		return calendar
	})
}
