// Command run-outage takes outages off the queue outage-runs and makes them good: for each page of payments, it asks for a decision about
// every purchase that the policy would give something.
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
	runner := outage.Runner{Store: dynamo.Open(), Rules: refund.OpenOutageRules(published), Requests: sender.OpenRequests(), Runs: sender.OpenRuns()}
	lambda.Start(handler{runner: runner, now: time.Now}.handle)
}

func published() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
