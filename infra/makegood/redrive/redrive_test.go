package redrive_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/infra/makegood/redrive"
	"makegood/shared/message"
)

const (
	liveURL = "http://sqs.test/refund-requests"
	deadURL = "http://sqs.test/refund-requests-dlq"
)

var errLost = errors.New("no answer")

// death is what a run panics with where it is killed.
type death struct{}

// entry is a message of the fake.
type entry struct {
	id, body  string
	own       map[string]types.MessageAttributeValue
	sent      time.Time
	hidden    time.Time
	receipt   string
	delivered int
}

// fake is SQS with one queue and its dead-letter queue, on a clock that moves when somebody waits.
type fake struct {
	t      require.TestingT
	now    time.Time
	queues map[string][]*entry
	made   int
	sent   map[string]int // by body: how often the queue took it
	before func(operation string) error
	after  func(operation string) error
	taken  func(e *entry) bool // whether the queue's consumer ends a message, or sets it aside again
}

func newFake(t require.TestingT, bodies ...string) *fake {
	nothing := func(string) error { return nil }
	f := &fake{
		t: t, now: time.Unix(1_800_000_000, 0), queues: map[string][]*entry{liveURL: nil, deadURL: nil}, sent: map[string]int{},
		before: nothing, after: nothing, taken: func(*entry) bool { return true },
	}
	for _, body := range bodies {
		f.add(deadURL, body, nil)
	}
	return f
}

func (f *fake) add(url, body string, own map[string]types.MessageAttributeValue) *entry {
	f.made++
	e := &entry{id: fmt.Sprintf("m%d", f.made), body: body, own: own, sent: f.now}
	f.queues[url] = append(f.queues[url], e)
	return e
}

// around makes a call between the faults that are planned for it.
func around[T any](f *fake, operation string, call func() T) (T, error) {
	if err := f.before(operation); err != nil {
		return *new(T), err
	}
	out := call()
	if err := f.after(operation); err != nil {
		return *new(T), err
	}
	return out, nil
}

func (f *fake) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return around(f, "count", func() *sqs.GetQueueAttributesOutput {
		visible, hidden := 0, 0
		for _, e := range f.queues[*in.QueueUrl] {
			if e.hidden.After(f.now) {
				hidden++
			} else {
				visible++
			}
		}
		return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
			"ApproximateNumberOfMessages": strconv.Itoa(visible), "ApproximateNumberOfMessagesNotVisible": strconv.Itoa(hidden),
		}}
	})
}

func (f *fake) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return around(f, "receive", func() *sqs.ReceiveMessageOutput {
		out := &sqs.ReceiveMessageOutput{}
		for _, e := range f.queues[*in.QueueUrl] {
			if e.hidden.After(f.now) || len(out.Messages) == int(in.MaxNumberOfMessages) {
				continue
			}
			e.delivered++
			e.receipt = fmt.Sprintf("%s/%d", e.id, e.delivered)
			e.hidden = f.now.Add(time.Duration(in.VisibilityTimeout) * time.Second)
			out.Messages = append(out.Messages, types.Message{
				MessageId: &e.id, Body: &e.body, ReceiptHandle: aws.String(e.receipt), MessageAttributes: e.own,
				Attributes: map[string]string{"SentTimestamp": strconv.FormatInt(e.sent.UnixMilli(), 10)},
			})
		}
		return out
	})
}

func (f *fake) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	return around(f, "send", func() *sqs.SendMessageBatchOutput {
		require.Equal(f.t, liveURL, *in.QueueUrl)
		require.LessOrEqual(f.t, len(in.Entries), 10)
		out, size := &sqs.SendMessageBatchOutput{}, 0
		for _, one := range in.Entries {
			size += len(*one.MessageBody)
			f.sent[*one.MessageBody]++
			out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: one.Id})
			if e := f.add(liveURL, *one.MessageBody, one.MessageAttributes); true {
				f.consume(e)
			}
		}
		require.LessOrEqual(f.t, size, 256<<10, "of one batch")
		return out
	})
}

// consume has the queue's function end the message, or fail it until SQS sets it aside.
func (f *fake) consume(e *entry) {
	f.drop(liveURL, e)
	if !f.taken(e) {
		f.queues[deadURL] = append(f.queues[deadURL], e)
	}
}

func (f *fake) drop(url string, gone *entry) {
	var rest []*entry
	for _, e := range f.queues[url] {
		if e != gone {
			rest = append(rest, e)
		}
	}
	f.queues[url] = rest
}

