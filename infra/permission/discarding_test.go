package permission_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// leaves has the customer upload a picture that no case takes: after its day it is gone.
func (c *caller) leaves(customer string) {
	c.t.Helper()
	id := c.attaches(local.AppKey, customer, "image/png", "\x89PNG\r\n\x1a\n and so on")
	client, name := local.DynamoDB(c.stack.Endpoints.DynamoDBURL), aws.String(c.stack.Tables["CasesTable"])
	key := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "attachments#" + strings.TrimPrefix(id, "att_")[:20]}, "sk": &types.AttributeValueMemberS{Value: id},
	}
	past := &types.AttributeValueMemberN{Value: "1"}
	_, err := client.UpdateItem(c.t.Context(), &dynamodb.UpdateItemInput{
		TableName: name, Key: key, ConditionExpression: aws.String("attribute_exists(pk)"), UpdateExpression: aws.String("SET dueAt = :past, #until = :past, todo.discard = :past"),
		ExpressionAttributeNames: map[string]string{"#until": "until"}, ExpressionAttributeValues: map[string]types.AttributeValue{":past": past},
	})
	require.NoError(c.t, err)
	c.sweeps()
	require.Eventually(c.t, func() bool {
		row, err := client.GetItem(c.t.Context(), &dynamodb.GetItemInput{TableName: name, Key: key, ConsistentRead: aws.Bool(true)})
		return err == nil && len(row.Item) == 0
	}, settlesWithin, 100*time.Millisecond, "%s is there", id)
}
