package storetest

import (
	"context"
	"fmt"
	"time"

	"makegood/shared/message"
)

// put puts a message on a queue of the world.
func put[T any](w *World, queue *[]T, message T) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	*queue = append(*queue, message)
	return nil
}

// take takes all that waits off a queue of the world.
func take[T any](w *World, queue *[]T) []T {
	// All at once: a message that comes during the delivery is a later round's.
	w.mu.Lock()
	defer w.mu.Unlock()
	batch := *queue
	*queue = nil
	return batch
}

// Send implements due.Queues: what is sent again lies where it was sent first.
func (w *World) Send(ctx context.Context, m message.Message) error {
	// The switch names every message there is. A new one fails here until the world can deliver it.
	switch m := m.(type) {
	case message.ResultReported:
		return w.Assess(ctx, m)
	case message.AttachmentExpired:
		return put(w, &w.expired, m)
	case message.RefundRequested:
		return w.Request(ctx, m)
	case message.RefundDecided:
		return w.Notify(ctx, m)
	case message.GenerationPartial:
		return w.NotifyPartial(ctx, m)
	case message.StandingChanged:
		return w.NotifyStanding(ctx, m)
	case message.OutageOffered:
		return w.NotifyOffer(ctx, m)
	case message.PaymentUnsettled:
		return w.Settle(ctx, m)
	case message.OutageStarted:
		return w.Run(ctx, m)
	case message.OutageChanged:
		return w.LookAgain(ctx, m)
	default:
		return fmt.Errorf("the world has no queue for %T", m)
	}
}

// Assess implements refund.Assessments.
func (w *World) Assess(_ context.Context, report message.ResultReported) error {
	return put(w, &w.reports, report)
}

// Request implements generation.Requests.
func (w *World) Request(_ context.Context, request message.RefundRequested) error {
	return put(w, &w.requests, request)
}

// later is a request that nobody gets before its instant.
type later struct {
	at      time.Time
	request message.RefundRequested
}

// RequestAfter implements refund.LaterRequests.
func (w *World) RequestAfter(_ context.Context, request message.RefundRequested, delay time.Duration) error {
	return put(w, &w.later, later{at: w.Now.Add(delay), request: request})
}

// due moves the requests whose delay is over to the queue.
func (w *World) due() {
	for _, each := range take(w, &w.later) {
		if each.at.After(w.Now) {
			_ = put(w, &w.later, each)
		} else {
			_ = put(w, &w.requests, each.request)
		}
	}
}

// Notify implements refund.Notices.
func (w *World) Notify(_ context.Context, m message.RefundDecided) error {
	return put(w, &w.notices, m)
}

// NotifyPartial implements generation.Notices.
func (w *World) NotifyPartial(_ context.Context, partial message.GenerationPartial) error {
	return put(w, &w.partials, partial)
}

// NotifyStanding implements standing.Notices.
func (w *World) NotifyStanding(_ context.Context, m message.StandingChanged) error {
	return put(w, &w.standings, m)
}

// NotifyOffer implements refund.Notices.
func (w *World) NotifyOffer(_ context.Context, m message.OutageOffered) error {
	return put(w, &w.offers, m)
}

// Settle implements payment.Settlements.
func (w *World) Settle(_ context.Context, m message.PaymentUnsettled) error {
	return put(w, &w.unsettled, m)
}

// Run implements outage.Runs.
func (w *World) Run(_ context.Context, m message.OutageStarted) error {
	return put(w, &w.runs, m)
}

// LookAgain implements outage.Looks.
func (w *World) LookAgain(_ context.Context, m message.OutageChanged) error {
	return put(w, &w.changes, m)
}
