// Command work writes each message's body to the items table and fails those whose body begins with
// "poison". "exit once NAME" ends the process the first time it is seen. A scheduled event is
// written as an item too.
package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type handler struct{ db *dynamodb.Client }

func (h handler) handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var batch events.SQSEvent
	if err := json.Unmarshal(raw, &batch); err != nil {
		return nil, err
	}
	if len(batch.Records) == 0 {
		return nil, h.put(ctx, "scheduled", string(raw))
	}
	response := events.SQSEventResponse{}
	for _, r := range batch.Records {
		if strings.HasPrefix(r.Body, "poison") {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
			continue
		}
		if strings.HasPrefix(r.Body, "exit once") && r.Attributes["ApproximateReceiveCount"] == "1" {
			os.Exit(3)
		}
		record, err := json.Marshal(r)
		if err == nil {
			err = h.put(ctx, r.Body, string(record))
		}
		if err != nil {
			return nil, err
		}
	}
	return response, nil
}

func (h handler) put(ctx context.Context, pk, value string) error {
	_, err := h.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(os.Getenv("ITEMS_TABLE")), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "record": &types.AttributeValueMemberS{Value: value},
	}})
	return err
}

func main() {
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
	})
	lambda.Start(handler{dynamodb.New(dynamodb.Options{
		Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")), Credentials: credentials,
	})}.handle)
}
