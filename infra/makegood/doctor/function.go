package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"makegood/infra/makegood/account"
	"makegood/infra/makegood/redrive"
	"makegood/shared/policy"
)

// environments are the variables of each function, by its deployed name.
type environments map[string]map[string]string

// errNoFunctions means that functions cannot be asked for from here.
var errNoFunctions = errors.New("needs --stack and Lambda's API, which the local stack has not")

// once reads the functions' environments when they are first asked for.
func (b Back) once() func(ctx context.Context) (environments, error) {
	var read sync.Once
	var all environments
	var err error
	return func(ctx context.Context) (environments, error) {
		read.Do(func() { all, err = b.environments(ctx) })
		return all, err
	}
}

func (b Back) environments(ctx context.Context) (environments, error) {
	if b.Account.Functions == nil || !b.Account.Reaches(account.Lambda) {
		return nil, errNoFunctions
	}
	all := environments{}
	for _, name := range b.Account.Functions {
		out, err := b.Account.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			return nil, fmt.Errorf("the function %s: %w", name, err)
		}
		all[name] = map[string]string{}
		if out.Environment != nil {
			all[name] = out.Environment.Variables
		}
	}
	return all, nil
}

// functions looks whether what the functions' environments name is there.
func (b Back) functions(ctx context.Context, read func(context.Context) (environments, error)) ([]Line, error) {
	all, err := read(ctx)
	if errors.Is(err, errNoFunctions) {
		return []Line{unknown("functions", "", "%s", err)}, nil
	}
	if err != nil {
		return nil, err
	}
	var lines []Line
	names, answers := 0, map[string]string{} // one question for a name that many functions have
	for _, function := range sorted(all) {
		for _, variable := range sorted(all[function]) {
			value := all[function][variable]
			ask := b.question(variable, value)
			if ask == nil {
				continue
			}
			names++
			key := variable + "=" + value
			if _, ready := answers[key]; !ready {
				if answers[key], err = ask(ctx); err != nil {
					return lines, fmt.Errorf("%s of %s: %w", variable, function, err)
				}
			}
			if fault := answers[key]; fault != "" {
				lines = append(lines, wrong("functions", "make deploy", "%s: %s is %q, %s", function, variable, printable(value), fault))
			}
		}
	}
	if len(lines) == 0 {
		lines = append(lines, ok("functions", "%s name %d things, and each is there", several(len(all), "function"), names))
	}
	return lines, nil
}

// printable returns a variable's value without what is no reference beside one: somebody may have
// put a bare secret there.
func printable(value string) string {
	if all := references(value); len(all) > 0 {
		return strings.Join(all, ",")
	}
	return value
}

// question returns how to ask whether a variable's value names what is there: the answer is what is
// wrong with it, "" for nothing. nil: the variable names nothing.
func (b Back) question(variable, value string) func(ctx context.Context) (fault string, err error) {
	switch {
	case strings.HasSuffix(variable, "_TABLE"):
		return func(ctx context.Context) (string, error) { return b.noTable(ctx, value) }
	case strings.HasSuffix(variable, "_QUEUE_URL"):
		return func(ctx context.Context) (string, error) { return b.noQueue(ctx, value) }
	case variable == account.Bucket:
		return func(context.Context) (string, error) {
			if value != b.Account.Bucket {
				return "which is not the stack's bucket", nil
			}
			return "", nil
		}
	case variable == "POLICY":
		return func(context.Context) (string, error) {
			if _, err := policy.Open(value); err != nil {
				return "which is no policy of this build", nil //nolint:nilerr // the answer
			}
			return "", nil
		}
	case len(references(value)) > 0:
		return func(ctx context.Context) (string, error) {
			for _, reference := range references(value) {
				if _, fault, err := b.changed(ctx, reference); fault != "" || err != nil {
					return fault, err
				}
			}
			return "", nil
		}
	}
	return nil
}

