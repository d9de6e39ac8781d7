// Command pay-refund takes payments off the queue payment-refunds, asks their provider, and pays
// what is due. No other function may refund.
package main

import (
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/registry"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	// The provider's key in this function's environment may refund; other functions' keys only
	// read.
	store, providers, requests := dynamo.Open(), registry.OpenGateways(), sender.OpenRequests()
	open := sync.OnceValues(func() (settler, error) {
		catalog, err := policy.Open(os.Getenv("POLICY"))
		if err != nil {
			return nil, err
		}
		livemode, err := payment.ParseMode(os.Getenv("LIVEMODE"))
		receiver := payment.Receiver{Store: store, Rules: payment.Rules{Catalog: catalog, Livemode: livemode}}
		return payment.Settler{Receiver: receiver, Gateways: providers, Requests: requests}, err
	})
	go func() { _, _ = open() }() // parsed while the first event is on its way
	lambda.Start(handler{settler: open, now: time.Now}.handle)
}
