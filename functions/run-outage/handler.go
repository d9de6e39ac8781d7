package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/text"
)

// runner is what the handler needs of outage.Runner.
type runner interface {
	Run(ctx context.Context, id outage.ID, page int, now time.Time) error
}

// looker is what the handler needs of refund.Looker.
type looker interface {
	Look(ctx context.Context, change message.OutageChanged, now time.Time) error
}

type handler struct {
	runner runner
	looker looker
	now    func() time.Time
}

// handle does a page of each outage in the batch; one that cannot be done goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		now := text.Millisecond(h.now())

		// Two types of message share the queue.
		if queue.TypeOf(body) == message.TypeOutageChanged {
			change, err := queue.Decode[message.OutageChanged](body, message.TypeOutageChanged)
			if err != nil {
				return err
			}
			return h.looker.Look(ctx, change, now)
		}

		// Every other type is refused by Decode, which names the one it wants.
		start, err := queue.Decode[message.OutageStarted](body, message.TypeOutageStarted)
		if err != nil {
			return err
		}
		// The worker trusts no message: an id that is none would be a key of the store.
		id, err := outage.ParseID(start.Outage)
		if err != nil {
			return err
		}
		return h.runner.Run(ctx, id, start.Page, now)
	}), nil
}
