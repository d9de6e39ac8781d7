// Command review-refund is the review queue of staff: the cases and payments that wait for them,
// what they decide, and what a customer may still do.
package main

import (
	"log/slog"
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

func main() {
	go func() { _, _ = published() }() // parsed while the first event is on its way
	livemode, err := payment.ParseMode(os.Getenv("LIVEMODE"))
	if err != nil {
		slog.Error("not started", "error", err.Error())
		os.Exit(1)
	}
	// One queue of requests serves rulings and resolutions: both end in a decision on a case.
	store, requests := dynamo.Open(), sender.OpenRequests()
	http.Start(handler{
		store:     store,
		reviewer:  refund.Reviewer{Store: store, Policy: published, Livemode: livemode, Requests: requests},
		standings: standing.Setter{Store: store, Notices: sender.OpenNotices()},
		payments: func() (payment.Receiver, error) {
			catalog, err := published()
			return payment.Receiver{Store: store, Rules: payment.Rules{Catalog: catalog, Livemode: livemode}}, err
		},
		outbox: payment.Outbox{Requests: requests, Settlements: sender.OpenSettlements()},
		now:    time.Now,
	}.routes(http.Gate()))
}

// published opens the stack's policy: it costs nothing after the first time.
func published() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
