// Command sweep-due runs every minute: it puts overdue work back on its queue, posts expiries, and counts what is stuck.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/due"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	sweeper := due.Sweeper{Store: dynamo.Open(), Queues: queues{sender.OpenRequests(), sender.OpenNotices()}}
	lambda.Start(handler{sweeper: sweeper, metrics: metric.Open(os.Stdout, "sweep-due"), now: time.Now}.handle)
}

// queues puts messages back where they were first sent.
type queues struct {
	sender.Requests
	sender.Notices
}
