package dynamo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"makegood/shared/fault"
)

func TestTheReasonsOfACancellationAreToldApart(t *testing.T) {
	for _, c := range []struct {
		codes []string
		want  fault.Kind
	}{
		{[]string{"None", "ConditionalCheckFailed"}, fault.KindStale},
		{[]string{"TransactionConflict", "None"}, fault.KindBusy},
		{[]string{"ConditionalCheckFailed", "TransactionConflict"}, fault.KindBusy}, // not "too few credits"
		{[]string{"ThrottlingError"}, fault.KindBusy},
		{[]string{"ProvisionedThroughputExceeded", "ConditionalCheckFailed"}, fault.KindBusy},
		{[]string{"ConditionalCheckFailed", "ValidationError"}, fault.KindInternal},
		{[]string{"ItemCollectionSizeLimitExceeded"}, fault.KindInternal},
		{[]string{"SomethingNew"}, fault.KindInternal},
		{[]string{"None"}, fault.KindInternal},
		{nil, fault.KindInternal},
	} {
		var reasons []types.CancellationReason
		for _, code := range c.codes {
			reasons = append(reasons, types.CancellationReason{Code: aws.String(code)})
		}
		err := fmt.Errorf("operation error: %w", &types.TransactionCanceledException{CancellationReasons: reasons})
		assert.Equal(t, c.want, fault.KindOf(classify(err)), "%v", c.codes)
	}
}

func TestWhatMayPassIsBusyAndWhatCannotIsInternal(t *testing.T) {
	for _, c := range []struct {
		err  error
		want fault.Kind
	}{
		{&types.ConditionalCheckFailedException{}, fault.KindStale},
		{&types.TransactionConflictException{}, fault.KindBusy},
		{&types.TransactionInProgressException{}, fault.KindBusy},
		{&types.ProvisionedThroughputExceededException{}, fault.KindBusy},
		{&types.RequestLimitExceeded{}, fault.KindBusy},
		{&types.ThrottlingException{}, fault.KindBusy},
		{&types.InternalServerError{}, fault.KindBusy},
		{&types.IdempotentParameterMismatchException{}, fault.KindInternal},
		{&types.ResourceNotFoundException{}, fault.KindInternal},
		{&smithy.GenericAPIError{Code: "ValidationException", Fault: smithy.FaultClient}, fault.KindInternal},
		{&smithy.GenericAPIError{Code: "ThrottlingException", Fault: smithy.FaultClient}, fault.KindBusy},
		{&smithy.GenericAPIError{Code: "ServiceUnavailable", Fault: smithy.FaultServer}, fault.KindBusy},
		{&smithy.SerializationError{Err: errors.New("x")}, fault.KindInternal},
		{smithy.InvalidParamsError{}, fault.KindInternal},
		{context.DeadlineExceeded, fault.KindBusy},
		{errors.New("connection reset by peer"), fault.KindBusy},
	} {
		assert.Equal(t, c.want, fault.KindOf(classify(fmt.Errorf("operation error: %w", c.err))), "%v", c.err)
	}
	assert.NoError(t, classify(nil))
}

// TestAServicesFaultThatTheSDKDoesNotModelIsBusy asks a service that answers as DynamoDB does when
// it fails for a reason of its own.
func TestAServicesFaultThatTheSDKDoesNotModelIsBusy(t *testing.T) {
	for code, want := range map[string]struct {
		status int
		kind   fault.Kind
	}{
		"InternalFailure": {500, fault.KindBusy}, "ServiceUnavailable": {503, fault.KindBusy}, "ValidationException": {400, fault.KindInternal},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-amz-json-1.0")
			w.WriteHeader(want.status)
			_, _ = io.WriteString(w, `{"__type":"com.amazon.coral.service#`+code+`","message":"no"}`)
		}))
		t.Cleanup(server.Close)
		store := New(dynamodb.New(dynamodb.Options{
			BaseEndpoint: aws.String(server.URL), Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
		}), Tables{Outages: "outages"})
		_, err := store.api.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("outages"), Item: item{attrPK: text("x")}})
		assert.Equal(t, want.kind, fault.KindOf(classify(err)), code)
	}
}
