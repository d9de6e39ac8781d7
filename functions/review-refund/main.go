// Command review-refund is the review queue of staff: the cases and payments that wait for them,
// what they decide, and what a customer may still do.
package main

import (
	"context"
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
		published: published, links: links{bucketlink.New(os.Getenv("EVIDENCE_BUCKET"))},
		payments: payment.Receiver{Store: store, Rules: settings.Rules()},
		outbox:   payment.Outbox{Requests: requests, Settlements: sender.OpenSettlements()},
		now:      time.Now,
	}.routes(http.Gate()))
}

// links makes links to the pictures of second looks.
type links struct{ bucketlink.Signer }

func (l links) Link(ctx context.Context, key, mediaType string) (string, error) {
	return l.Get(ctx, bucketlink.Object{Key: key, MediaType: mediaType}, view.LinkLife, time.Now())
}
