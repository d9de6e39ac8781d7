package account

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// DeadLetterURL returns the URL of the dead-letter queue of a queue, as the queue itself names it.
func (a *Account) DeadLetterURL(ctx context.Context, url string) (string, error) {
	out, err := a.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy},
	})
	if err != nil {
		return "", fmt.Errorf("the queue %s: %w", nameOf(url), err)
	}
	var policy struct {
		Target string `json:"deadLetterTargetArn"`
	}
	text := out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]
	if err := json.Unmarshal([]byte(text), &policy); err != nil || policy.Target == "" {
		return "", fmt.Errorf("the queue %s has no dead-letter queue: what fails is tried until it is too old, and then lost", nameOf(url))
	}
	name := policy.Target[strings.LastIndexByte(policy.Target, ':')+1:]
	found, err := a.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return "", fmt.Errorf("the dead-letter queue %s: %w", name, err)
	}
	return aws.ToString(found.QueueUrl), nil
}

// nameOf is the last step of a queue's URL.
func nameOf(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
