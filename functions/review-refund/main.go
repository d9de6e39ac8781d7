// Command review-refund is the review queue of staff: the cases and payments that wait for them,
// what they decide, and what a customer may still do.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

func main() {
	// One queue of requests serves rulings and resolutions: both end in a decision on a case.
	store, requests := dynamo.Open(), sender.OpenRequests()
	http.Start(handler{
		store:     store,
		reviewer:  refund.Reviewer{Store: store, Policy: settings.Policy(), Livemode: settings.Livemode(), Requests: requests},
		standings: standing.Setter{Store: store, Notices: sender.OpenNotices()},
		payments:  payment.Receiver{Store: store, Rules: settings.Rules()},
		outbox:    payment.Outbox{Requests: requests, Settlements: sender.OpenSettlements()},
		now:       time.Now,
	}.routes(http.Gate()))
}
