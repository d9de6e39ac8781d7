package sender

import (
	"context"

	"makegood/shared/message"
)

// Requests sends to the queue refund-requests.
type Requests struct{ sender *Sender }

// OpenRequests returns a sender to the queue that REFUND_REQUESTS_QUEUE_URL names; see Open.
func OpenRequests() Requests { return Requests{Open("REFUND_REQUESTS_QUEUE_URL")} }

// Request asks for a decision; see Send for errors.
func (r Requests) Request(ctx context.Context, request message.RefundRequested) error {
	return r.sender.Send(ctx, request)
}

// Notices sends to the queue notices.
type Notices struct{ sender *Sender }

// OpenNotices returns a sender to the queue that NOTICES_QUEUE_URL names; see Open.
func OpenNotices() Notices { return Notices{Open("NOTICES_QUEUE_URL")} }

// Tell asks that the customer be told of a verdict; see Send for errors.
func (n Notices) Tell(ctx context.Context, decided message.RefundDecided) error {
	return n.sender.Send(ctx, decided)
}

// TellPart asks that the customer be told of a generation of which not all outputs came; see Send
// for errors.
func (n Notices) TellPart(ctx context.Context, partial message.GenerationPartial) error {
	return n.sender.Send(ctx, partial)
}

// TellStanding asks that the customer be told of a change of their standing; see Send for errors.
func (n Notices) TellStanding(ctx context.Context, changed message.StandingChanged) error {
	return n.sender.Send(ctx, changed)
}

// TellOffer asks that the customer be told what they may claim for an outage; see Send for errors.
func (n Notices) TellOffer(ctx context.Context, offered message.OutageOffered) error {
	return n.sender.Send(ctx, offered)
}

// Settlements sends to the queue payment-refunds.
type Settlements struct{ sender *Sender }

// OpenSettlements returns a sender to the queue that PAYMENT_REFUNDS_QUEUE_URL names; see Open.
func OpenSettlements() Settlements { return Settlements{Open("PAYMENT_REFUNDS_QUEUE_URL")} }

// Settle asks that a payment be settled with its provider; see Send for errors.
func (s Settlements) Settle(ctx context.Context, unsettled message.PaymentUnsettled) error {
	return s.sender.Send(ctx, unsettled)
}

// Runs sends to the queue outage-runs.
type Runs struct{ sender *Sender }

// OpenRuns returns a sender to the queue that OUTAGE_RUNS_QUEUE_URL names; see Open.
func OpenRuns() Runs { return Runs{Open("OUTAGE_RUNS_QUEUE_URL")} }

// Run asks that an outage be made good; see Send for errors.
func (r Runs) Run(ctx context.Context, started message.OutageStarted) error {
	return r.sender.Send(ctx, started)
}

// LookAgain asks that the claims which wait for downtime be looked at again; see Send for errors.
func (r Runs) LookAgain(ctx context.Context, changed message.OutageChanged) error {
	return r.sender.Send(ctx, changed)
}
