// Command start-generation prices a generation and holds its credits, puts its result, which comes
// over HTTP, onto the queue generation-results, and records what was done with its outputs.
package main

import (
	"context"
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/generation"
	"makegood/shared/message"
)

func main() {
	store := dynamo.Open()
	awshttp.Start(handler{
		starter:  generation.Starter{Store: store, Catalog: settings.Policy()},
		store:    store,
		recorder: generation.Recorder{Store: store},
		results:  results{},
		now:      time.Now,
	}.routes(awshttp.Gate()))
}

// results puts results on their queue.
type results struct{ sender.Queues }

func (r results) Finish(ctx context.Context, m message.GenerationFinished) error {
	return r.Send(ctx, m)
}
