// Command decide-refund takes questions off the queue refund-requests, asks the published policy,
// and commits verdict and effect at once.
package main

import (
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/registry"
	"makegood/shared/refund"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	go func() { _, _ = open() }() // parsed while the first event is on its way
	livemode, err := payment.ParseMode(os.Getenv("LIVEMODE"))
	if err != nil {
		slog.Error("not started", "error", err.Error())
		os.Exit(1)
	}
	// A claim may name a payment that no webhook has told us of yet: the gateways are asked for it.
	decider := refund.Decider{
		Store:       dynamo.Open(),
		Policy:      open,
		Notices:     sender.OpenNotices(),
		Settlements: sender.OpenSettlements(),
		Gateways:    slices.Collect(maps.Values(registry.OpenGateways())),
		Livemode:    livemode,
	}
	lambda.Start(handler{decider: decider, now: time.Now}.handle)
}

// open opens the stack's policy: it costs nothing after the first time.
func open() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
