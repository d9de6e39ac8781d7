package api

import "time"

// Instant returns t as answers show it: UTC, whole milliseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Optional returns t as answers show it, nil for the zero instant.
func Optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	shown := Instant(t)
	return &shown
}
