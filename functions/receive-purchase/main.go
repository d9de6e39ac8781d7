// Command receive-purchase takes the payment providers' webhooks, and brings payments and wallets
// level with what they say.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/payment"
	"makegood/shared/provider/registry"
)

func main() {
	http.Start(handler{
		webhooks: registry.OpenWebhooks(),
		payments: payment.Receiver{Store: dynamo.Open(), Rules: settings.Rules()},
		outbox:   payment.Outbox{Requests: sender.OpenRequests(), Settlements: sender.OpenSettlements()},
		now:      time.Now,
	}.routes())
}
