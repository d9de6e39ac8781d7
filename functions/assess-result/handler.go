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

type handler struct {
	assessor assessor
	now      func() time.Time
}

// handle looks at the result of each message in the batch; one that cannot be dealt with goes back
// alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		report, err := queue.Decode[message.ResultReported](body, message.TypeResultReported)
		if err != nil {
			return err
		}
		// A picture may end the process, so that nothing but the queue can count the tries.
		return h.assessor.Assess(ctx, report, queue.Attempt(ctx), text.Millisecond(h.now()))
	}), nil
}
