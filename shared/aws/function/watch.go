package function

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"makegood/shared/aws/metric"
)

// The metrics of trouble, of all functions together: see infra/decisions/0051.
const (
	metricErrors = "FunctionErrors"  // an invocation, or a start, that ended in an error
	metricSlow   = "SlowInvocations" // an invocation that used nearly all its time
)

// slowTenths is the part of its time, in tenths, after which an invocation counts as slow. A
// function that stops its own work does so later.
const slowTenths = 9

// watched counts what goes wrong with the handler's invocations, and changes nothing of them.
type watched struct {
	handler lambda.Handler
	metrics metric.Counter
}

// Invoke implements lambda.Handler.
func (w watched) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	// Lambda ends a process at its time-out without a word, so a slow invocation is counted while
	// it still runs.
	if deadline, ok := ctx.Deadline(); ok {
		slow := time.AfterFunc(time.Until(deadline)*slowTenths/10, func() { metric.Add(ctx, w.metrics, time.Now(), metricSlow, 1) })
		defer slow.Stop()
	}
	// A handler that panics does not return, and its process ends after this.
	end := false
	defer func() {
		if !end || err != nil {
			metric.Add(ctx, w.metrics, time.Now(), metricErrors, 1)
		}
	}()
	answer, err = w.handler.Invoke(ctx, payload)
	end = true
	return answer, err
}

// whole are the metrics of all functions, on this one's output.
func whole() metric.Counter { return metric.OpenWhole(os.Stdout) }
