package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
)

type teller interface {
	Tell(ctx context.Context, request message.RefundDecided, now time.Time) error
}

type handler struct {
	teller teller
	now    func() time.Time
}

// handle tells of each verdict in the batch; a message that cannot be told goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		decided, err := queue.Decode[message.RefundDecided](body, message.TypeRefundDecided)
		if err != nil {
			return err
		}
		return h.teller.Tell(ctx, decided, h.now().UTC().Truncate(time.Millisecond))
	}), nil
}
