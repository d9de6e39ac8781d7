// Command run-outage takes outages off the queue outage-runs and makes them good: for each page of
// payments, it asks for a decision about every purchase that the policy would give something. Of an
// outage that was declared, corrected or withdrawn, it asks for a decision about the claims that
// wait for one, page by page too.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/outage"
	"makegood/shared/refund"
)

func main() {
	store, requests, runs := dynamo.Open(), sender.OpenRequests(), sender.OpenRuns()
	function.Start(handler{
		runner: outage.Runner{Store: store, Estimator: refund.Estimator{Policy: settings.Policy()}, Requests: requests, Runs: runs},
		looker: refund.Looker{Store: store, Requests: requests, Looks: runs},
		now:    time.Now,
	}.handle)
}
