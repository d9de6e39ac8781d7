package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"makegood/infra/template"
)

const (
	region    = "us-east-1"
	accountID = "000000000000" // ElasticMQ's, and so the stack's
)

// credentials are worth nothing: DynamoDB and SQS take any here, S3 these.
func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: localKey, SecretAccessKey: localKey, Source: "makegood local"}, nil
}

// DynamoDB gives a client of a local DynamoDB; nothing of this machine's AWS configuration is read.
func DynamoDB(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url), Region: region, HTTPClient: plain, Credentials: aws.CredentialsProviderFunc(credentials),
	})
}

// SQS gives a client of a local SQS; nothing of this machine's AWS configuration is read.
func SQS(url string) *sqs.Client {
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(url), Region: region, HTTPClient: plain, Credentials: aws.CredentialsProviderFunc(credentials),
	})
}

// CreateTables creates the template's tables, each name with the prefix in front, and waits until
// they are active. It gives the names by logical id ("WalletsTable"). A table that exists already
// is an error.
func CreateTables(ctx context.Context, client *dynamodb.Client, t *template.Template, prefix string) (map[string]string, error) {
	return CreateTablesOf(ctx, client, t, template.Scope{}, prefix)
}

// CreateTablesOf is CreateTables for a stack with those parameters.
func CreateTablesOf(
	ctx context.Context, client *dynamodb.Client, t *template.Template, scope template.Scope, prefix string,
) (map[string]string, error) {
	tables, err := t.Tables(scope)
	if err != nil {
		return nil, err
	}
	return createTables(ctx, client, tables, prefix, createTable)
}

type creator func(context.Context, *dynamodb.Client, *dynamodb.CreateTableInput) error

func createTables(
	ctx context.Context, client *dynamodb.Client, tables []template.Table, prefix string, create creator,
) (map[string]string, error) {
	names := map[string]string{}
	for _, table := range tables {
		name := prefix + table.Name
		if err := create(ctx, client, tableInput(name, table)); err != nil {
			return nil, fmt.Errorf("creating table %s: %w", name, err)
		}
		names[table.LogicalID] = name
	}
	// DynamoDB Local answers at once, but a table is not usable before it is ACTIVE.
	for _, name := range names {
		waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 20 * time.Millisecond })
		if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, serviceReadyWithin); err != nil {
			return nil, fmt.Errorf("waiting for table %s: %w", name, err)
		}
	}
	return names, nil
}

func createTable(ctx context.Context, client *dynamodb.Client, in *dynamodb.CreateTableInput) error {
	_, err := client.CreateTable(ctx, in)
	return err
}

// keepTable creates a table, or keeps the one that an earlier stack left. One with other keys is an
// error: its rows would be read by keys that they were not written under. Its indexes are brought
// to the template's later.
func keepTable(ctx context.Context, client *dynamodb.Client, in *dynamodb.CreateTableInput) error {
	err := createTable(ctx, client, in)
	var exists *dynamodbtypes.ResourceInUseException
	if !errors.As(err, &exists) {
		return err
	}
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: in.TableName})
	if err != nil {
		return err
	}
	if want, got := keyShape(in.KeySchema), keyShape(out.Table.KeySchema); !slices.Equal(want, got) {
		return fmt.Errorf("an earlier stack left it with %q, the template has %q: choose another data folder", got, want)
	}
	return nil
}

func tableInput(name string, table template.Table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest, KeySchema: keySchema(table.Partition, table.Sort),
	}
	// DynamoDB refuses definitions of attributes that no key uses, so they are collected from the
	// keys.
	used := []template.Key{table.Partition, table.Sort}
	for _, index := range table.Indexes {
		used = append(used, index.Partition, index.Sort)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, dynamodbtypes.GlobalSecondaryIndex{
			IndexName: aws.String(index.Name), KeySchema: keySchema(index.Partition, index.Sort), Projection: projection(index),
		})
	}
	in.AttributeDefinitions = definitions(used...)
	return in
}

