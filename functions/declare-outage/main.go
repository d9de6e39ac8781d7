// Command declare-outage lets staff declare a time in which the app could not be used, see what it
// would give back, and start giving it.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/outage"
	"makegood/shared/refund"
)

func main() {
	store, runs := dynamo.Open(), sender.OpenRuns()
	http.Start(handler{
		declarer: outage.Declarer{Store: store, Estimator: refund.Estimator{Policy: settings.Policy()}, Looks: runs},
		starter:  outage.Starter{Store: store, Runs: runs},
		now:      time.Now,
	}.routes(http.Gate()))
}
