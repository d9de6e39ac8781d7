// Package redrive owns looking into a dead-letter queue, and moving what lies there back to the
// queue that it comes from.
//
// It refuses to know what a message asks for, and whether its cause is mended. A function's log
// says why a message failed, for the message itself does not: see Letter.Failure.
//
// Invariants: a message leaves the dead-letter queue only when its queue has taken it. Whoever dies
// in between leaves it in both, and the tables' conditions know the repeat: nothing is lost, and no
// credits or money move twice. One that fails again during a run is not moved by it a second time.
// Looking changes nothing but SQS's count of receives.
//
// Words: letter (a message of a dead-letter queue), run (one redrive, which marks what it moves).
//
// Why by hand: infra/decisions/0053.
package redrive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"makegood/shared/fault"
)

// SQS is what is needed of a client of SQS.
type SQS interface {
	GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, options ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, options ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, options ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, options ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, options ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Queue is a queue with its dead-letter queue.
type Queue struct {
	// API is SQS.
	API SQS
	// Name is the queue's name, without the prefix of a stack.
	Name string
	// URL is the queue's.
	URL string
	// DeadURL is that of its dead-letter queue.
	DeadURL string
	// Hold is how long a letter is in the hand of whoever looks or moves: a run that is killed
	// gives it back so late.
	Hold time.Duration
	// Wait is how long a receive waits for letters. SQS asks all of its servers only then: without
	// it a receive may bring nothing though letters lie there.
	Wait time.Duration
}

// Counts are the messages of a queue and of its dead-letter queue. SQS counts approximately: a
// number may be a minute old.
type Counts struct {
	// Waiting is how many wait in the queue.
	Waiting int `json:"waiting"`
	// InFlight is how many a function has in hand, or will see again when it may try again.
	InFlight int `json:"in_flight"`
	// Dead is how many letters lie in the dead-letter queue.
	Dead int `json:"dead"`
	// DeadInHand is how many letters somebody has in hand.
	DeadInHand int `json:"dead_in_hand"`
}

const (
	receiveMost = 10      // letters of one receive, SQS's most
	batchBytes  = 250_000 // of one send: a region that allows 256 KiB takes it too
)

// Count counts both queues.
func (q Queue) Count(ctx context.Context) (Counts, error) {
	waiting, inFlight, err := q.count(ctx, q.URL)
	if err != nil {
		return Counts{}, err
	}
	dead, inHand, err := q.count(ctx, q.DeadURL)
	return Counts{Waiting: waiting, InFlight: inFlight, Dead: dead, DeadInHand: inHand}, err
}

func (q Queue) count(ctx context.Context, url string) (waiting, inFlight int, err error) {
	out, err := q.API.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}})
	if err != nil {
		return 0, 0, fault.At("redrive.Queue: count", q.Name, err)
	}
	number := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(out.Attributes[string(name)]) // an emulator may leave one out
		return n
	}
	waiting = number(types.QueueAttributeNameApproximateNumberOfMessages) + number(types.QueueAttributeNameApproximateNumberOfMessagesDelayed)
	return waiting, number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible), nil
}

// Look returns up to most letters, and gives them back. A letter that another has in hand is not
// among them.
func (q Queue) Look(ctx context.Context, most int) ([]Letter, error) {
	var letters []Letter
	seen := map[string]bool{}
	for len(letters) < most {
		batch, err := q.take(ctx, min(receiveMost, most-len(letters)))
		before := len(letters)
		// SQS may hand out a letter twice; it is shown once, and given back by its last receipt.
		for _, letter := range batch {
			if at := slices.IndexFunc(letters, func(l Letter) bool { return l.ID == letter.ID }); seen[letter.ID] && at >= 0 {
				letters[at] = letter
				continue
			}
			seen[letter.ID] = true
			letters = append(letters, letter)
		}
		if err != nil {
			q.release(ctx, letters)
			return nil, err
		}
		if len(letters) == before { // none is left, or what was looked at comes again
			break
		}
	}
	q.release(ctx, letters)
	return letters, nil
}

