package permission

import (
	"encoding/json"
	"fmt"
	"strings"
)

// names returns the template's logical id of what a request calls a table or queue, "" for an
// unknown one.
type names func(name string) string

// need is a grant that a request needs: one on all rows of a table, or one on rows alone, whose
// resource is the grant's and their kind.
type need struct {
	Grant

	rows string
}

// narrowed returns the grant on the rows alone.
func (n need) narrowed() Grant { return Grant{n.Action, n.Resource + n.rows} }

// needs returns the grants that one request needs on AWS. target is the header X-Amz-Target:
// service, version and operation.
func needs(target string, body []byte, logicalID names) ([]need, error) {
	// What is neither service is refused: the functions have no business with it.
	service, operation, _ := strings.Cut(target, ".")
	var grants []need
	var err error
	switch {
	case strings.HasPrefix(service, "DynamoDB_"):
		grants, err = dynamodbNeeds(operation, body)
	case service == "AmazonSQS":
		grants, err = sqsNeeds(operation, body)
	default:
		err = fmt.Errorf("%q is not a request of DynamoDB or SQS", target)
	}
	if err != nil {
		return nil, err
	}
	// Requests name resources by their created names; grants are written by logical id.
	for i, n := range grants {
		name, index, ok := strings.Cut(n.Resource, "/index/")
		id := logicalID(name)
		if id == "" {
			return nil, fmt.Errorf("%s: %s is not of this template", operation, name)
		}
		grants[i].Resource = id + ".Arn"
		if ok {
			grants[i].Resource += "/index/" + index
		}
	}
	return grants, nil
}

// named is what of a DynamoDB request, or of an item in one, names what it is about.
type named struct {
	TableName, IndexName string
	Key, Item            map[string]struct{ S string }
}

// rows returns the kind of rows that the item is one of, by how its partition begins, "" where it
// names none.
func (n named) rows() string {
	kind, _, ofKind := strings.Cut(n.Key["pk"].S+n.Item["pk"].S, "#")
	if !ofKind {
		return ""
	}
	return "[" + kind + "#*]"
}

// dynamodbNeeds returns the grants of a DynamoDB request, by table name.
func dynamodbNeeds(operation string, body []byte) ([]need, error) {
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
	var grants []need
	add := func(action, resource string, on named) {
		grants = append(grants, need{Grant{action, resource}, on.rows()})
	}
	// A transaction and a batch name their tables inside; any other request names one table, or one
	// of its indexes.
	switch operation {
	case "TransactGetItems", "TransactWriteItems":
		for _, item := range request.TransactItems {
			for kind, on := range item {
				add(action[kind], on.TableName, on)
			}
		}
	case "BatchGetItem", "BatchWriteItem":
		for table := range request.RequestItems {
			add("dynamodb:"+operation, table, named{})
		}
	default:
		resource := request.TableName
		if request.IndexName != "" {
			resource += "/index/" + request.IndexName
		}
		add("dynamodb:"+operation, resource, request.named)
	}
	// A request without a table would pass every check, so it is refused.
	if len(grants) == 0 {
		return nil, fmt.Errorf("%s names nothing", operation)
	}
	return grants, nil
}

// sqsNeeds returns the grant of an SQS request: a batch needs what a single message needs.
func sqsNeeds(operation string, body []byte) ([]need, error) {
	var request struct{ QueueUrl, QueueName string }
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, err
	}
	name := request.QueueName
	if request.QueueUrl != "" {
		name = request.QueueUrl[strings.LastIndexByte(request.QueueUrl, '/')+1:]
	}
	return []need{{Grant: Grant{"sqs:" + strings.TrimSuffix(operation, "Batch"), name}}}, nil
}
