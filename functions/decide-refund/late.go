package main

import (
	"context"
	"time"

	"makegood/shared/aws/metric"
)

// inTime is how soon after its failure a generation has its credits back: the objective that
// infra/decisions/0051 gives a number.
const inTime = time.Minute

// punctuality counts whether failed generations have their credits back in time.
type punctuality struct {
	metrics metric.Counter
	now     func() time.Time
}

// released counts one failed generation: 1 where its credits are late, 0 where they are in time, so
// that the metric's average is the share of the late ones.
func (p punctuality) released(ctx context.Context, failedAt time.Time) {
	now, late := p.now(), 0
	if now.Sub(failedAt) > inTime {
		late = 1
	}
	// A lost count must not fail the refund, which is committed.
	metric.Add(ctx, p.metrics, now, "RefundedLate", late)
}
