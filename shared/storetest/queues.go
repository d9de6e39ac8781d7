package storetest

import (
	"context"

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
	w.mu.Lock()
	defer w.mu.Unlock()
	waiting := *queue
	*queue = nil
	return waiting
}

// Request implements generation.Requests and due.Queues.
func (w *World) Request(_ context.Context, request message.RefundRequested) error {
	return put(w, &w.requests, request)
}

// Tell implements refund.Notices and due.Queues.
func (w *World) Tell(_ context.Context, decided message.RefundDecided) error {
	return put(w, &w.notices, decided)
}

// TellPart implements generation.Notices and due.Queues.
func (w *World) TellPart(_ context.Context, partial message.GenerationPartial) error {
	return put(w, &w.partials, partial)
}

// TellStanding implements standing.Notices and due.Queues.
func (w *World) TellStanding(_ context.Context, changed message.StandingChanged) error {
	return put(w, &w.standings, changed)
}

// TellOffer implements refund.Notices and due.Queues.
func (w *World) TellOffer(_ context.Context, offered message.OutageOffered) error {
	return put(w, &w.offers, offered)
}

// Settle implements payment.Settlements and due.Queues.
func (w *World) Settle(_ context.Context, unsettled message.PaymentUnsettled) error {
	return put(w, &w.unsettled, unsettled)
}

// Run implements outage.Runs and due.Queues.
func (w *World) Run(_ context.Context, started message.OutageStarted) error {
	return put(w, &w.runs, started)
}

// LookAgain implements outage.Looks and due.Queues.
func (w *World) LookAgain(_ context.Context, changed message.OutageChanged) error {
	return put(w, &w.changes, changed)
}
