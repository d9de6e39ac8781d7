package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/fault"
	"makegood/shared/message"
)

type decider interface {
	DecideFailure(ctx context.Context, request message.RefundRequested, now time.Time) error
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
		if request.Kind != message.KindTechnicalFailure {
			return fault.Invalid("kind", "nobody decides %q", request.Kind)
		}
		return h.decider.DecideFailure(ctx, request, h.now().UTC().Truncate(time.Millisecond))
	}), nil
}
