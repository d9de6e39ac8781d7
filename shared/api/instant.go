package api

import (
	"time"

	"makegood/shared/text"
)

// Instant returns t in UTC and whole milliseconds.
func Instant(t time.Time) time.Time { return text.Millisecond(t) }

// Optional returns t as Instant does, nil for the zero instant.
func Optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	instant := Instant(t)
	return &instant
}

// Moment is an instant of our own: when something was recorded. It is written with three fraction
// digits, so that moments sort as text as they do in time. What a caller gave (finished_at, an
// outage's times) and days that a policy computes (respond_by) are written as they came.
type Moment struct{ time.Time }

// MomentOf returns t as a moment.
func MomentOf(t time.Time) Moment { return Moment{Instant(t)} }

// OptionalMoment returns t as a moment, nil for the zero instant.
func OptionalMoment(t time.Time) *Moment {
	if t.IsZero() {
		return nil
	}
	instant := MomentOf(t)
	return &instant
}

// MarshalJSON implements json.Marshaler.
func (m Moment) MarshalJSON() ([]byte, error) { return []byte(`"` + m.String() + `"`), nil }

// String returns the moment as it is written.
func (m Moment) String() string { return text.Moment(m.Time) }
