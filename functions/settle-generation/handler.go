package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/generation"
	"makegood/shared/message"
)

type settler interface {
	Settle(ctx context.Context, id generation.ID, result generation.Result, now time.Time) error
}

type handler struct {
	settler settler
	now     func() time.Time
}

// handle settles each result in the batch; one that cannot be settled goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		finished, err := queue.Decode[message.GenerationFinished](body, message.TypeGenerationFinished)
		if err != nil {
			return err
		}
		id, err := generation.ParseID(finished.Generation)
		if err != nil {
			return err
		}
		return h.settler.Settle(ctx, id, generation.ResultOf(finished), h.now().UTC().Truncate(time.Millisecond))
	}), nil
}
