// Command request-refund takes a claim that a purchase should be put right: it opens a case and asks for a decision.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/refund"
)

func main() {
	claims := refund.Claimer{Store: dynamo.Open(), Requests: sender.OpenRequests()}
	awshttp.Start(handler{claims: claims, now: time.Now}.routes(awshttp.Gate()))
}