func projection(index template.Index) *dynamodbtypes.Projection {
	return &dynamodbtypes.Projection{ProjectionType: dynamodbtypes.ProjectionType(index.Projection), NonKeyAttributes: index.Include}
}

// definitions returns the type of each key's attribute, once.
func definitions(keys ...template.Key) []dynamodbtypes.AttributeDefinition {
	kinds := map[string]string{}
	for _, key := range keys {
		kinds[key.Name] = key.Kind
	}
	delete(kinds, "") // what has no sort key
	var all []dynamodbtypes.AttributeDefinition
	for attribute, kind := range kinds {
		all = append(all, dynamodbtypes.AttributeDefinition{
			AttributeName: aws.String(attribute), AttributeType: dynamodbtypes.ScalarAttributeType(kind),
		})
	}
	return all
}

func keySchema(partition, sort template.Key) []dynamodbtypes.KeySchemaElement {
	schema := []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String(partition.Name), KeyType: dynamodbtypes.KeyTypeHash}}
	if sort.Name != "" {
		schema = append(schema, dynamodbtypes.KeySchemaElement{AttributeName: aws.String(sort.Name), KeyType: dynamodbtypes.KeyTypeRange})
	}
	return schema
}

// CreateQueues creates the template's queues with visibility, retention, delay and redrive, each
// name with the prefix in front. It gives the URLs by logical id ("NoticesQueue").
func CreateQueues(ctx context.Context, client *sqs.Client, t *template.Template, prefix string) (map[string]string, error) {
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	urls, names := map[string]string{}, map[string]string{}
	for _, q := range queues { // dead-letter queues come first
		names[q.LogicalID] = prefix + q.Name
		// All four are written out: ElasticMQ's defaults differ from SQS's.
		attributes := map[string]string{
			string(sqstypes.QueueAttributeNameVisibilityTimeout):      seconds(q.Visibility),
			string(sqstypes.QueueAttributeNameMessageRetentionPeriod): seconds(q.Retention),
			string(sqstypes.QueueAttributeNameDelaySeconds):           seconds(q.Delay),
		}
		// The template lists dead-letter queues first, so the name is known here.
		if q.DeadLetter != "" {
			target, ok := names[q.DeadLetter]
			if !ok {
				return nil, fmt.Errorf("queue %s: its dead-letter queue %q is not in the template", q.LogicalID, q.DeadLetter)
			}
			policy, err := json.Marshal(map[string]string{"deadLetterTargetArn": queueARN(target), "maxReceiveCount": strconv.Itoa(q.MaxReceiveCount)})
			if err != nil {
				return nil, err
			}
			attributes[string(sqstypes.QueueAttributeNameRedrivePolicy)] = string(policy)
		}
		out, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(names[q.LogicalID]), Attributes: attributes})
		if err != nil {
			return nil, fmt.Errorf("creating queue %s: %w", q.Name, err)
		}
		urls[q.LogicalID] = aws.ToString(out.QueueUrl)
	}
	return urls, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

func queueARN(name string) string { return "arn:aws:sqs:" + region + ":" + accountID + ":" + name }

// queueName is the last step of a queue's URL.
func queueName(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// QueueDepth counts the messages of a queue, by logical id: waiting, and handed out but neither
// deleted nor returned.
func (s *Stack) QueueDepth(ctx context.Context, logicalID string) (visible, inFlight int, err error) {
	url, ok := s.QueueURLs[logicalID]
	if !ok {
		return 0, 0, fmt.Errorf("no queue %s", logicalID)
	}
	out, err := s.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{
		sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}})
	if err != nil {
		return 0, 0, err
	}
	visible, waitingErr := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
	inFlight, flightErr := strconv.Atoi(out.Attributes["ApproximateNumberOfMessagesNotVisible"])
	return visible, inFlight, errors.Join(waitingErr, flightErr)
}