// take receives letters, which are then in hand.
func (q Queue) take(ctx context.Context, most int) ([]Letter, error) {
	hold, wait := int32(q.Hold/time.Second), int32(q.Wait/time.Second) //nolint:gosec // twelve hours at the most
	out, err := q.API.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.DeadURL, MaxNumberOfMessages: int32(most), VisibilityTimeout: hold, WaitTimeSeconds: wait, //nolint:gosec // ten at the most
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}, MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, fault.At("redrive.Queue: receive", q.Name, err)
	}
	letters := make([]Letter, 0, len(out.Messages))
	for _, raw := range out.Messages {
		letters = append(letters, letterOf(raw))
	}
	return letters, nil
}

// releaseWithin is what giving letters back may take, also when the command was interrupted.
const releaseWithin = 5 * time.Second

// release gives letters back at once. One that cannot be given back comes back by itself.
func (q Queue) release(ctx context.Context, letters []Letter) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	for batch := range slices.Chunk(letters, receiveMost) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, 0, len(batch))
		for n, letter := range batch {
			entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: entryID(n), ReceiptHandle: letter.raw.ReceiptHandle})
		}
		_, _ = q.API.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.DeadURL, Entries: entries})
	}
}

// send puts letters on their queue again, and returns those that it took. An error may mean that
// some were taken none the less.
func (q Queue) send(ctx context.Context, letters []Letter, run string) (taken []Letter, err error) {
	for _, batch := range bySize(letters) {
		entries := make([]types.SendMessageBatchRequestEntry, 0, len(batch))
		for n, letter := range batch {
			entries = append(entries, letter.again(strconv.Itoa(n), run))
		}
		out, err := q.API.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.URL, Entries: entries})
		if err != nil {
			return taken, fault.At("redrive.Queue: send", q.Name, err)
		}
		for _, one := range out.Successful {
			if n, err := strconv.Atoi(aws.ToString(one.Id)); err == nil && n < len(batch) {
				taken = append(taken, batch[n])
			}
		}
		for _, one := range out.Failed {
			return taken, fmt.Errorf("the queue %s refused a message: %s", q.Name, aws.ToString(one.Code))
		}
	}
	return taken, nil
}

// bySize cuts letters into batches that one send may carry.
func bySize(letters []Letter) [][]Letter {
	var batches [][]Letter
	size := batchBytes + 1
	for _, letter := range letters {
		length := len(aws.ToString(letter.raw.Body))
		if size += length; size > batchBytes || len(batches[len(batches)-1]) == receiveMost {
			batches, size = append(batches, nil), length
		}
		last := len(batches) - 1
		batches[last] = append(batches[last], letter)
	}
	return batches
}

// remove deletes letters that their queue has taken. What is still there after a second attempt is
// an error: the next run would move it again.
func (q Queue) remove(ctx context.Context, letters []Letter) error {
	left, err := q.tryRemove(ctx, letters)
	if len(left) > 0 {
		left, err = q.tryRemove(ctx, left)
	}
	if len(left) > 0 {
		return fmt.Errorf("%d messages are back on the queue %s and could not be deleted from its dead letters: %w", len(left), q.Name, err)
	}
	return nil
}

// tryRemove returns the letters that could not be deleted, and why the last of them could not.
func (q Queue) tryRemove(ctx context.Context, letters []Letter) (left []Letter, cause error) {
	for batch := range slices.Chunk(letters, receiveMost) {
		entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(batch))
		for n, letter := range batch {
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: entryID(n), ReceiptHandle: letter.raw.ReceiptHandle})
		}
		out, err := q.API.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.DeadURL, Entries: entries})
		if err != nil {
			left, cause = append(left, batch...), fault.At("redrive.Queue: delete", q.Name, err)
			continue
		}
		for _, one := range out.Failed {
			if n, err := strconv.Atoi(aws.ToString(one.Id)); err == nil && n < len(batch) {
				left, cause = append(left, batch[n]), errors.New(aws.ToString(one.Code))
			}
		}
	}
	return left, cause
}

// entryID names an entry of a batch by its place.
func entryID(n int) *string { return aws.String(strconv.Itoa(n)) }