func (f *fake) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	return around(f, "delete", func() *sqs.DeleteMessageBatchOutput {
		require.Equal(f.t, deadURL, *in.QueueUrl)
		for _, one := range in.Entries {
			for _, e := range f.queues[deadURL] {
				if e.receipt == *one.ReceiptHandle {
					require.Positive(f.t, f.sent[e.body], "a letter is deleted before its queue has it")
					f.drop(deadURL, e)
				}
			}
		}
		return &sqs.DeleteMessageBatchOutput{}
	})
}

func (f *fake) ChangeMessageVisibilityBatch(
	_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return around(f, "release", func() *sqs.ChangeMessageVisibilityBatchOutput {
		for _, one := range in.Entries {
			for _, e := range f.queues[deadURL] {
				if e.receipt == *one.ReceiptHandle {
					e.hidden = f.now.Add(time.Duration(one.VisibilityTimeout) * time.Second)
				}
			}
		}
		return &sqs.ChangeMessageVisibilityBatchOutput{}
	})
}

func (f *fake) queue() redrive.Queue {
	return redrive.Queue{API: f, Name: "refund-requests", URL: liveURL, DeadURL: deadURL, Hold: 2 * time.Minute}
}

func (f *fake) run(name string) redrive.Run {
	return redrive.Run{Queue: f.queue(), Name: name, Quiet: time.Second, Sleep: func(_ context.Context, length time.Duration) error {
		f.now = f.now.Add(length)
		return nil
	}}
}

// move runs once, and reports whether it was killed.
func (f *fake) move(ctx context.Context, name string, most int) (moved int, killed bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ours := r.(death); !ours {
				panic(r)
			}
			killed = true
		}
	}()
	moved, err = f.run(name).Move(ctx, most)
	return moved, false, err
}

// bodies makes texts that differ.
func bodies(n int) []string {
	all := make([]string, 0, n)
	for i := range n {
		all = append(all, fmt.Sprintf(`{"type":"refund.requested","version":1,"about":"case","case":"cas_%d"}`, i))
	}
	return all
}

const everything = 1 << 20

func TestEachLetterIsMovedOnceWhereNothingGoesWrong(t *testing.T) {
	f := newFake(t, bodies(37)...)
	moved, _, err := f.move(t.Context(), "run", everything)
	require.NoError(t, err)
	require.Equal(t, 37, moved)
	require.Empty(t, f.queues[deadURL])
	for _, body := range bodies(37) {
		require.Equal(t, 1, f.sent[body], body)
	}
}

// TestNothingIsLostWhereverARunFailsOrDies plans for each call of SQS that it fails before it takes
// effect or after, or that the run is killed there; runs follow one another until one ends well.
func TestNothingIsLostWhereverARunFailsOrDies(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := bodies(rapid.IntRange(0, 30).Draw(rt, "letters"))
		f := newFake(rt, all...)
		fate := rapid.SampledFrom([]string{"well", "well", "well", "fails", "dies"})
		meets := func(when string) func(string) error {
			return func(operation string) error {
				switch fate.Draw(rt, when+" "+operation) {
				case "fails":
					return errLost
				case "dies":
					panic(death{})
				}
				return nil
			}
		}
		nothing := func(string) error { return nil }
		for n := range rapid.IntRange(0, 5).Draw(rt, "runs") {
			f.before, f.after = meets("before"), meets("after")
			_, _, _ = f.move(rt.Context(), fmt.Sprint("run", n), rapid.IntRange(1, 40).Draw(rt, "most"))
		}
		f.before, f.after = nothing, nothing
		_, killed, err := f.move(rt.Context(), "last", everything)
		require.NoError(rt, err)
		require.False(rt, killed)
		require.Empty(rt, f.queues[deadURL], "what a dead run had in hand comes back to the next")
		for _, body := range all {
			require.Positive(rt, f.sent[body], "lost: %s", body)
		}
	})
}

func TestWhatFailsAgainIsMovedOnceByARunAndIsReturned(t *testing.T) {
	f := newFake(t, bodies(25)...)
	f.taken = func(e *entry) bool { return !strings.Contains(e.body, "cas_1") } // 1, and 10 to 19
	moved, _, err := f.move(t.Context(), "run", everything)
	require.NoError(t, err)
	require.Equal(t, 25, moved)
	counts, drained, err := f.run("run").Watch(t.Context(), moved, time.Minute)
	require.NoError(t, err)
	require.True(t, drained)
	require.Equal(t, 11, counts.Dead, "given back, so that the next run finds them at once")
	returned, err := f.run("run").Returned(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, returned, 11)
	require.Equal(t, 1, returned[0].Redriven)
	f.taken = func(*entry) bool { return true }
	moved, _, err = f.move(t.Context(), "another", everything)
	require.NoError(t, err)
	require.Equal(t, 11, moved)
}

