package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gateway "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	formation "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamo "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queue "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	parameter "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// account is the emulator's one account, as its root user sees it.
type account struct {
	formation *cloudformation.Client
	gateway   *apigatewayv2.Client
	lambda    *lambda.Client
	tables    *dynamodb.Client
	queues    *sqs.Client
	buckets   *s3.Client
	store     *ssm.Client
	logs      *cloudwatchlogs.Client
}

func openAccount(endpoint string, client *http.Client) *account {
	c := aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint), HTTPClient: client,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accountKey, SecretAccessKey: accountSecret}, nil
		}),
	}
	return &account{
		formation: cloudformation.NewFromConfig(c), gateway: apigatewayv2.NewFromConfig(c), lambda: lambda.NewFromConfig(c),
		tables: dynamodb.NewFromConfig(c), queues: sqs.NewFromConfig(c), store: ssm.NewFromConfig(c),
		logs: cloudwatchlogs.NewFromConfig(c), buckets: s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// keep puts a secret where a reference says (ssm:/name).
func (a *account) keep(ctx context.Context, reference, value string) error {
	name, ok := strings.CutPrefix(reference, "ssm:")
	if !ok {
		return fmt.Errorf("%s: a rehearsal keeps secrets in the parameter store alone", reference)
	}
	_, err := a.store.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(name), Value: aws.String(value), Type: parameter.ParameterTypeSecureString, Overwrite: aws.Bool(true),
	})
	return err
}

// resource is one of a stack's.
type resource struct{ id, physical, kind, status string }

// resources returns what the stack of that name or id is made of.
func (a *account) resources(ctx context.Context, stack string) ([]resource, error) {
	var all []resource
	pages := cloudformation.NewListStackResourcesPaginator(a.formation, &cloudformation.ListStackResourcesInput{StackName: aws.String(stack)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			all = append(all, resource{
				id: aws.ToString(r.LogicalResourceId), physical: aws.ToString(r.PhysicalResourceId), kind: aws.ToString(r.ResourceType),
				status: string(r.ResourceStatus),
			})
		}
	}
	return all, nil
}

// processed returns the template as SAM's transform left it.
func (a *account) processed(ctx context.Context) (string, error) {
	answer, err := a.formation.GetTemplate(ctx, &cloudformation.GetTemplateInput{
		StackName: aws.String(stackName), TemplateStage: formation.TemplateStageProcessed,
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(answer.TemplateBody), nil
}

// events counts what CloudFormation did to the stack so far.
func (a *account) events(ctx context.Context) (int, error) {
	count := 0
	pages := cloudformation.NewDescribeStackEventsPaginator(a.formation, &cloudformation.DescribeStackEventsInput{StackName: aws.String(stackName)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		count += len(page.StackEvents)
	}
	return count, nil
}

// stackID returns the stack's id, which names it after its end too.
func (a *account) stackID(ctx context.Context) (string, error) {
	answer, err := a.formation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(stackName)})
	if err != nil {
		return "", err
	}
	if len(answer.Stacks) != 1 {
		return "", fmt.Errorf("there are %d stacks called %s", len(answer.Stacks), stackName)
	}
	return aws.ToString(answer.Stacks[0].StackId), nil
}

// bridge makes the API's routes that are not there yet. Each is refused whose function does not let
// the API invoke it: the emulator does not ask.
func (a *account) bridge(ctx context.Context, api string, routes []route, physical map[string]string) error {
	present, err := a.gateway.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: aws.String(api)})
	if err != nil {
		return err
	}
	for _, r := range routes {
		function := physical[r.target]
		if function == "" {
			return fmt.Errorf("%s leads to %s, which the stack has not", r.key, r.target)
		}
		if err := a.invocable(ctx, api, r.key, function); err != nil {
			return err
		}
		if slices.ContainsFunc(present.Items, func(at gateway.Route) bool { return aws.ToString(at.RouteKey) == r.key }) {
			continue
		}
		if err := a.makeRoute(ctx, api, r, function); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) invocable(ctx context.Context, api, key, function string) error {
	policy, err := a.lambda.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: aws.String(function)})
	if err != nil {
		return fmt.Errorf("%s: the policy of %s: %w", key, function, err)
	}
	if ok, err := mayInvoke(aws.ToString(policy.Policy), api, key); err != nil || !ok {
		return fmt.Errorf("%s: %s does not let the API invoke it (%w)", key, function, err)
	}
	return nil
}

func (a *account) makeRoute(ctx context.Context, api string, r route, function string) error {
	made, err := a.gateway.CreateIntegration(ctx, &apigatewayv2.CreateIntegrationInput{
		ApiId: aws.String(api), IntegrationType: gateway.IntegrationTypeAwsProxy, IntegrationUri: aws.String(function),
		PayloadFormatVersion: aws.String(r.payload),
	})
	if err != nil {
		return err
	}
	_, err = a.gateway.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{
		ApiId: aws.String(api), RouteKey: aws.String(r.key), Target: aws.String("integrations/" + aws.ToString(made.IntegrationId)),
	})
	return err
}

// rows counts a table's rows.
func (a *account) rows(ctx context.Context, table string) (int, error) {
	count := 0
	pages := dynamodb.NewScanPaginator(a.tables, &dynamodb.ScanInput{TableName: aws.String(table), Select: dynamo.SelectCount, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		count += int(page.Count)
	}
	return count, nil
}

// objects counts what is in a bucket, up to a thousand.
func (a *account) objects(ctx context.Context, bucket string) (int, error) {
	page, err := a.buckets.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		return 0, err
	}
	return len(page.Contents), nil
}

// depth returns how many messages of a queue wait, and how many are being worked on or come back.
func (a *account) depth(ctx context.Context, url string) (waiting, inFlight string, err error) {
	answer, err := a.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: []queue.QueueAttributeName{
		queue.QueueAttributeNameApproximateNumberOfMessages, queue.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}})
	if err != nil {
		return "", "", err
	}
	return answer.Attributes["ApproximateNumberOfMessages"], answer.Attributes["ApproximateNumberOfMessagesNotVisible"], nil
}

// send puts a message on a queue.
func (a *account) send(ctx context.Context, url, body string) error {
	_, err := a.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(url), MessageBody: aws.String(body)})
	return err
}
