package main

import (
	"context"
	"fmt"
	"time"

	"makegood/shared/due"
)

type sweeper interface {
	Sweep(ctx context.Context, now time.Time) (due.Report, error)
}

type metrics interface {
	Count(now time.Time, counts map[string]int) error
}

type handler struct {
	sweeper sweeper
	metrics metrics
	now     func() time.Time
}

// margin is what a sweep leaves of the function's time to count what it did.
const margin = 3 * time.Second

func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-margin))
}

// handle sweeps once and counts what it did. Items that failed are an error, so that the alarm on this function rings; they come round again.
func (h handler) handle(ctx context.Context) error {
	ctx, cancel := inTime(ctx)
	defer cancel()
	now := h.now().UTC().Truncate(time.Millisecond)
	report, err := h.sweeper.Sweep(ctx, now)
	if err != nil {
		return err
	}
	counts := map[string]int{"ClaimedItems": report.Claimed, "FailedItems": report.Failed, "StuckItems": report.Stuck, "OverdueReviews": report.OverdueReviews}
	if err := h.metrics.Count(now, counts); err != nil {
		return err
	}
	if report.Failed > 0 {
		return fmt.Errorf("%d overdue items could not be dealt with", report.Failed)
	}
	return nil
}
