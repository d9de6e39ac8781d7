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
	"makegood/shared/aws/secret"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
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
		stripe:   stripe.New(secret.FromEnv("STRIPE_WEBHOOK_SECRETS", stripe.FitSecret), os.Getenv("STRIPE_ACCOUNT")),
		standard: standard.New(secret.FromEnv("STANDARD_WEBHOOK_SECRETS", standard.FitSecret)),
		payments: payments,
		outbox:   payment.Outbox{Requests: sender.OpenRequests(), Settlements: sender.OpenSettlements()},
		now:      time.Now,
	}.routes())
}