func (b Back) noTable(ctx context.Context, name string) (fault string, err error) {
	if name == "" {
		return "no table", nil
	}
	_, err = b.Account.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if gone := new(dynamodbtypes.ResourceNotFoundException); errors.As(err, &gone) {
		return "which is no table", nil
	}
	return "", err
}

func (b Back) noQueue(ctx context.Context, url string) (fault string, err error) {
	if url == "" {
		return "no queue", nil
	}
	_, err = b.Account.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})
	if gone := new(sqstypes.QueueDoesNotExist); errors.As(err, &gone) {
		return "which is no queue", nil
	}
	return "", err
}

// changed returns when a secret was last given a value, or why it has none. It never reads the
// value.
func (b Back) changed(ctx context.Context, reference string) (at time.Time, fault string, err error) {
	store, name := secretName(reference)
	if store == "secretsmanager" {
		out, err := b.Account.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
		if gone := new(secretstypes.ResourceNotFoundException); errors.As(err, &gone) {
			return time.Time{}, "which is no secret", nil
		}
		if err != nil {
			return time.Time{}, "", err
		}
		return aws.ToTime(out.LastChangedDate), "", nil
	}
	out, err := b.Account.SSM.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{
		{Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name}},
	}})
	if err != nil {
		return time.Time{}, "", err
	}
	for _, parameter := range out.Parameters {
		if aws.ToString(parameter.Name) == name {
			return aws.ToTime(parameter.LastModifiedDate), "", nil
		}
	}
	return time.Time{}, "which is no parameter", nil
}

// consumers looks whether each queue is still polled for its function.
func (b Back) consumers(ctx context.Context) ([]Line, error) {
	if !b.Account.Reaches(account.Lambda) || b.Account.Stack == "" {
		return []Line{unknown("consumers", "", "%s", errNoFunctions)}, nil
	}
	var lines []Line
	for _, queue := range account.Queues() {
		function := b.deployed(redrive.ConsumerOf(queue))
		out, err := b.Account.Lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: &function})
		if err != nil {
			return lines, fmt.Errorf("who takes messages off %s: %w", queue, err)
		}
		if len(out.EventSourceMappings) == 0 {
			lines = append(lines, wrong("consumers", "make deploy", "nobody takes messages off %s for %s", queue, function))
		}
		for _, mapping := range out.EventSourceMappings {
			if state := aws.ToString(mapping.State); state != "Enabled" && state != "Enabling" {
				lines = append(lines, wrong("consumers", "aws lambda update-event-source-mapping --enabled --uuid "+aws.ToString(mapping.UUID),
					"%s takes nothing off %s: %s", function, queue, state))
			}
		}
	}
	if len(lines) == 0 {
		lines = append(lines, ok("consumers", "%s polled", several(len(account.Queues()), "queue")))
	}
	return lines, nil
}

// secrets looks how old the functions' secrets are.
func (b Back) secrets(ctx context.Context, read func(context.Context) (environments, error)) ([]Line, error) {
	all, err := read(ctx)
	if errors.Is(err, errNoFunctions) {
		return []Line{unknown("secrets", "", "%s", err)}, nil
	}
	if err != nil {
		return nil, err
	}
	var named []string
	for _, variables := range all {
		for _, value := range variables {
			named = append(named, references(value)...)
		}
	}
	var lines []Line
	oldest := b.Now
	for _, reference := range unique(named) {
		at, fault, err := b.changed(ctx, reference)
		if err != nil {
			return lines, err
		}
		if fault != "" { // the functions' line says so
			continue
		}
		if oldest.After(at) {
			oldest = at
		}
		if b.Now.Sub(at) > b.SecretsMost {
			lines = append(lines, wrong("secrets", "see infra/operate/secrets.md", "%s has had its value since %s", reference, at.UTC().Format(time.DateOnly)))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, ok("secrets", "%s, the oldest since %s", several(len(unique(named)), "secret"), oldest.UTC().Format(time.DateOnly)))
	}
	return lines, nil
}
