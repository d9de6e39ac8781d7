// Command decide-refund takes questions off the queue refund-requests, asks the published policy, and commits verdict and effect at once.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	go func() { _, _ = open() }() // parsed while the first event is on its way
	decider := refund.Decider{
		Store:   dynamo.Open(),
		Policy:  open,
		Notices: notices{sender.Open("NOTICES_QUEUE_URL")},
	}
	lambda.Start(handler{decider: decider, now: time.Now}.handle)
}

func open() (refund.Policy, error) { return policy.Open(os.Getenv("POLICY")) }

// notices puts verdicts that wait to be told on their queue.
type notices struct{ *sender.Sender }

func (n notices) Tell(ctx context.Context, decided message.RefundDecided) error {
	return n.Send(ctx, decided)
}
