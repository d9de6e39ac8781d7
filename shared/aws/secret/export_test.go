package secret

import (
	"context"
	"time"
)

// FromEnvAt is FromEnv with a clock of the test's own.
func FromEnvAt(name string, now func() time.Time) func(ctx context.Context) ([]string, error) {
	return newSource(name, now).values
}
