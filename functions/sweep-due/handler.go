package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/shared/due"
)

type sweeper interface {
	Sweep(ctx context.Context, now time.Time) (due.Report, error)
}

type listener interface {
	Listen(ctx context.Context, now time.Time) (missed int, err error)
}

type metrics interface {
	Count(now time.Time, counts map[string]int) error
}

type handler struct {
	sweeper  sweeper
	listener func() (listener, error)
	metrics  metrics
	now      func() time.Time
}

// The shares of the function's time. margin is what the work leaves to count what it did; listening is what a sweep leaves to listening, which
// may take no more: the next minute goes on where it stopped.
const (
	margin    = 3 * time.Second
	listening = 15 * time.Second
)

// before returns a context that ends that long before the function's own deadline.
func before(ctx context.Context, left time.Duration) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-left))
}

// handle sweeps once, then hears what the providers list, and counts what it did. What failed is an error, so that the alarm on this function
// rings; it comes round again.
func (h handler) handle(ctx context.Context) error {
	now := h.now().UTC().Truncate(time.Millisecond)
	return errors.Join(h.sweep(ctx, now), h.listen(ctx, now))
}

func (h handler) sweep(ctx context.Context, now time.Time) error {
	ctx, cancel := before(ctx, margin+listening)
	defer cancel()
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

// listen counts the events that no webhook brought, also those of a round that was cut off.
func (h handler) listen(ctx context.Context, now time.Time) error {
	ctx, cancel := before(ctx, margin)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, listening)
	defer stop()
	events, err := h.listener()
	if err != nil {
		return err
	}
	missed, err := events.Listen(ctx, now)
	return errors.Join(err, h.metrics.Count(now, map[string]int{"MissedEvents": missed}))
}
