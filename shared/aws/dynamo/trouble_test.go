package dynamo

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"

	"makegood/shared/aws/client"
)

// tally is what was counted.
type tally map[string]int

func (t tally) Count(_ time.Time, counts map[string]int) error {
	for name, n := range counts {
		t[name] += n
	}
	return nil
}

var oneWrite = &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
	{Put: &types.Put{TableName: aws.String("outages"), Item: item{attrPK: text("x")}}},
}}

// TestEachAnswerThatMeansTroubleIsCounted asks a service that always gives the same answer.
// Attempts are counted, not calls: the SDK's own attempts would hide that the table is busy.
func TestEachAnswerThatMeansTroubleIsCounted(t *testing.T) {
	cancelled := func(codes string) string {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[` + codes + `]}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   tally
	}{
		"taken":                      {200, `{}`, tally{}},
		"a condition":                {400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`, tally{}},
		"conditions of several":      {400, cancelled(`{"Code":"None"},{"Code":"ConditionalCheckFailed"}`), tally{}},
		"a conflict":                 {400, cancelled(`{"Code":"TransactionConflict"}`), tally{}},
		"a conflict outside":         {400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}`, tally{}},
		"a throttled write":          {400, cancelled(`{"Code":"ConditionalCheckFailed"},{"Code":"ThrottlingError"}`), tally{"TableThrottles": 1}},
		"a wrong write":              {400, cancelled(`{"Code":"ThrottlingError"},{"Code":"ValidationError"}`), tally{"TableRefusals": 1}},
		"a throttled table":          {400, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}`, tally{"TableThrottles": 3}},
		"a throttled account":        {400, `{"__type":"com.amazonaws.dynamodb.v20120810#RequestLimitExceeded"}`, tally{"TableThrottles": 3}},
		"an index that is not there": {400, `{"__type":"com.amazon.coral.validate#ValidationException"}`, tally{"TableRefusals": 1}},
		"a grant that is not there":  {400, `{"__type":"com.amazon.coral.service#AccessDeniedException"}`, tally{"TableRefusals": 1}},
		"its own fault":              {500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}`, tally{"TableFailures": 3}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer server.Close()
			all := tally{}
			api := dynamodb.New(dynamodb.Options{
				BaseEndpoint: aws.String(server.URL), Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, Retryer: client.Base().Retryer,
				APIOptions: []func(*middleware.Stack) error{counting(all)},
			})
			_, err := api.TransactWriteItems(t.Context(), oneWrite)
			assert.Equal(t, c.status != http.StatusOK, err != nil)
			assert.Equal(t, c.want, all)
		})
	}
}

func TestNoAnswerIsNoTroubleOfTheTables(t *testing.T) {
	all := tally{}
	api := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String("http://127.0.0.1:1"), Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
		APIOptions: []func(*middleware.Stack) error{counting(all)},
	})
	_, err := api.TransactWriteItems(t.Context(), oneWrite)
	assert.Error(t, err)
	assert.Empty(t, all)
}
