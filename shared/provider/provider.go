// Package provider owns what a payment provider is to us, and what the providers' rooms share: the
// window of a signature, the answer for events that are not ours, and the bounds of a call of ours.
// README.md tells how to add a provider.
//
// It refuses to know any provider's words (stripe and standard do) and what a payment does with the
// facts.
//
// Invariants: a signature counts only within Tolerance of our clock, before and after; without a
// secret nothing is accepted; a call ends within Patience, follows no redirect and leaves for no
// address but the one configured.
//
// Words: provider (who took the money), secret (the shared key of a webhook; several live ones
// while it is rolled), irrelevant (an event that is genuine and changes nothing), gateway (the
// calls that we make to a provider; by its webhook it calls us).
package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/text"
)

// Provider is one payment provider, whole. By whatever way a fact comes (Verify, Look, Refund or
// List), it says the same.
type Provider interface {
	Webhook
	payment.Gateway
}

// Webhook verifies the events that a provider posts.
type Webhook interface {
	// Verify returns what a webhook's raw bytes say about a payment. It returns ErrIrrelevant for a
	// genuine event that changes nothing, KindInvalid for a bad signature, timestamp (± Tolerance
	// of now) or body, and KindBusy when no secret can be had.
	Verify(ctx context.Context, raw []byte, header http.Header, now time.Time) (payment.Facts, error)
}

// Tolerance is how far a signed timestamp may be from our clock, both ways: both providers'
// documents say 300 s.
const Tolerance = 300 * time.Second

// ErrIrrelevant marks a genuine event that changes nothing: acknowledge it, so that it is not sent
// again. See Irrelevant.
var ErrIrrelevant = errors.New("irrelevant event")

// Secrets returns the live secrets of a webhook, several while one is rolled. An error or an empty
// list must refuse for now, never accept.
type Secrets func(ctx context.Context) ([]string, error)

// Irrelevant returns an error that is ErrIrrelevant and says why, for our logs.
func Irrelevant(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrIrrelevant, fmt.Sprintf(format, args...))
}

// Refused returns the error of a request whose signature or timestamp is bad; field names the
// header. One text for every cause, so that a forger learns nothing.
func Refused(field string) error {
	return fault.Invalid(field, "no valid signature within %d seconds of now", int(Tolerance/time.Second))
}

// Live returns the secrets that may verify, or a KindBusy error when there is none: the sender
// tries again.
func Live(ctx context.Context, secrets Secrets) ([]string, error) {
	all, err := secrets(ctx)
	if err != nil {
		return nil, fault.Busy(err)
	}
	// An empty list is a setting that is missing on our side. Busy keeps the event with its sender
	// until it is there; to refuse it would lose it.
	if len(all) == 0 {
		return nil, fault.Busy(errors.New("provider: no webhook secret is configured"))
	}
	return all, nil
}

// Fresh reports whether an instant signed by the sender is within Tolerance of now, before or
// after.
func Fresh(signedAt, now time.Time) bool {
	return now.Sub(signedAt).Abs() <= Tolerance
}

// Happened returns when an event happened by its own word, as far as that can be; the zero time
// means that it does not say. What was signed at signedAt did not happen later, nor before 1970:
// signedAt stands in then. UTC, whole milliseconds.
func Happened(reportedAt, signedAt time.Time) time.Time {
	// A lot's term begins when its money came. An instant far ahead would lengthen it, so the
	// signature's instant is the bound.
	if reportedAt.Unix() <= 0 || reportedAt.After(signedAt.Add(Tolerance)) {
		reportedAt = signedAt
	}
	return text.Millisecond(reportedAt)
}

// Timestamp parses a header's seconds since 1970 and reports whether they are plain digits.
// Anything else (signs, spaces, exponents) is refused, since peers read it differently.
func Timestamp(text string) (time.Time, bool) {
	const maxDigits = 12 // enough for 30,000 years, far from overflow
	if len(text) < 1 || len(text) > maxDigits {
		return time.Time{}, false
	}
	// By hand, because strconv takes a sign.
	var unix int64
	for _, digit := range []byte(text) {
		if digit < '0' || digit > '9' {
			return time.Time{}, false
		}
		unix = 10*unix + int64(digit-'0')
	}
	return time.Unix(unix, 0).UTC(), true
}
