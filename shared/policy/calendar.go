package policy

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/us"
)

// The calendars without holidays, in UTC.
const (
	CalendarWeekdays = "weekdays" // Monday to Friday
	CalendarEveryday = "everyday" // all seven days
)

// calendars are those a file may name: without holidays, or with the public holidays of a country
// (ecb: the days on which euro payments rest). Each is made at its first use, since most processes
// need one.
var calendars = map[string]func() *cal.BusinessCalendar{
	CalendarWeekdays: calendarOf(),
	CalendarEveryday: sync.OnceValue(everyday),
	"ca":             calendarOf(ca.Holidays...),
	"de":             calendarOf(de.Holidays...),
	"ecb":            calendarOf(ecb.Holidays...),
	"fr":             calendarOf(fr.Holidays...),
	"gb":             calendarOf(gb.Holidays...),
	"us":             calendarOf(us.Holidays...),
}

func calendarOf(holidays ...*cal.Holiday) func() *cal.BusinessCalendar {
	return sync.OnceValue(func() *cal.BusinessCalendar {
		calendar := cal.NewBusinessCalendar()
		calendar.AddHoliday(holidays...)
		return calendar
	})
}

// everyday returns the calendar in which Saturday and Sunday count as the others do.
func everyday() *cal.BusinessCalendar {
	calendar := cal.NewBusinessCalendar()
	calendar.SetWorkday(time.Saturday, true)
	calendar.SetWorkday(time.Sunday, true)
	return calendar
}
