// Package function owns how a function starts, and what it works and logs under: what is wrong with
// it ends it before it takes an event.
//
// It refuses to know what the function does, and links no noun but correlation, so that none of a
// function's own choosing comes with it.
//
// Invariants: every line that is logged while an event is worked on has a correlation id. It is the
// invocation's, unless what came in brought its own.
package function

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/client"
	"makegood/shared/aws/metric"
	"makegood/shared/correlation"
)

// Must returns the value, or ends the process where there is an error. A message then stays on its
// queue, and who called over HTTP gets a 5xx, after which a provider sends its event again.
// Why: infra/decisions/0044.
func Must[T any](value T, err error) T {
	if err != nil {
		ctx := context.Background() // of no event: the function starts
		slog.New(lambdacontext.NewLogHandler()).ErrorContext(ctx, "not started", "error", err.Error())
		metric.Add(ctx, whole(), time.Now(), metricErrors, 1)
		os.Exit(1)
	}
	return value
}

// Start hands every event to the handler until the process ends; see lambda.Start for its form. It
// logs by the function's log settings. First it waits for what goes on while a function starts:
// secrets that are read, the connection that is opened. What goes wrong with an event is counted.
func Start(handler any) {
	slog.SetDefault(slog.New(correlation.Handler(lambdacontext.NewLogHandler())))
	client.AwaitStart(client.StartTime)
	lambda.Start(invocations{watched{lambda.NewHandler(handler), whole()}})
}

// invocations has each event worked on under the id of its invocation. HTTP and queues replace it
// by that of the request or the message; the sweep keeps it.
type invocations struct{ handler lambda.Handler }

// Invoke implements lambda.Handler.
func (i invocations) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		ctx = correlation.With(ctx, invocation.AwsRequestID)
	}
	answer, err := i.handler.Invoke(ctx, payload)
	// Lambda's own line of it has no id and no level.
	if err != nil {
		slog.ErrorContext(ctx, "an event could not be handled", "error", err.Error())
	}
	return answer, err
}
