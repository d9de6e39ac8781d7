// Command settle-generation takes workers' results off the queue generation-results, records the
// first of each generation, requests a refund where it failed, and has the customer notified where
// not all outputs came.
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
	recorder := generation.ResultRecorder{
		Store:    dynamo.Open(),
		Requests: sender.OpenRequests(),
		Notices:  sender.OpenNotices(),
		Terms: func(at time.Time) (ledger.ExpiredLot, error) {
			p, err := policy.Open(os.Getenv("POLICY"))
			if err != nil {
				return ledger.ExpiredLot{}, err
			}
			return p.ExpiredLot(at), nil
		},
	}
	lambda.Start(handler{results: recorder, now: time.Now}.handle)
}
