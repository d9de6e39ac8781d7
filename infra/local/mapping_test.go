package local_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func send(t *testing.T, s *local.Stack, body string) {
	t.Helper()
	_, err := local.SQS(s.Endpoints.SQSURL).SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(s.QueueURLs["WorkQueue"]), MessageBody: &body,
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: aws.String("test")}},
	})
	require.NoError(t, err)
}

// written gives what the work function wrote under that name, "" as long as it has not.
func written(t *testing.T, s *local.Stack, name string) string {
	t.Helper()
	out, err := local.DynamoDB(s.Endpoints.DynamoDBURL).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(s.Tables["ItemsTable"]), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: name}},
	})
	require.NoError(t, err)
	record, _ := out.Item["record"].(*types.AttributeValueMemberS)
	if record == nil {
		return ""
	}
	return record.Value
}

func depth(t *testing.T, s *local.Stack, queue string) (waiting, inFlight int) {
	t.Helper()
	waiting, inFlight, err := s.QueueDepth(t.Context(), queue)
	require.NoError(t, err)
	return waiting, inFlight
}

func TestAMessageArrivesAsTheRealOneWould(t *testing.T) {
	s := another(t, "record-", nil)
	send(t, s, "a message")
	eventually(t, "the message at the function", func() bool { return written(t, s, "a message") != "" })
	text, err := os.ReadFile("testdata/lambda_events.json")
	require.NoError(t, err)
	var samples struct {
		SQS struct{ Records []map[string]any } `json:"sqs_go"`
	}
	require.NoError(t, json.Unmarshal(text, &samples))
	var raw map[string]any
	require.NoError(t, json.Unmarshal([]byte(written(t, s, "a message")), &raw))
	sameShape(t, "", samples.SQS.Records[0], raw, "Attribute1", "Attribute2", "Attribute3")

	var record events.SQSMessage
	require.NoError(t, json.Unmarshal([]byte(written(t, s, "a message")), &record))
	assert.Equal(t, "1", record.Attributes["ApproximateReceiveCount"])
	assert.Equal(t, "arn:aws:sqs:us-east-1:000000000000:record-work", record.EventSourceARN)
	assert.Equal(t, "test", *record.MessageAttributes["kind"].StringValue)
	eventually(t, "the message deleted", func() bool { w, f := depth(t, s, "WorkQueue"); return w+f == 0 })
}

func TestPoisonEndsInTheDeadLetterQueueAndHurtsNoNeighbour(t *testing.T) {
	s := another(t, "poison-", nil)
	for _, body := range []string{"one", "poison", "two", "three"} {
		send(t, s, body)
	}
	eventually(t, "poison in the dead-letter queue", func() bool { w, _ := depth(t, s, "WorkDeadLetterQueue"); return w == 1 })
	for _, body := range []string{"one", "two", "three"} {
		assert.NotEmpty(t, written(t, s, body))
	}
	assert.Empty(t, written(t, s, "poison"))
	waiting, inFlight := depth(t, s, "WorkQueue")
	assert.Zero(t, waiting+inFlight)
}

func TestABatchWhoseProcessEndsComesBack(t *testing.T) {
	s := another(t, "crash-", nil)
	send(t, s, "exit once")
	eventually(t, "the second delivery", func() bool { return written(t, s, "exit once") != "" })
	var record events.SQSMessage
	require.NoError(t, json.Unmarshal([]byte(written(t, s, "exit once")), &record))
	assert.Equal(t, "2", record.Attributes["ApproximateReceiveCount"])
}

func TestAScheduleRunsByHandAndAtItsPace(t *testing.T) {
	s := another(t, "hand-", nil)
	assert.Empty(t, written(t, s, "scheduled"))
	require.NoError(t, s.Trigger(t.Context(), "work"))
	assert.Contains(t, written(t, s, "scheduled"), `"detail-type":"Scheduled Event"`)
	assert.ErrorContains(t, s.Trigger(t.Context(), "echo"), "echo has no schedule")

	fast := another(t, "pace-", func(o *local.Options) { o.ManualSchedules, o.ScheduleEvery = false, 100*time.Millisecond })
	eventually(t, "a scheduled run", func() bool { return written(t, fast, "scheduled") != "" })
}
