// Command settle-generation takes workers' results off the queue generation-results, records the first of each generation, asks for a
// refund where it failed, and has the customer told where not all outputs came.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	settler := generation.Settler{
		Store:    dynamo.Open(),
		Requests: sender.OpenRequests(),
		Notices:  sender.OpenNotices(),
		Terms: func(at time.Time) (ledger.ExpiredLot, error) {
			published, err := policy.Open(os.Getenv("POLICY"))
			if err != nil {
				return ledger.ExpiredLot{}, err
			}
			return published.ExpiredLot(at), nil
		},
	}
	lambda.Start(handler{settler: settler, now: time.Now}.handle)
}
