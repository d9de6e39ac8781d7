// Package function owns how a function starts: what is wrong with it ends it before it takes an
// event.
//
// It refuses to know what the function does, and links no noun, so that none of a function's own
// choosing comes with it.
package function

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/client"
)

// Must returns the value, or ends the process where there is an error. A message then stays on its
// queue, and who called over HTTP gets a 5xx, after which a provider sends its event again.
// Why: infra/decisions/0044.
func Must[T any](value T, err error) T {
	if err != nil {
		lambdacontext.NewLogger().Error("not started", "error", err.Error())
		count(context.Background(), whole(), metricErrors)
		os.Exit(1)
	}
	return value
}

// Start hands every event to the handler until the process ends; see lambda.Start for its form. It
// logs by the function's log settings. First it waits for what goes on while a function starts:
// secrets that are read, the connection that is opened. What goes wrong with an event is counted.
func Start(handler any) {
	slog.SetDefault(lambdacontext.NewLogger())
	client.AwaitStart(client.StartTime)
	lambda.Start(watched{lambda.NewHandler(handler), whole()})
}
