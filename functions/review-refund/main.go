// Command review-refund is the review queue of staff: the cases and payments that wait for them,
// what they decide, and what a customer may still do.
package main

import (
	"os"
	"time"

	"makegood/shared/api/view"
	"makegood/shared/audit"
	bucketlink "makegood/shared/aws/bucket/link"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

func main() {
	// One queue of requests serves rulings and resolutions: both end in a decision on a case.
	store, requests, published := dynamo.Open(), sender.OpenRequests(), settings.Policy()
	http.Start(handler{
		store:     store,
		reviewer:  refund.Reviewer{Store: store, Policy: published, Livemode: settings.Livemode(), Requests: requests},
		standings: standing.Setter{Store: store, Notices: sender.OpenNotices()},
		looks: audit.Auditor{Store: store, Stops: func(at time.Time) policy.Stops {
			return published.At(at).Evidence.Stops
		}},
		published: published, links: bucketlink.Lasting{Signer: bucketlink.New(os.Getenv("EVIDENCE_BUCKET")), Life: view.LinkLife},
		payments: payment.Receiver{Store: store, Rules: settings.Rules()},
		outbox:   payment.Outbox{Requests: requests, Settlements: sender.OpenSettlements()},
		now:      time.Now,
	}.routes(http.Gate()))
}
