package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"makegood/infra/template"
)

const (
	deliveryWithin = 60 * time.Second
	answerWithin   = 3 * time.Second // what a function gets to answer, and the emulator to log it
	scheduleWithin = 2 * time.Minute // the schedule's rate is a minute
)

// unreadable puts a message that nobody can read on every queue that a function consumes: it must
// be taken, and stay. A mapping without partial batches would delete it as done.
func (r *rehearsal) unreadable(ctx context.Context) (string, error) {
	functions, err := r.template.Functions(template.Scope{Parameters: r.parameters})
	if err != nil {
		return "", err
	}
	consumers := map[string]string{} // by the queue's logical id
	for _, f := range functions {
		for _, event := range f.Queues {
			consumers[event.Queue] = f.Name
			if err := r.account.send(ctx, r.physical[event.Queue], "unreadable"); err != nil {
				return "", fmt.Errorf("%s of %s: %w", event.Queue, f.Name, err)
			}
		}
	}
	// Taken is what no longer waits; kept is what is still counted once the function has answered.
	for name, function := range consumers {
		taken, err := eventually(ctx, deliveryWithin, func() (bool, error) {
			waiting, _, err := r.account.depth(ctx, r.physical[name])
			return waiting == "0", err
		})
		if err != nil || !taken {
			return "", errors.Join(err, fmt.Errorf("%s took no message of %s within %s", function, name, deliveryWithin))
		}
	}
	time.Sleep(answerWithin)
	for name, function := range consumers {
		waiting, inFlight, err := r.account.depth(ctx, r.physical[name])
		if err != nil {
			return "", err
		}
		if waiting != "0" || inFlight != "1" {
			return "", fmt.Errorf("a message that %s cannot read is not kept: %s waiting, %s in flight on %s", function, waiting, inFlight, name)
		}
	}
	return fmt.Sprintf("%d queues reach their functions, and keep what these could not read.", len(consumers)), nil
}

// schedule waits until the sweep has asked the provider for its events: nobody else lists them.
func (r *rehearsal) schedule(ctx context.Context) (string, error) {
	fired, err := eventually(ctx, scheduleWithin, func() (bool, error) { return r.outside.listings.Load() > 0, nil })
	if err != nil || !fired {
		return "", errors.Join(err, fmt.Errorf("within %s no sweep listed the provider's events", scheduleWithin))
	}
	// A run is logged at its end, and one that could not ask an index ends, too.
	time.Sleep(answerWithin)
	if err := r.quiet(ctx, "sweep-due"); err != nil {
		return "", err
	}
	return "The schedule runs the sweep, which asks the provider for what no webhook told, and each index, without an error.", nil
}

// policyInForce asks the API.
func (r *rehearsal) policyInForce(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.outside.door+"/v1/policy", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+r.keys.app)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var policy struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&policy); err != nil || answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("GET /v1/policy: %s: %w", answer.Status, err)
	}
	return policy.Name, nil
}

// remove deletes the stack: what the template retains stays with its rows, the rest is gone.
func (r *rehearsal) remove(ctx context.Context) (string, error) {
	if r.hold {
		fmt.Fprintf(r.out, "%s", r.where())
		<-ctx.Done()
		return "", ctx.Err()
	}
	before, retained, err := r.retained(ctx)
	if err != nil {
		return "", err
	}
	made, err := r.account.resources(ctx, stackName)
	if err != nil {
		return "", err
	}
	if err := r.sam.remove(ctx); err != nil {
		return "", err
	}
	after, _, err := r.retained(ctx)
	if err != nil {
		return "", fmt.Errorf("a table or bucket that the template retains: %w", err)
	}
	if after < before || after == 0 {
		return "", fmt.Errorf("what is retained had %d rows and objects, and has %d", before, after)
	}
	gone, err := r.account.resources(ctx, r.stack)
	if err != nil {
		return "", err
	}
	for _, one := range gone {
		if one.status != "DELETE_COMPLETE" && !slices.Contains(retained, one.id) {
			return "", fmt.Errorf("%s (%s) is %s after the stack was deleted", one.id, one.kind, one.status)
		}
	}
	if err := r.account.empty(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("Deleting the stack keeps %d resources, tables and the bucket, with their %d rows and objects, and takes the other %d away.", len(retained), after, len(made)-len(retained)), nil
}

// where says how the deployed stack is reached, in lines that a shell can take over.
func (r *rehearsal) where() string {
	return fmt.Sprintf(`the stack stands until an interrupt

export API=%s APP='Authorization: Bearer %s' STAFF='Authorization: Bearer %s'
export MAKEGOOD_URL=%s MAKEGOOD_KEY=%s MAKEGOOD_STACK=%s
export AWS_ENDPOINT_URL=%s AWS_CA_BUNDLE=%s AWS_REGION=%s AWS_DEFAULT_REGION=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s
`, r.outside.door, r.keys.app, r.keys.operator, r.outside.door, r.keys.operator, stackName,
		r.emulator.url, r.outside.trust.path, region, region, accountKey, accountSecret)
}

// retained counts the rows of what the template retains, and names it.
func (r *rehearsal) retained(ctx context.Context) (rows int, ids []string, err error) {
	for _, table := range r.template.ResourcesOfType("AWS::DynamoDB::Table") {
		if r.physical[table.LogicalID] == "" {
			continue
		}
		ids = append(ids, table.LogicalID)
		count, err := r.account.rows(ctx, r.physical[table.LogicalID])
		if err != nil {
			return 0, nil, err
		}
		rows += count
	}
	// Of a bucket what is in it counts as rows do, and its policy stays with it.
	for _, bucket := range r.template.ResourcesOfType(template.TypeBucket) {
		if r.physical[bucket.LogicalID] == "" {
			continue
		}
		ids = append(ids, bucket.LogicalID, bucket.LogicalID+"Policy")
		count, err := r.account.objects(ctx, r.physical[bucket.LogicalID])
		if err != nil {
			return 0, nil, err
		}
		rows += count
	}
	return rows, ids, nil
}

// empty asks the services themselves what is left: a stack may call gone what is not.
func (a *account) empty(ctx context.Context) error {
	var left []string
	functions, err := a.lambda.ListFunctions(ctx, &lambda.ListFunctionsInput{})
	if err != nil {
		return err
	}
	for _, f := range functions.Functions {
		left = append(left, *f.FunctionName)
	}
	mappings, err := a.lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{})
	if err != nil {
		return err
	}
	for _, m := range mappings.EventSourceMappings {
		left = append(left, *m.EventSourceArn)
	}
	queues, err := a.queues.ListQueues(ctx, &sqs.ListQueuesInput{})
	if err != nil {
		return err
	}
	left = append(left, queues.QueueUrls...)
	apis, err := a.gateway.GetApis(ctx, &apigatewayv2.GetApisInput{})
	if err != nil {
		return err
	}
	for _, api := range apis.Items {
		left = append(left, *api.ApiId)
	}
	if len(left) > 0 {
		return fmt.Errorf("the account still has %s", strings.Join(left, ", "))
	}
	return nil
}
