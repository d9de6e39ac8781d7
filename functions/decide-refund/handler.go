package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
	"makegood/shared/text"
)

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
		request, err := queue.Decode[message.RefundRequested](body, message.TypeRefundRequested)
		if err != nil {
			return err
		}
		return h.decider.Decide(ctx, request, text.Millisecond(h.now()))
	}), nil
}
