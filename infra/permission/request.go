package permission

import (
	"encoding/json"
	"fmt"
	"strings"
)

// names turns what a request calls a table or queue into the template's logical id; "" for a stranger.
type names func(name string) string

// needs gives the grants that one request needs on AWS. target is the header X-Amz-Target: service, version and operation.
func needs(target string, body []byte, logicalID names) ([]Grant, error) {
	service, operation, _ := strings.Cut(target, ".")
	var needed []Grant
	var err error
	switch {
	case strings.HasPrefix(service, "DynamoDB_"):
		needed, err = dynamodbNeeds(operation, body)
	case service == "AmazonSQS":
		needed, err = sqsNeeds(operation, body)
	default:
		err = fmt.Errorf("%q is not a request of DynamoDB or SQS", target)
	}
	if err != nil {
		return nil, err
	}
	for i, n := range needed {
		name, index, indexed := strings.Cut(n.Resource, "/index/")
		id := logicalID(name)
		if id == "" {
			return nil, fmt.Errorf("%s: %s is not of this template", operation, name)
		}
		needed[i].Resource = id + ".Arn"
		if indexed {
			needed[i].Resource += "/index/" + index
		}
	}
	return needed, nil
}

func dynamodbNeeds(operation string, body []byte) ([]Grant, error) {
	type named struct{ TableName, IndexName string }
	var request struct {
		named
		RequestItems  map[string]json.RawMessage
		TransactItems []map[string]named
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, err
	}
	// A transaction needs what its items would need alone.
	action := map[string]string{
		"Get": "dynamodb:GetItem", "Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem",
		"ConditionCheck": "dynamodb:ConditionCheckItem",
	}
	var needed []Grant
	switch operation {
	case "TransactGetItems", "TransactWriteItems":
		for _, item := range request.TransactItems {
			for kind, on := range item {
				needed = append(needed, Grant{action[kind], on.TableName})
			}
		}
	case "BatchGetItem", "BatchWriteItem":
		for table := range request.RequestItems {
			needed = append(needed, Grant{"dynamodb:" + operation, table})
		}
	default:
		resource := request.TableName
		if request.IndexName != "" {
			resource += "/index/" + request.IndexName
		}
		needed = append(needed, Grant{"dynamodb:" + operation, resource})
	}
	if len(needed) == 0 {
		return nil, fmt.Errorf("%s names nothing", operation)
	}
	return needed, nil
}

func sqsNeeds(operation string, body []byte) ([]Grant, error) {
	var request struct{ QueueUrl, QueueName string }
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, err
	}
	name := request.QueueName
	if request.QueueUrl != "" {
		name = request.QueueUrl[strings.LastIndexByte(request.QueueUrl, '/')+1:]
	}
	return []Grant{{"sqs:" + strings.TrimSuffix(operation, "Batch"), name}}, nil
}
