// Command request-refund takes what a customer asks of us about money: a claim that a purchase
// should be put right opens a case, an appeal of a declined case puts it before staff again. Both
// ask for a decision.
package main

import (
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func main() {
	store, requests := dynamo.Open(), sender.OpenRequests()
	awshttp.Start(handler{
		claims:  refund.Claimer{Store: store, Requests: requests},
		appeals: refund.Appealer{Store: store, Policy: published, Requests: requests},
		now:     time.Now,
	}.routes(awshttp.Gate()))
}

// published opens the stack's policy: it costs nothing after the first time.
func published() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
