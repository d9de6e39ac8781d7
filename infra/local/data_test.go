package local_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// kept starts a stack whose state lies in the folder.
func kept(t *testing.T, folder string, change func(*local.Options)) (*local.Stack, error) {
	t.Helper()
	o := options()
	o.Data = folder
	if change != nil {
		change(&o)
	}
	s, err := local.Start(t.Context(), o)
	if err == nil {
		t.Cleanup(s.Stop)
	}
	return s, err
}

func TestAStackWithADataFolderGoesOnWhereTheLastOneEnded(t *testing.T) {
	folder := t.TempDir()
	first, err := kept(t, folder, nil)
	require.NoError(t, err)
	table, row := first.Tables["ItemsTable"], map[string]dynamodbtypes.AttributeValue{"pk": &dynamodbtypes.AttributeValueMemberS{Value: "alice"}}
	_, err = local.DynamoDB(first.Endpoints.DynamoDBURL).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row})
	require.NoError(t, err)
	_, err = local.SQS(first.Endpoints.SQSURL).SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(first.QueueURLs["WorkDeadLetterQueue"]), MessageBody: aws.String("still here"),
	})
	require.NoError(t, err)
	object, things := aws.String("a/b"), aws.String(first.Buckets["KeptThingsBucket"])
	_, err = local.S3(first.S3URL()).PutObject(t.Context(), &s3.PutObjectInput{Bucket: things, Key: object, Body: strings.NewReader("still here")})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, sold(t, first, "pi_kept", ""))
	_, err = first.Provider.DashboardRefund("pi_kept", 200)
	require.NoError(t, err)
	first.Stop()

	second, err := kept(t, folder, nil)
	require.NoError(t, err)
	found, err := local.DynamoDB(second.Endpoints.DynamoDBURL).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: row})
	require.NoError(t, err)
	assert.Len(t, found.Item, 1)
	received, err := local.SQS(second.Endpoints.SQSURL).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(second.QueueURLs["WorkDeadLetterQueue"]),
	})
	require.NoError(t, err)
	require.Len(t, received.Messages, 1)
	assert.Equal(t, "still here", aws.ToString(received.Messages[0].Body))
	thing, err := local.S3(second.S3URL()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: things, Key: object})
	require.NoError(t, err)
	require.NoError(t, thing.Body.Close())
	assert.EqualValues(t, len("still here"), aws.ToInt64(thing.ContentLength))
	payment, ok := second.Provider.Payment("pi_kept")
	assert.True(t, ok)
	assert.EqualValues(t, 500, payment.Paid)
	assert.EqualValues(t, 200, payment.Refunded)
	second.Stop()

	text, err := os.ReadFile("testdata/template.yaml")
	require.NoError(t, err)
	changed := filepath.Join(t.TempDir(), "template.yaml")
	require.NoError(t, os.WriteFile(changed, []byte(strings.ReplaceAll(string(text), "dueAt", "soonest")), 0o600))
	_, err = kept(t, folder, func(o *local.Options) { o.Template = changed })
	assert.ErrorContains(t, err, "choose another data folder")
}
