// Package account owns reaching the AWS side of one stack: which queues, tables and functions are
// its, and the clients that ask them.
//
// It refuses to know what an answer means, and which command asks. It makes nothing and deletes
// nothing.
//
// Invariants: names come from the stack's own outputs, or from an environment as its functions have
// it, never from a guess. Where one service answers at an address of its own, as on the local
// stack, no other service is asked at AWS: see Account.Reaches. No value of a secret is read.
//
// Words: as AWS has them. A reference is where a secret lies (ssm:/path, secretsmanager:name).
package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"makegood/shared/message"
)

// The variables that name a stack, and where its functions' logs lie on this machine.
const (
	EnvStack = "MAKEGOOD_STACK"
	EnvLogs  = "MAKEGOOD_LOGS"
)

// namespace begins the metrics' namespace, which names the stack.
const namespace = "Makegood/"

// Account is the AWS side of a stack.
type Account struct {
	// Stack is the stack's name, "" where the environment does not tell.
	Stack string
	// Queues are the queues' URLs by their names without a prefix; dead-letter queues are theirs to
	// name.
	Queues map[string]string
	// Tables are the tables' names by the variables that functions have: "WALLETS_TABLE".
	Tables map[string]string
	// Bucket is the name of the bucket that keeps pictures, "" where nothing names it.
	Bucket string
	// Functions are the deployed names, nil where CloudFormation was not asked.
	Functions []string

	// SQS, DynamoDB, Lambda, SSM, Secrets, Logs and S3 are the clients; see Reaches.
	SQS      *sqs.Client
	DynamoDB *dynamodb.Client
	Lambda   *lambda.Client
	SSM      *ssm.Client
	Secrets  *secretsmanager.Client
	Logs     *cloudwatchlogs.Client
	S3       *s3.Client

	formation *cloudformation.Client
	env       func(string) string
}

// Environment is what an operator is told of how a stack is reached.
const Environment = `The AWS side is reached by the AWS CLI's own settings (AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID…). --stack NAME, or MAKEGOOD_STACK, reads queues,
tables and functions from the stack's outputs; without one they are the variables that its functions have (REFUND_REQUESTS_QUEUE_URL, WALLETS_TABLE…),
which make run prints for the local stack.`

// Open returns the AWS side of the stack of that name; "" means that env names queues and tables.
func Open(ctx context.Context, stack string, env func(string) string) (*Account, error) {
	shared, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if shared.Region == "" {
		return nil, errors.New("no region: set AWS_REGION")
	}
	a := &Account{
		Stack: cmp.Or(stack, env(EnvStack)), Queues: map[string]string{}, Tables: map[string]string{}, env: env,
		SQS: sqs.NewFromConfig(shared), DynamoDB: dynamodb.NewFromConfig(shared), Lambda: lambda.NewFromConfig(shared), SSM: ssm.NewFromConfig(shared),
		Secrets: secretsmanager.NewFromConfig(shared), Logs: cloudwatchlogs.NewFromConfig(shared), formation: cloudformation.NewFromConfig(shared),
	}
	// A local S3 has no name for each bucket, only a path.
	a.S3 = s3.NewFromConfig(shared, func(o *s3.Options) { o.UsePathStyle = a.Local() })
	if a.Stack == "" {
		a.readEnvironment()
		return a, nil
	}
	// Whoever names a stack must not be shown another, nor move its messages.
	if !a.Reaches(CloudFormation) {
		return nil, fmt.Errorf("the stack %s cannot be read where AWS_ENDPOINT_URL_… leads to a local stack: unset those, or name no stack", a.Stack)
	}
	return a, a.readOutputs(ctx)
}

// readEnvironment takes the names that the environment has as a function's does.
func (a *Account) readEnvironment() {
	for _, queue := range Queues() {
		if url := a.env(message.QueueEnv(queue)); url != "" {
			a.Queues[queue] = url
		}
	}
	for _, variable := range Tables {
		if name := a.env(variable); name != "" {
			a.Tables[variable] = name
		}
	}
	a.Bucket = a.env(Bucket)
	if name, ok := strings.CutPrefix(a.env("METRICS_NAMESPACE"), namespace); ok && a.Stack == "" {
		a.Stack = name
	}
}

// Tables are the variables that name the tables.
var Tables = []string{"WALLETS_TABLE", "ENTRIES_TABLE", "PAYMENTS_TABLE", "GENERATIONS_TABLE", "CASES_TABLE", "OUTAGES_TABLE", "EVIDENCE_TABLE"}

// Bucket is the variable that names the bucket of pictures.
const Bucket = "EVIDENCE_BUCKET"

// Queues returns the names of all queues, in the order of the flow.
func Queues() []string {
	var names []string
	for _, route := range message.Routes {
		if !slices.Contains(names, route.Queue) {
			names = append(names, route.Queue)
		}
	}
	return names
}

// readOutputs takes the names from the stack's outputs, and its functions from its resources.
func (a *Account) readOutputs(ctx context.Context) error {
	out, err := a.formation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &a.Stack})
	if err != nil {
		return fmt.Errorf("the stack %s: %w", a.Stack, err)
	}
	if len(out.Stacks) == 0 {
		return fmt.Errorf("the stack %s is not there", a.Stack)
	}
	outputs := map[string]string{}
	for _, one := range out.Stacks[0].Outputs {
		outputs[aws.ToString(one.OutputKey)] = aws.ToString(one.OutputValue)
	}
	// An output is called as its resource is: RefundRequestsQueueUrl, WalletsTableName.
	for _, queue := range Queues() {
		if url := outputs[pascal(queue)+"QueueUrl"]; url != "" {
			a.Queues[queue] = url
		}
	}
	for _, variable := range Tables {
		noun, _, _ := strings.Cut(variable, "_")
		if name := outputs[pascal(strings.ToLower(noun))+"TableName"]; name != "" {
			a.Tables[variable] = name
		}
	}
	a.Bucket = outputs["EvidenceBucketName"]
	return a.readFunctions(ctx)
}

// readFunctions lists the stack's functions.
func (a *Account) readFunctions(ctx context.Context) error {
	a.Functions = []string{}
	pages := cloudformation.NewListStackResourcesPaginator(a.formation, &cloudformation.ListStackResourcesInput{StackName: &a.Stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("the resources of %s: %w", a.Stack, err)
		}
		for _, resource := range page.StackResourceSummaries {
			if aws.ToString(resource.ResourceType) == "AWS::Lambda::Function" {
				a.Functions = append(a.Functions, aws.ToString(resource.PhysicalResourceId))
			}
		}
	}
	slices.Sort(a.Functions)
	return nil
}

// pascal writes a name of words joined by hyphens as CloudFormation's ids are written.
func pascal(name string) string {
	var id strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		if word != "" {
			id.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return id.String()
}

// QueueURL returns the URL of a queue by its name; the error lists the names there are.
func (a *Account) QueueURL(name string) (string, error) {
	if url := a.Queues[name]; url != "" {
		return url, nil
	}
	if slices.Contains(Queues(), name) {
		return "", fmt.Errorf("the queue %s is not named: set %s, or --stack", name, message.QueueEnv(name))
	}
	return "", fmt.Errorf("there is no queue %q; there are %s", name, strings.Join(Queues(), ", "))
}
