package text

import (
	"strings"
	"time"

	"makegood/shared/fault"
)

// The places of an instant as RFC 3339 has it: 2006-01-02T15:04:05, a fraction, then Z or a numeric
// offset.
const (
	secondsLength = len("2006-01-02T15:04:05")
	offsetLength  = len("+07:00")
	lastHour      = 23
	lastMinute    = 59
)

// ParseInstant reads an instant by RFC 3339, whose T and Z may be in lower case. time.Parse is
// laxer: it takes a comma before the fraction, an hour of one digit and an offset of 24 hours.
// KindInvalid naming field for anything else, and for the zero instant, which Go could not tell
// from an absent one.
func ParseInstant(field, s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, NormalInstant(s))
	if err != nil || !strict(s) {
		return time.Time{}, fault.Invalid(field, "must be an instant by RFC 3339, as in 2026-03-01T12:00:00Z")
	}
	if at.IsZero() {
		return time.Time{}, fault.Invalid(field, "must not be the zero instant")
	}
	return at, nil
}

// NormalInstant returns the instant with T and Z in upper case, as Go reads them. What is no
// instant does not become one.
func NormalInstant(s string) string { return strings.ToUpper(s) }

// strict reports whether an instant that time.Parse took keeps to the parts of RFC 3339 that it
// does not check.
func strict(s string) bool {
	// An hour of one digit moves the colon.
	if len(s) < secondsLength+1 || s[len("2006-01-02T15")] != ':' {
		return false
	}
	rest := s[secondsLength:]
	if rest[0] == ',' {
		return false
	}
	if strings.ContainsAny(rest, "Zz") {
		return true
	}
	// Without a Z the text ends in an offset, of which Go takes any two digits.
	offset := rest[len(rest)-offsetLength:]
	return twoDigits(offset[1:]) <= lastHour && twoDigits(offset[4:]) <= lastMinute
}

func twoDigits(s string) int { return 10*int(s[0]-'0') + int(s[1]-'0') }

// ParseDayOrInstant reads a day (2026-03-01) as the instant at which it begins by UTC, and true; or
// an instant as ParseInstant does, and false.
func ParseDayOrInstant(field, s string) (at time.Time, day bool, err error) {
	if at, err = time.Parse(time.DateOnly, s); err == nil && !at.IsZero() {
		return at, true, nil
	}
	if at, err = ParseInstant(field, s); err != nil {
		return time.Time{}, false, fault.Invalid(field, "must be a day, as in 2026-03-01, or an instant by RFC 3339, as in 2026-03-01T12:00:00Z")
	}
	return at, false, nil
}

// momentLayout is RFC 3339 in UTC with exactly three fraction digits.
const momentLayout = "2006-01-02T15:04:05.000Z"

// Millisecond returns the instant in UTC, cut to whole milliseconds: what a row, a message or an
// answer holds of it, so that one that was read equals the one that was written.
func Millisecond(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }

// Moment returns an instant of our own as it is written everywhere: moments sort as text as they do
// in time.
func Moment(at time.Time) string { return at.UTC().Format(momentLayout) }
