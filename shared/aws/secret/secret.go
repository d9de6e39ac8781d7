// Package secret owns how a function comes to its secrets: by reference, at first use, for a
// bounded time.
//
// It refuses to know what a secret opens. It links no SDK client of ssm (2 ms of every start) or
// secretsmanager, for it needs one signed POST of each.
//
// Invariants: a value never stands in an error or a log line. A literal value is refused outside
// the local stack. A value that does not fit its purpose is never given out. A value that was
// withdrawn is dropped within its life, and when its store does not answer, within life and grace.
//
// Words: fit (what is wrong with a value for its purpose: too short, not the provider's form),
// reference (ssm:/path, secretsmanager:name, literal:value), life (how long a value is used without
// another read), grace (how much longer while its store does not answer). One secret, or several
// references, may hold several live values.
package secret

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/client"
	"makegood/shared/fault"
)

// The times of a value. Grace is a trade: without it a throttled store would stop every webhook of
// the app. With it a withdrawn value is good for ten minutes at most, in an outage, instead of
// five.
const (
	life     = 300 * time.Second
	grace    = 300 * time.Second
	pause    = 10 * time.Second // between two calls to a store that does not answer
	patience = 4 * time.Second  // for one round of reads, attempts included
)

// Fit returns what is wrong with a secret for its purpose, without showing it; nil for one that
// will do.
type Fit func(secret string) error

// FromEnv returns a function that gives the secrets named by the environment variable: a
// comma-separated list of references. Each referenced value may hold several secrets, on several
// lines or separated by commas. All that fit are live, in the order given.
//
// The function returns no secret and no error when the variable is unset or empty: then nothing can
// be verified or signed, which the caller must refuse. It returns KindBusy when a store does not
// answer, and KindInternal when a reference is wrong or refused, or holds nothing that fits. It may
// be called by many goroutines; the slice is shared and not to be changed.
//
// The secrets are read while the function starts. So whoever set the stack up finds in the first
// lines of its log what can never work, by the stack parameter's name: a parameter that names no
// secret, or a secret that does not fit. parameters are those that set the variable; none: the one
// that is called as the variable is.
func FromEnv(name string, fit Fit, parameters ...string) func(ctx context.Context) ([]string, error) {
	s := newSource(name, fit, time.Now, parameters...)
	client.Meanwhile(func() { s.start(lambdacontext.NewLogger()) })
	return s.values
}

// source is the secrets of one variable. turn holds one token: whoever has it reads and writes the
// rest.
type source struct {
	name       string
	parameter  string // the stack's, as whoever set it up reads it
	fit        Fit
	references []string
	now        func() time.Time
	turn       chan struct{}
	live       []string
	readAt     time.Time // zero: never
	triedAt    time.Time
}

func newSource(name string, fit Fit, now func() time.Time, parameters ...string) *source {
	if len(parameters) == 0 {
		parameters = []string{parameterOf(name)}
	}
	return &source{name: name, parameter: strings.Join(parameters, " or "), fit: fit, references: split(os.Getenv(name)), now: now, turn: make(chan struct{}, 1)}
}

func (s *source) values(ctx context.Context) ([]string, error) {
	if len(s.references) == 0 {
		return nil, nil
	}
	// One goroutine reads the store, the others wait for its result: a burst of requests makes one
	// call.
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, fault.Busy(ctx.Err())
	}
	now := s.now()
	age := now.Sub(s.readAt)
	// Young enough, or so recently read in vain that another call would only add to the store's
	// load.
	if !s.readAt.IsZero() && (age < life || age < life+grace && now.Sub(s.triedAt) < pause) {
		return s.live, nil
	}
	s.triedAt = now
	fresh, err := s.read(ctx)
	switch {
	case err == nil:
		s.live, s.readAt = fresh, now
		return s.live, nil
	// The store is busy and the old values are within their grace, so they stay in use.
	case fault.KindOf(err) == fault.KindBusy && !s.readAt.IsZero() && age < life+grace:
		slog.WarnContext(ctx, "secret not refreshed, using the one at hand", "environment", s.name, "age_seconds", int(age.Seconds()), "error", err.Error())
		return s.live, nil
	}
	// Refused, or silent for too long: a withdrawn secret must not work on.
	s.live, s.readAt = nil, time.Time{}
	return nil, err
}

// read reads every reference and returns all values, or the first error.
func (s *source) read(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var all []string
	for n, reference := range s.references {
		var values []string
		text, err := fault.RetryFor(ctx, func(ctx context.Context) (string, error) { return resolve(ctx, reference) })
		if err == nil {
			values, err = s.fitting(ctx, n, reference, split(text))
		}
		if err != nil {
			return nil, s.explain(n, err)
		}
		all = append(all, values...)
	}
	return all, nil
}

// explain names the variable and the place in it, never the reference itself: someone may have put
// a bare value there.
func (s *source) explain(n int, err error) error {
	err = fmt.Errorf("stack parameter %s (%s), reference %d: %w", s.parameter, s.name, n+1, err)
	if fault.KindOf(err) == fault.KindBusy {
		return fault.Busy(err)
	}
	return err
}

func resolve(ctx context.Context, reference string) (string, error) {
	scheme, rest, _ := strings.Cut(reference, ":")
	switch scheme {
	case "ssm":
		return parameter(ctx, rest)
	case "secretsmanager":
		return secretValue(ctx, rest)
	case "literal":
		if !Local() {
			return "", fmt.Errorf("%w: a literal value is for the local stack only", errNoName)
		}
		return rest, nil
	}
	return "", errNoName
}

// split returns the pieces between commas and line ends, without blanks and empty pieces.
func split(text string) []string {
	var pieces []string
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if piece = strings.TrimSpace(piece); piece != "" {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}
