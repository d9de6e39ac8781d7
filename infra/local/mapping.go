package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"makegood/infra/template"
)

const (
	pollFor      = 20 // seconds of one long poll, SQS's most
	receiveMost  = 10 // messages of one receive, SQS's most: a larger BatchSize is served in batches of 10
	pollPause    = 200 * time.Millisecond
	settleWithin = 5 * time.Second // deletes and returns of a batch, also while the stack ends
)

// mapping polls one queue for one function.
type mapping struct {
	sqs      *sqs.Client
	url      string
	event    template.QueueEvent
	function *function
	retry    time.Duration
	slots    chan struct{} // one per batch under way
}

func (s *Stack) startMapping(ctx context.Context, f *function, event template.QueueEvent, url string) {
	most := s.options.MaxProcesses
	if event.MaximumConcurrency > 0 {
		most = min(most, event.MaximumConcurrency)
	}
	m := &mapping{sqs: s.sqs, url: url, event: event, function: f, retry: s.options.RetryDelay, slots: make(chan struct{}, most)}
	s.work.Go(func() { m.poll(ctx, s) })
}

// poll receives until ctx ends; a batch is only received when there is room to work on it.
func (m *mapping) poll(ctx context.Context, s *Stack) {
	for ctx.Err() == nil {
		select {
		// The slot is taken before the receive: a message in hand without a process would run out
		// its visibility.
		case m.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, err := m.receive(ctx)
		// An empty receive has waited 20 s already; only an error needs a pause.
		if err != nil || len(batch) == 0 {
			<-m.slots
			if err != nil && ctx.Err() == nil {
				time.Sleep(pollPause)
			}
			continue
		}
		s.work.Go(func() {
			defer func() { <-m.slots }()
			m.work(ctx, batch)
		})
	}
}

func (m *mapping) receive(ctx context.Context) ([]sqstypes.Message, error) {
	out, err := m.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &m.url, MaxNumberOfMessages: int32(min(m.event.BatchSize, receiveMost)), WaitTimeSeconds: pollFor,
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// work hands a batch to the function, deletes what succeeded and returns the rest.
func (m *mapping) work(ctx context.Context, batch []sqstypes.Message) {
	// Without ReportBatchItemFailures an answer means that all succeeded, an error that all failed.
	payload, err := json.Marshal(m.batchEvent(batch))
	failures := map[string]bool{}
	var answer []byte
	if err == nil {
		answer, err = m.function.invoke(ctx, payload)
	}
	if err == nil && m.event.ReportBatchItemFailures {
		failures, err = batchFailures(answer, messageIDs(batch))
	}
	// Whatever went wrong around the function is every message's failure.
	if err != nil {
		for _, id := range messageIDs(batch) {
			failures[id] = true
		}
	}
	// The stack may be ending: what is done must still be deleted, or it would be done again.
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	m.settle(limit, batch, failures)
}

// settle deletes the messages that succeeded. Those that failed come back after the queue's
// visibility timeout, or sooner where the stack was told to shorten it; what cannot be deleted or
// returned comes back by itself.
func (m *mapping) settle(ctx context.Context, batch []sqstypes.Message, failures map[string]bool) {
	// A batch entry is named by its place: message ids may be longer than SQS allows for entry ids.
	var deletions []sqstypes.DeleteMessageBatchRequestEntry
	var back []sqstypes.ChangeMessageVisibilityBatchRequestEntry
	for n, message := range batch {
		entry := aws.String(strconv.Itoa(n))
		if !failures[aws.ToString(message.MessageId)] {
			deletions = append(deletions, sqstypes.DeleteMessageBatchRequestEntry{Id: entry, ReceiptHandle: message.ReceiptHandle})
		} else if m.retry > 0 {
			back = append(back, sqstypes.ChangeMessageVisibilityBatchRequestEntry{
				Id: entry, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: seconds32(m.retry),
			})
		}
	}
	// An error here is not reported: the message comes back after its visibility timeout, and the
	// function is idempotent.
	if len(deletions) > 0 {
		_, _ = m.sqs.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &m.url, Entries: deletions})
	}
	if len(back) > 0 {
		_, _ = m.sqs.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &m.url, Entries: back})
	}
}

// seconds32 is a delay as SQS takes it, in whole seconds, rounded up; less than one is none, for
// tests that wait for a message to fail for the last time.
func seconds32(delay time.Duration) int32 {
	if delay < time.Second {
		return 0
	}
	return int32((delay + time.Second - 1) / time.Second)
}

func messageIDs(batch []sqstypes.Message) []string {
	ids := make([]string, 0, len(batch))
	for _, message := range batch {
		ids = append(ids, aws.ToString(message.MessageId))
	}
	return ids
}

// batchFailures reads the answer of a function that reports failures one by one, as AWS does:
// nothing, null and an empty list mean that all succeeded; an empty or missing itemIdentifier, one
// that is not in the batch, or no JSON mean that all failed (the error).
func batchFailures(answer []byte, ids []string) (map[string]bool, error) {
	failures := map[string]bool{}
	if len(answer) == 0 {
		return failures, nil
	}
	var response *struct {
		BatchItemFailures []struct {
			ItemIdentifier *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, fmt.Errorf("the answer is not a batch response: %w", err)
	}
	// The literal null is an answer too.
	if response == nil {
		return failures, nil
	}
	batch := map[string]bool{}
	for _, id := range ids {
		batch[id] = true
	}
	// AWS fails the whole batch for an id that it does not know, since it cannot tell what was
	// meant.
	for _, item := range response.BatchItemFailures {
		if item.ItemIdentifier == nil || *item.ItemIdentifier == "" {
			return nil, errors.New("an itemIdentifier is missing or empty")
		}
		if !batch[*item.ItemIdentifier] {
			return nil, fmt.Errorf("itemIdentifier %s is not in the batch", *item.ItemIdentifier)
		}
		failures[*item.ItemIdentifier] = true
	}
	return failures, nil
}

func (m *mapping) batchEvent(batch []sqstypes.Message) events.SQSEvent {
	event := events.SQSEvent{}
	for _, message := range batch {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: aws.ToString(message.MessageId), ReceiptHandle: aws.ToString(message.ReceiptHandle), Body: aws.ToString(message.Body),
			Md5OfBody: aws.ToString(message.MD5OfBody), Md5OfMessageAttributes: aws.ToString(message.MD5OfMessageAttributes),
			Attributes: message.Attributes, MessageAttributes: messageAttributes(message.MessageAttributes),
			EventSourceARN: queueARN(queueName(m.url)), EventSource: "aws:sqs", AWSRegion: region,
		})
	}
	return event
}

func messageAttributes(attributes map[string]sqstypes.MessageAttributeValue) map[string]events.SQSMessageAttribute {
	all := map[string]events.SQSMessageAttribute{}
	for name, value := range attributes {
		all[name] = events.SQSMessageAttribute{
			StringValue: value.StringValue, BinaryValue: value.BinaryValue, StringListValues: []string{}, BinaryListValues: [][]byte{},
			DataType: aws.ToString(value.DataType),
		}
	}
	return all
}