func TestNoMoreAreMovedThanWereAskedFor(t *testing.T) {
	f := newFake(t, bodies(25)...)
	moved, _, err := f.move(t.Context(), "run", 12)
	require.NoError(t, err)
	require.Equal(t, 12, moved)
	require.Len(t, f.queues[deadURL], 13)
}

func TestLargeLettersGoInBatchesThatSQSTakes(t *testing.T) {
	var large []string
	for n := range 12 {
		large = append(large, strconv.Itoa(n)+strings.Repeat("x", 100_000))
	}
	f := newFake(t, large...)
	moved, _, err := f.move(t.Context(), "run", everything)
	require.NoError(t, err)
	require.Equal(t, 12, moved)
}

func TestALetterKeepsItsAttributes(t *testing.T) {
	own := map[string]types.MessageAttributeValue{"correlation-id": {DataType: aws.String("String"), StringValue: aws.String("req_1")}}
	f := newFake(t)
	f.add(deadURL, "{}", own)
	f.taken = func(*entry) bool { return false }
	_, _, err := f.move(t.Context(), "run", everything)
	require.NoError(t, err)
	require.Equal(t, "req_1", *f.queues[deadURL][0].own["correlation-id"].StringValue)
	require.NotContains(t, own, "redrive-run")
}

func TestLookingGivesEveryLetterBack(t *testing.T) {
	f := newFake(t, bodies(25)...)
	letters, err := f.queue().Look(t.Context(), 15)
	require.NoError(t, err)
	require.Len(t, letters, 15)
	require.Equal(t, []redrive.Subject{{Kind: "case", ID: "cas_0"}}, letters[0].About)
	require.Equal(t, "decide refund", letters[0].Step)
	again, err := f.queue().Look(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, again, 25)
	require.Empty(t, f.sent)
}

func TestAnInterruptedRunEndsBetweenTwoBatches(t *testing.T) {
	f := newFake(t, bodies(25)...)
	ctx, stop := context.WithCancel(t.Context())
	f.after = func(operation string) error {
		if operation == "send" {
			stop()
		}
		return nil
	}
	moved, _, err := f.move(ctx, "run", everything)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 10, moved)
	require.Len(t, f.queues[deadURL], 15, "what was sent was deleted too")
}

// TestEachMessageOfOursNamesWhatItIsAbout holds the subjects against the messages' own fields.
func TestEachMessageOfOursNamesWhatItIsAbout(t *testing.T) {
	for kind, body := range map[string]string{
		message.TypeGenerationFinished: `"generation":"gen_1"`, message.TypeGenerationPartial: `"generation":"gen_1"`,
		message.TypeRefundRequested: `"case":"cas_1"`, message.TypeRefundDecided: `"case":"cas_1"`, message.TypePaymentUnsettled: `"payment":"pi_1"`,
		message.TypeOutageStarted: `"outage":"out_1"`, message.TypeOutageChanged: `"outage":"out_1"`, message.TypeOutageOffered: `"offer":"off_1"`,
		message.TypeStandingChanged: `"change":"std_1"`, message.TypeAttachmentExpired: `"attachment":"att_1"`,
	} {
		f := newFake(t, fmt.Sprintf(`{"type":%q,"version":1,%s}`, kind, body))
		letters, err := f.queue().Look(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, letters[0].About, 1, kind)
		require.NotEqual(t, "read message", letters[0].Step, kind)
	}
	f := newFake(t, "no json")
	letters, err := f.queue().Look(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, []any{"read message", 0}, []any{letters[0].Step, len(letters[0].About)})
}

// lines is a log.
type lines []string

func (l lines) FailedMessages(_ context.Context, function string, _ time.Time, each func([]byte)) error {
	if function != "decide-refund" {
		return errLost
	}
	for _, line := range l {
		each([]byte(line))
	}
	return nil
}

func TestTheLastLineOfAMessageSaysWhyItLiesThere(t *testing.T) {
	f := newFake(t, bodies(2)...)
	letters, err := f.queue().Look(t.Context(), 2)
	require.NoError(t, err)
	require.NoError(t, redrive.Explain(t.Context(), lines{
		`{"message":"message failed","message_id":"m1","attempt":"1","code":"busy","error":"busy: first"}`,
		`{"message":"message failed","message_id":"m1","attempt":5,"code":"busy","error":"busy: last","correlation_id":"c1"}`,
		`{"message":"message failed","message_id":"m9","attempt":"5","code":"busy","error":"another's"}`,
		`no json`,
	}, "refund-requests", letters))
	require.Equal(t, []any{5, "busy", "busy: last"}, []any{letters[0].Failure.Attempt, letters[0].Failure.Code, letters[0].Failure.Error})
	require.Nil(t, letters[1].Failure)
}
