// Command request-refund takes what a customer asks of us about money: a claim that a purchase
// should be put right opens a case, an appeal of a declined case puts it before staff again. Both
// ask for a decision. It opens the attachments that prove what they say, whose bytes go to S3
// without it, and takes how far a customer has read what they were notified of.
package main

import (
	"os"
	"time"

	"makegood/shared/access"
	"makegood/shared/attachment"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/secret"
	"makegood/shared/aws/settings"
	"makegood/shared/refund"
)

func main() {
	store, requests, published := dynamo.Open(), sender.OpenRequests(), settings.Policy()
	uploads := link.New(os.Getenv("EVIDENCE_BUCKET"))
	awshttp.Start(handler{
		claims: refund.Claimer{
			Store: store, Requests: requests, Addresses: refund.Addresses{Secrets: secret.FromEnv("ADDRESS_SECRETS", access.FitSecret)},
			Attachments: attachment.Taker{Store: store, Uploads: uploads},
		},
		appeals: refund.Appealer{Store: store, Policy: published, Requests: requests},
		opener:  attachment.Opener{Store: store},
		uploads: uploads,
		inbox:   store,
		policy:  published,
		now:     time.Now,
	}.routes(awshttp.CountingGate(store)))
}
