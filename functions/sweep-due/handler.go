package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"makegood/shared/aws/metric"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/text"
)

type sweeper interface {
	Sweep(ctx context.Context, now time.Time) (due.Report, error)
}

type poller interface {
	Poll(ctx context.Context, now time.Time) (count int, err error)
}

// signals tells which signals decide nothing, since what they paid was wrong too often.
type signals interface {
	ListStopped(ctx context.Context) ([]evidence.Name, error)
}

type handler struct {
	signals signals
	sweeper sweeper
	poller  poller
	metrics metric.Counter
	now     func() time.Time
}

// The shares of the function's time. margin is kept for counting what was done. listening is kept
// for polling, which may take no more: the next minute goes on where it stopped.
const (
	margin   = 3 * time.Second
	pollTime = 15 * time.Second
)

// before returns a context that ends that long before the function's own deadline.
func before(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// handle sweeps once, then polls the providers for events, and counts what it did. A failure is an
// error, so that the alarm on this function rings; the work comes round again.
func (h handler) handle(ctx context.Context) error {
	now := text.Millisecond(h.now())
	// The poll runs even when the sweep failed: none depends on another.
	return errors.Join(h.countStopped(ctx, now), h.sweep(ctx, now), h.listen(ctx, now))
}

// countStopped counts the signals that decide nothing: the alarm rings until staff lift them.
func (h handler) countStopped(ctx context.Context, now time.Time) error {
	ctx, cancel := before(ctx, margin)
	defer cancel()
	stopped, err := h.signals.ListStopped(ctx)
	return errors.Join(fault.At("sweep-due: list stopped signals", "", err), h.count(now, map[string]int{"StoppedSignals": len(stopped)}))
}

func (h handler) sweep(ctx context.Context, now time.Time) error {
	ctx, cancel := before(ctx, margin+pollTime)
	defer cancel()
	report, err := h.sweeper.Sweep(ctx, now)
	if err != nil {
		return fault.At("sweep-due: sweep", "", err)
	}
	counts := map[string]int{
		"ClaimedItems": report.Claimed, "FailedItems": report.Failed, "StuckItems": report.Stuck,
		"OverdueReviews": report.OverdueReviews, "UnfinishedWalks": report.Cuts,
	}
	if err := h.count(now, counts); err != nil {
		return fault.At("sweep-due: count", "", err)
	}
	// Each failed item is in the log already. The error makes the function's own alarm ring.
	if report.Failed > 0 {
		return fmt.Errorf("%d overdue items could not be dealt with", report.Failed)
	}
	return nil
}

// listen polls for the events that no webhook brought and counts them, also those of a round that
// was cut off.
func (h handler) listen(ctx context.Context, now time.Time) error {
	ctx, cancel := before(ctx, margin)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, pollTime)
	defer stop()
	count, err := h.poller.Poll(ctx, now)
	return errors.Join(fault.At("sweep-due: poll providers", "", err), h.count(now, map[string]int{"MissedEvents": count}))
}

// count counts what is not nothing. A metric is billed for each hour in which it is sent, and a
// function that does not run at all has an alarm of its own: infra/decisions/0051.
func (h handler) count(now time.Time, counts map[string]int) error {
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
	return h.metrics.Count(now, counts)
}
