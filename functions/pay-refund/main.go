// Command pay-refund takes payments off the queue payment-refunds, asks their provider, and pays
// what is due. No other function may refund.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/payment"
	"makegood/shared/provider/registry"
)

func main() {
	// The provider's key in this function's environment may refund; other functions' keys only
	// read.
	payments := payment.Settler{
		Receiver: payment.Receiver{Store: dynamo.Open(), Rules: settings.Rules()},
		Gateways: registry.OpenGateways(),
		Requests: sender.OpenRequests(),
	}
	function.Start(handler{settler: payments, now: time.Now}.handle)
}
