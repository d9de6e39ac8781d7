// Command assess-result takes reports off the queue assessments, looks at their pictures where the
// decision waits for that, records what it saw, and asks for the decision. As it keeps the bucket,
// it also discards attachments that no case took.
package main

import (
	"os"
	"time"

	"makegood/shared/adjudication"
	"makegood/shared/assessment"
	"makegood/shared/attachment"
	"makegood/shared/aws/bedrock"
	"makegood/shared/aws/bucket"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/evidence/pixel"
	"makegood/shared/refund"
	"makegood/shared/remote"
)

// loopback is set by the local stack alone, and never by the template: pictures then lie on this
// machine, over plain http.
const loopback = "LOOPBACK_PICTURES"

func main() {
	store := dynamo.Open()
	pictures := function.Must(remote.New(remote.Lists{
		Hosts: os.Getenv("PICTURE_HOSTS"), Buckets: os.Getenv("PICTURE_BUCKETS"), Loopback: os.Getenv(loopback) == "true",
		Most: pixel.MaxBytes,
	}))
	shelf := bucket.New(os.Getenv("EVIDENCE_BUCKET"))
	assessor := assessment.Assessor{
		Decider:  refund.Decider{Store: store, Policy: settings.Policy(), Livemode: settings.Livemode()},
		Store:    store,
		Pictures: pictures,
		Shelf:    shelf,
		Requests: sender.OpenRequests(),
		// No model is asked by default.
		Adjudicator: adjudicator(store),
	}
	discarder := attachment.Discarder{Store: store, Objects: shelf}
	function.Start(handler{assessor: assessor, discarder: discarder, now: time.Now}.handle)
}

// adjudicator returns who asks the model that ADJUDICATOR_MODEL names, nil where it names none.
func adjudicator(budget adjudication.Budget) assessment.Adjudicator {
	model := os.Getenv("ADJUDICATOR_MODEL")
	if model == "" {
		return nil
	}
	return adjudication.Adjudicator{
		Model: bedrock.Open(model), Name: model, Budget: budget,
		Prices:        function.Must(adjudication.ParsePrices(os.Getenv("ADJUDICATOR_PRICES"))),
		MonthlyMicros: function.Must(adjudication.ParseDollars(os.Getenv("ADJUDICATOR_MONTHLY_BUDGET"))),
	}
}
