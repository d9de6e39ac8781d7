// Command run-outage takes outages off the queue outage-runs and makes them good: for each page of
// payments, it asks for a decision about every purchase that the policy would give something. Of an
// outage that was declared, corrected or withdrawn, it asks for a decision about the claims that
// wait for one, page by page too.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	store, requests, runs := dynamo.Open(), sender.OpenRequests(), sender.OpenRuns()
	lambda.Start(handler{
		runner: outage.Runner{Store: store, Estimator: refund.OpenEstimator(published), Requests: requests, Runs: runs},
		looker: refund.Looker{Store: store, Requests: requests, Looks: runs},
		now:    time.Now,
	}.handle)
}

// published opens the stack's policy: it costs nothing after the first time.
func published() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
