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
