package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
)

type teller interface {
	Tell(ctx context.Context, request message.RefundDecided, now time.Time) error
	TellPart(ctx context.Context, request message.GenerationPartial, now time.Time) error
}

type handler struct {
	teller teller
	now    func() time.Time
}

// handle tells of each verdict and each generation in the batch; a message that cannot be told goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		now := h.now().UTC().Truncate(time.Millisecond)
		var header message.Header
		if json.Unmarshal(body, &header) == nil && header.Type == message.TypeGenerationPartial {
			partial, err := queue.Decode[message.GenerationPartial](body, message.TypeGenerationPartial)
			if err != nil {
				return err
			}
			return h.teller.TellPart(ctx, partial, now)
		}
		decided, err := queue.Decode[message.RefundDecided](body, message.TypeRefundDecided)
		if err != nil {
			return err
		}
		return h.teller.Tell(ctx, decided, now)
	}), nil
}
