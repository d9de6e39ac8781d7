package dynamo

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"makegood/shared/aws/metric"
)

// The metrics of DynamoDB's answers that mean trouble, each attempt counted: the SDK's own attempts
// would hide the first. AWS's metrics of the kind are by table, operation and index, or of the
// whole account. Why: infra/decisions/0051.
const (
	metricThrottles = "TableThrottles" // we asked for more than there is
	metricRefusals  = "TableRefusals"  // the call can never succeed: a permission, an index, an expression
	metricFailures  = "TableFailures"  // DynamoDB's own fault
)

// counting has a client count its trouble.
func counting(to metric.Counter) func(*middleware.Stack) error {
	count := func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if name := trouble(err); name != "" {
			slog.WarnContext(ctx, "DynamoDB did not take a call", "metric", name, "operation", middleware.GetOperationName(ctx), "error", err.Error())
			// A lost count must not fail the call: the line above has the same facts.
			metric.Add(ctx, to, time.Now(), name, 1)
		}
		return out, metadata, err
	}
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("CountTrouble", count), middleware.Before)
	}
}

// trouble names the metric of an answer, "" where all is well: a condition that failed and a
// conflict are how we work. What is no answer at all is not counted either, since it may be our own
// time that ran out.
func trouble(err error) string {
	var cancellation *types.TransactionCanceledException
	if errors.As(err, &cancellation) {
		return troubleOf(cancellation.CancellationReasons)
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	switch api.ErrorCode() {
	case "ConditionalCheckFailedException", "TransactionConflictException", "TransactionInProgressException":
		return ""
	case "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException":
		return metricThrottles
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError {
		return metricFailures
	}
	return metricRefusals
}

// troubleOf names the metric of a transaction by the reasons of its writes, the worst first.
func troubleOf(reasons []types.CancellationReason) string {
	worst := ""
	for _, reason := range reasons {
		code := reasonNone
		if reason.Code != nil {
			code = *reason.Code
		}
		switch code {
		case reasonNone, reasonCondition, reasonConflict:
		case reasonThroughput, reasonThrottling:
			worst = metricThrottles
		default: // ValidationError, ItemCollectionSizeLimitExceeded, or new to us
			return metricRefusals
		}
	}
	return worst
}
