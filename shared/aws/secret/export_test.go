package secret

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// FromEnvAt is FromEnv with a clock of the test's own, read at the first call; any value fits.
func FromEnvAt(name string, now func() time.Time) func(ctx context.Context) ([]string, error) {
	return newSource(name, Any, now).values
}

// Any takes every value.
func Any(string) error { return nil }

// Start returns what the start of a function would log of the variable.
func Start(name string, fit Fit, to io.Writer, parameters ...string) {
	newSource(name, fit, time.Now, parameters...).start(slog.New(slog.NewJSONHandler(to, nil)))
}

// Reading is FromEnv, read at the first call.
func Reading(name string, fit Fit) func(ctx context.Context) ([]string, error) {
	return newSource(name, fit, time.Now).values
}
