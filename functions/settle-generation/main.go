// Command settle-generation takes workers' results off the queue generation-results, records the first of each generation, and asks for a
// refund where it failed.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	settler := generation.Settler{
		Store:    dynamo.Open(),
		Requests: requests{sender.Open("REFUND_REQUESTS_QUEUE_URL")},
		Terms: func(at time.Time) (ledger.ExpiredLot, error) {
			published, err := policy.Open(os.Getenv("POLICY"))
			if err != nil {
				return ledger.ExpiredLot{}, err
			}
			return refund.Terms(published.At(at)), nil
		},
	}
	lambda.Start(handler{settler: settler, now: time.Now}.handle)
}

// requests puts refund requests on their queue.
type requests struct{ *sender.Sender }

func (r requests) Request(ctx context.Context, request message.RefundRequested) error {
	return r.Send(ctx, request)
}
