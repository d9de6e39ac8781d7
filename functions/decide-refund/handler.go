package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
	"makegood/shared/text"
)

// decider is what the handler needs of refund.Decider.
type decider interface {
	Decide(ctx context.Context, request message.RefundRequested, now time.Time) error
}

type handler struct {
	decider decider
	now     func() time.Time
}

// handle decides each request in the batch; one that cannot be decided goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		// A message of another type or a newer version is refused here. It goes to the dead-letter
		// queue, where it waits for a reader that knows it.
		request, err := queue.Decode[message.RefundRequested](body, message.TypeRefundRequested)
		if err != nil {
			return err
		}
		// Whole milliseconds, as the store keeps them: what is compared later must not differ by
		// the rest.
		return h.decider.Decide(ctx, request, text.Millisecond(h.now()))
	}), nil
}
