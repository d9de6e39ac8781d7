// Command report-bad-result takes a report that an output is no good: it opens a case and asks for
// a look at its pictures, which comes before the decision.
package main

import (
	"os"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/refund"
)

func main() {
	store := dynamo.Open()
	reports := refund.Reporter{
		Store: store, Assessments: sender.OpenAssessments(),
		Attachments: attachment.Taker{Store: store, Uploads: link.New(os.Getenv("EVIDENCE_BUCKET"))},
	}
	awshttp.Start(handler{reports: reports, now: time.Now}.routes(awshttp.CountingGate(store)))
}
