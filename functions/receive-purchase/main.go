// Command receive-purchase takes the payment providers' webhooks, and brings payments and wallets
// level with what they say.
package main

import (
	"os"
	"sync"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/registry"
)

func main() {
	store := dynamo.Open()
	payments := sync.OnceValues(func() (payment.Receiver, error) {
		catalog, err := policy.Open(os.Getenv("POLICY"))
		if err != nil {
			return payment.Receiver{}, err
		}
		livemode, err := payment.ParseMode(os.Getenv("LIVEMODE"))
		return payment.Receiver{Store: store, Rules: payment.Rules{Catalog: catalog, Livemode: livemode}}, err
	})
	go func() { _, _ = payments() }() // parsed while the first event is on its way
	http.Start(handler{
		webhooks: registry.OpenWebhooks(),
		payments: payments,
		outbox:   payment.Outbox{Requests: sender.OpenRequests(), Settlements: sender.OpenSettlements()},
		now:      time.Now,
	}.routes())
}
