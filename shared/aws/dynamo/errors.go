package dynamo

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"makegood/shared/fault"
)

// The codes of a cancellation reason, as the API reference of TransactWriteItems lists them.
const (
	reasonNone       = "None"
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonThroughput = "ProvisionedThroughputExceeded"
	reasonThrottling = "ThrottlingError"
)

// classify turns an error of the SDK into a fault: stale (a condition failed), busy (a conflict, a
// throttle, an outcome that we do not know), internal (a call that can never succeed). A conflict
// beside a failed condition reads as busy: the condition was evaluated against an item that another
// transaction was changing.
func classify(err error) error {
	if err == nil {
		return nil
	}
	var cancellation *types.TransactionCanceledException
	if errors.As(err, &cancellation) {
		return classifyReasons(cancellation.CancellationReasons, err)
	}
	var condition *types.ConditionalCheckFailedException
	if errors.As(err, &condition) {
		return fault.Stale(err)
	}
	if passing(err) {
		return fault.Busy(err)
	}
	return err
}

func classifyReasons(reasons []types.CancellationReason, err error) error {
	var busy, stale bool
	for _, reason := range reasons {
		code := reasonNone
		if reason.Code != nil {
			code = *reason.Code
		}
		// Each write has its own reason. One that cannot succeed makes the whole call hopeless.
		switch code {
		case reasonNone:
		case reasonCondition:
			stale = true
		case reasonConflict, reasonThroughput, reasonThrottling:
			busy = true
		default: // ValidationError, ItemCollectionSizeLimitExceeded, or new to us: trying again cannot help
			return err
		}
	}
	// Busy goes before stale: see classify.
	switch {
	case busy:
		return fault.Busy(err)
	case stale:
		return fault.Stale(err)
	}
	return err
}

// passing reports whether the same call may succeed later. What is no answer of the service at all
// (a timeout, a cut connection) is passing too: its outcome is unknown, and our conditions make a
// repeat harmless.
func passing(err error) bool {
	var conflict *types.TransactionConflictException
	var progress *types.TransactionInProgressException
	var throughput *types.ProvisionedThroughputExceededException
	var limit *types.RequestLimitExceeded
	var throttle *types.ThrottlingException
	var server *types.InternalServerError
	// These the service names itself: it was busy, or another transaction was.
	switch {
	case errors.As(err, &conflict), errors.As(err, &progress), errors.As(err, &throughput),
		errors.As(err, &limit), errors.As(err, &throttle), errors.As(err, &server):
		return true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return true
	}
	// A call that the SDK could not even build fails in the same way each time.
	var params smithy.InvalidParamsError
	var unsent *smithy.SerializationError
	if errors.As(err, &params) || errors.As(err, &unsent) {
		return false // it never left: the call itself is wrong
	}
	// Of the errors that are new to us, the service's own faults pass; a fault of ours does not.
	// The SDK knows whose fault it is only of those that it models; the status tells of the others.
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorFault() == smithy.FaultServer || api.ErrorCode() == "ThrottlingException"
	}
	return true
}
