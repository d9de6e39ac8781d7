package sender

import (
	"context"
	"fmt"
	"time"

	"makegood/shared/message"
)

// Queues sends each message to the queue that message.Routes gives its type.
type Queues struct{}

// Send puts the message on its queue; see Sender.Send for errors. A message of no route is an error
// too.
func (q Queues) Send(ctx context.Context, m message.Message) error { return q.sendAfter(ctx, m, 0) }

func (Queues) sendAfter(ctx context.Context, m message.Message, delay time.Duration) error {
	route, ok := message.RouteOf(m.Head().Type)
	if !ok {
		return fmt.Errorf("no queue takes a message of type %q", m.Head().Type)
	}
	return Open(message.QueueEnv(route.Queue)).SendAfter(ctx, m, delay)
}

// Assessments sends to the queue assessments.
type Assessments struct{ queues Queues }

// OpenAssessments returns a sender to the queue assessments.
func OpenAssessments() Assessments { return Assessments{} }

// Assess asks that the pictures of a bad result be looked at; see Send for errors.
func (a Assessments) Assess(ctx context.Context, report message.ResultReported) error {
	return a.queues.Send(ctx, report)
}

// Requests sends to the queue refund-requests.
type Requests struct{ queues Queues }

// OpenRequests returns a sender to the queue refund-requests.
func OpenRequests() Requests { return Requests{} }

// Request asks for a decision; see Send for errors.
func (r Requests) Request(ctx context.Context, request message.RefundRequested) error {
	return r.queues.Send(ctx, request)
}

// RequestAfter asks for a decision after the delay, at most maxDelay; see Send for errors.
func (r Requests) RequestAfter(ctx context.Context, request message.RefundRequested, delay time.Duration) error {
	return r.queues.sendAfter(ctx, request, delay)
}

// Notices sends to the queue notices.
type Notices struct{ queues Queues }

// OpenNotices returns a sender to the queue notices.
func OpenNotices() Notices { return Notices{} }

// Notify asks that the customer be told of a verdict; see Send for errors.
func (n Notices) Notify(ctx context.Context, decided message.RefundDecided) error {
	return n.queues.Send(ctx, decided)
}

// NotifyPartial asks that the customer be told of a generation of which not all outputs came; see
// Send for errors.
func (n Notices) NotifyPartial(ctx context.Context, partial message.GenerationPartial) error {
	return n.queues.Send(ctx, partial)
}

// NotifyStanding asks that the customer be told of a change of their standing; see Send for errors.
func (n Notices) NotifyStanding(ctx context.Context, changed message.StandingChanged) error {
	return n.queues.Send(ctx, changed)
}

// NotifyOffer asks that the customer be told what they may claim for an outage; see Send for
// errors.
func (n Notices) NotifyOffer(ctx context.Context, offered message.OutageOffered) error {
	return n.queues.Send(ctx, offered)
}

// Settlements sends to the queue payment-refunds.
type Settlements struct{ queues Queues }

// OpenSettlements returns a sender to the queue payment-refunds.
func OpenSettlements() Settlements { return Settlements{} }

// Settle asks that a payment be settled with its provider; see Send for errors.
func (s Settlements) Settle(ctx context.Context, unsettled message.PaymentUnsettled) error {
	return s.queues.Send(ctx, unsettled)
}

// Runs sends to the queue outage-runs.
type Runs struct{ queues Queues }

// OpenRuns returns a sender to the queue outage-runs.
func OpenRuns() Runs { return Runs{} }

// Run asks that an outage be made good; see Send for errors.
func (r Runs) Run(ctx context.Context, started message.OutageStarted) error {
	return r.queues.Send(ctx, started)
}

// LookAgain asks that the claims which wait for downtime be looked at again; see Send for errors.
func (r Runs) LookAgain(ctx context.Context, changed message.OutageChanged) error {
	return r.queues.Send(ctx, changed)
}
