// Package fault owns the kinds of error that cross a room: what went wrong, for whom, and whether
// trying again can help.
//
// It refuses to know how an error is shown: HTTP statuses and queue answers are mapped at the
// edges, in one table each.
//
// Invariants: an error that is not a *fault.Error reads as KindInternal, and its text never leaves
// the process. Detail is written for the caller and holds nothing internal.
//
// Words: kind (what class of answer it gets), code (the stable wire word), field (the input at
// fault).
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of an error. The zero value is KindInternal, so that what nobody classified
// stays hidden.
type Kind int

// The kinds, each with what a caller may do about it.
const (
	KindInternal        Kind = iota // a bug or a broken part: nothing the caller can do
	KindInvalid                     // the input is wrong: mend it
	KindUnauthenticated             // no credential, or one we do not know
	KindInsufficient                // not enough credits
	KindForbidden                   // known caller, not allowed
	KindNotFound                    // not there, or not the caller's
	KindConflict                    // contradicts what is recorded
	KindTooLarge                    // the input is over its limit
	KindThrottled                   // too many requests: later
	KindBusy                        // a passing fault: the same call may succeed
	KindStale                       // what was read has changed since: read again, then try again
)

// The wire codes, as the HTTP contract lists them.
const (
	CodeInternal             = "internal"
	CodeInvalidRequest       = "invalid_request"
	CodeUnknownFeature       = "unknown_feature"
	CodeMissingFields        = "missing_fields"
	CodeUnauthenticated      = "unauthenticated"
	CodeInsufficientCredits  = "insufficient_credits"
	CodeForbidden            = "forbidden"
	CodeAccessRestricted     = "access_restricted"
	CodeNotFound             = "not_found"
	CodeIdempotencyKeyReused = "idempotency_key_reused"
	CodeAlreadyReported      = "already_reported"
	CodeAlreadyDecided       = "already_decided"
	CodeNotPossible          = "not_possible"
	CodeTooLarge             = "too_large"
	CodeThrottled            = "throttled"
	CodeBusy                 = "busy"
	CodeStale                = "stale" // never on the wire: an edge shows it as busy
)

// Error is a classified error.
type Error struct {
	// Kind is the class of answer that it gets.
	Kind Kind
	// Code is the wire word, one of the Code constants or a room's own.
	Code string
	// Detail is for the caller, and holds nothing internal.
	Detail string
	// Field is the input at fault, as the caller wrote it; "" where there is none.
	Field string
	// Fields holds every input at fault, where there are several.
	Fields []string
	// Case is the id of the case that stands in the way, "" where none does.
	Case string
	// Waits is the reason why a payment waits for staff, "" where none waits.
	Waits string
	// RetryAfter is when the same call may be answered otherwise, as a span from now; zero where
	// nobody can tell.
	RetryAfter time.Duration
	cause      error
}

// Error returns the code and the detail, and the cause for our own logs: never send it to a caller.
func (e *Error) Error() string {
	// The cause comes last: it is for our logs, where the line is read from the left.
	s := e.Code + ": " + e.Detail
	if e.Field != "" {
		s = e.Code + " (" + e.Field + "): " + e.Detail
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Errorf returns an error of the kind and code; the text is for the caller.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Invalid returns a KindInvalid error that names the field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Code: CodeInvalidRequest, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// Missing returns a KindInvalid error that names every missing field.
func Missing(fields ...string) *Error {
	e := &Error{Kind: KindInvalid, Code: CodeMissingFields, Fields: fields, Detail: "required fields are missing"}
	if len(fields) > 0 {
		e.Field = fields[0]
	}
	return e
}

// NotFound returns a KindNotFound error; the same for what does not exist and for what is not the
// caller's.
func NotFound(what string) *Error {
	return &Error{Kind: KindNotFound, Code: CodeNotFound, Detail: "no such " + what}
}

// TooMany returns the KindThrottled error of a bound that ends with the day. RetryAfter is what is
// left of the day, by UTC.
func TooMany(what string, now time.Time) *Error {
	day := 24 * time.Hour
	return &Error{
		Kind: KindThrottled, Code: CodeThrottled, Detail: fmt.Sprintf("too many %s in one day: try again tomorrow", what),
		RetryAfter: now.UTC().Truncate(day).Add(day).Sub(now),
	}
}

// Stale returns a KindStale error: the commit changed nothing, since something it read has changed.
func Stale(cause error) *Error {
	return &Error{Kind: KindStale, Code: CodeStale, Detail: "what was read has changed", cause: cause}
}

// Busy returns a KindBusy error: a passing fault of a part that we lean on.
func Busy(cause error) *Error {
	return &Error{Kind: KindBusy, Code: CodeBusy, Detail: "try again shortly", cause: cause}
}

// KindOf returns the kind of err, KindInternal when nobody classified it. err must not be nil.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

// CodeOf returns the wire code of err, CodeInternal when nobody classified it.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
