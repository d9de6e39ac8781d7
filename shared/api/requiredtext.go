package api

// RequiredText is a text in which the caller must say something. It is required, and missing where
// it is blank (text.Blank). Its schema bounds its length.
type RequiredText string

// DayOrInstant is a day (2026-11-03, by UTC) or an instant (RFC 3339), as the caller wrote it. It
// is required, and missing where it is blank. Decode takes nothing else; text.ParseDayOrInstant
// reads it.
type DayOrInstant string
