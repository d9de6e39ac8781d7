// Command review-refund is the desk of staff: the cases that wait for them, their verdicts, and what a customer may still do.
package main

import (
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

func main() {
	go func() { _, _ = published() }() // parsed while the first event is on its way
	store := dynamo.Open()
	http.Start(handler{
		store:     store,
		reviewer:  refund.Reviewer{Store: store, Policy: published, Requests: sender.OpenRequests()},
		standings: standing.Setter{Store: store},
		now:       time.Now,
	}.routes(http.Gate()))
}

func published() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }
