// Command sweep-due runs every minute: it puts overdue work back on its queue, posts expiries, and counts what is stuck.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/due"
	"makegood/shared/message"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	sweeper := due.Sweeper{Store: dynamo.Open(), Queues: queues{
		requests: sender.Open("REFUND_REQUESTS_QUEUE_URL"), notices: sender.Open("NOTICES_QUEUE_URL"),
	}}
	lambda.Start(handler{sweeper: sweeper, metrics: metric.Open(os.Stdout, "sweep-due"), now: time.Now}.handle)
}

// queues puts messages back where they were first sent.
type queues struct{ requests, notices *sender.Sender }

func (q queues) Request(ctx context.Context, request message.RefundRequested) error {
	return q.requests.Send(ctx, request)
}

func (q queues) Tell(ctx context.Context, decided message.RefundDecided) error {
	return q.notices.Send(ctx, decided)
}
