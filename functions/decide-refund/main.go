// Command decide-refund takes questions off the queue refund-requests, asks the published policy,
// and commits verdict and effect at once.
package main

import (
	"maps"
	"os"
	"slices"
	"time"

	"makegood/shared/audit"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/provider/registry"
	"makegood/shared/refund"
)

func main() {
	// A claim may name a payment that no webhook has told us of yet: the gateways are asked for it.
	decider := refund.Decider{
		Store:       dynamo.Open(),
		Policy:      settings.Policy(),
		Notices:     sender.OpenNotices(),
		Settlements: sender.OpenSettlements(),
		Gateways:    slices.Collect(maps.Values(registry.OpenGateways())),
		Livemode:    settings.Livemode(),
		SecondLooks: function.Must(audit.ParsePercent(os.Getenv("SECOND_LOOKS"))),
		Released:    punctuality{metrics: metric.Open(os.Stdout, "decide-refund"), now: time.Now}.released,
	}
	function.Start(handler{decider: decider, now: time.Now}.handle)
}
