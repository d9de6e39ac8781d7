// Command report-bad-result takes a report that an output is no good: it opens a case and asks for
// a decision.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/refund"
)

func main() {
	reports := refund.Reporter{Store: dynamo.Open(), Requests: sender.OpenRequests()}
	awshttp.Start(handler{reports: reports, now: time.Now}.routes(awshttp.Gate()))
}
