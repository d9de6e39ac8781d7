package metric

import (
	"context"
	"log/slog"
	"time"
)

// Counter is what counts: Lines, or what a test has in their place.
type Counter interface {
	// Count counts each metric, by its name, at that instant.
	Count(now time.Time, counts map[string]int) error
}

// Add counts one metric beside work that must not fail for it: what cannot be counted is logged,
// and changes nothing else.
func Add(ctx context.Context, to Counter, now time.Time, name string, count int) {
	if err := to.Count(now, map[string]int{name: count}); err != nil {
		slog.ErrorContext(ctx, "not counted", "metric", name, "error", err.Error())
	}
}
