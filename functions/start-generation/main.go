// Command start-generation prices a generation and holds its credits, puts its result, which comes
// over HTTP, onto the queue generation-results, and records what was done with its outputs.
package main

import (
	"context"
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/policy"
)

func main() {
	go func() { _, _ = openPolicy() }() // parsed while the first event is on its way
	store := dynamo.Open()
	awshttp.Start(handler{
		starter:  generation.Starter{Store: store, Catalog: catalog{}},
		store:    store,
		recorder: generation.Recorder{Store: store},
		results:  results{},
		now:      time.Now,
	}.routes(awshttp.Gate()))
}

func openPolicy() (*policy.Policy, error) { return policy.Open(os.Getenv("POLICY")) }

// catalog is the stack's policy as generations see it.
type catalog struct{}

// Feature implements generation.Catalog.
func (catalog) Feature(name string, at time.Time) (generation.Feature, bool, error) {
	p, err := openPolicy()
	if err != nil {
		return generation.Feature{}, false, err
	}
	feature, ok := p.At(at).Feature(name)
	return feature.Feature, ok, nil
}

// results puts results on their queue.
type results struct{ sender.Queues }

func (r results) Finish(ctx context.Context, m message.GenerationFinished) error {
	return r.Send(ctx, m)
}
