package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
	"makegood/shared/text"
)

// assessor is what the handler needs of assessment.Assessor.
type assessor interface {
	Assess(ctx context.Context, report message.ResultReported, tries int, now time.Time) error
}

// discarder is what the handler needs of attachment.Discarder.
type discarder interface {
	Discard(ctx context.Context, expired message.AttachmentExpired, now time.Time) error
}

type handler struct {
	assessor  assessor
	discarder discarder
	now       func() time.Time
}

// handle looks at the result of each message in the batch, or discards the attachment that it is
// about; one that cannot be dealt with goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		// Two types of message share the queue.
		if queue.TypeOf(body) == message.TypeAttachmentExpired {
			expired, err := queue.Decode[message.AttachmentExpired](body, message.TypeAttachmentExpired)
			if err != nil {
				return err
			}
			return h.discarder.Discard(ctx, expired, text.Millisecond(h.now()))
		}

		// Every other type is refused by Decode, which names the one it wants.
		report, err := queue.Decode[message.ResultReported](body, message.TypeResultReported)
		if err != nil {
			return err
		}
		// A picture may end the process, so that nothing but the queue can count the tries.
		return h.assessor.Assess(ctx, report, queue.Attempt(ctx), text.Millisecond(h.now()))
	}), nil
}
