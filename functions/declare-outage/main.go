// Command declare-outage lets staff declare a time in which the app could not be used, see what it
// would give back, and start giving it.
package main

import (
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/outage"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func main() {
	go func() { _, _ = published() }() // parsed while the first event is on its way
	store, runs := dynamo.Open(), sender.OpenRuns()
	http.Start(handler{
		declarer: outage.Declarer{Store: store, Estimator: refund.OpenEstimator(published), Looks: runs},
		starter:  outage.Starter{Store: store, Runs: runs},
		now:      time.Now,
	}.routes(http.Gate()))
}

// published opens the stack's policy: it costs nothing after the first time.
func published() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
