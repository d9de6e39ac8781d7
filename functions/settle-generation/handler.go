package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/text"
)

type recorder interface {
	Record(ctx context.Context, id generation.ID, result generation.Result, now time.Time) error
}

type handler struct {
	results recorder
	now     func() time.Time
}

// handle records each result in the batch; one that cannot be recorded goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		// A message that is not a result of ours goes to the dead-letter queue: no attempt can mend
		// it.
		m, err := queue.Decode[message.GenerationFinished](body, message.TypeGenerationFinished)
		if err != nil {
			return err
		}
		id, err := generation.ParseID(m.Generation)
		if err != nil {
			return err
		}
		// Cut to milliseconds, as the store keeps instants: a replay must hash the same.
		return h.results.Record(ctx, id, generation.ResultOf(m), text.Millisecond(h.now()))
	}), nil
}
