package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/queue"
	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/message"
)

var ctx = context.Background()

// logged sends the log to the returned buffer for the length of the test.
func logged(t *testing.T) *bytes.Buffer {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(correlation.Handler(slog.NewJSONHandler(&log, nil))))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

// batchOf returns a batch whose bodies are the indices and whose ids are m0, m1…
func batchOf(count int) events.SQSEvent {
	var batch events.SQSEvent
	for n := range count {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: fmt.Sprintf("m%d", n), Body: strconv.Itoa(n)})
	}
	return batch
}

func ids(response events.SQSEventResponse) []string {
	failed := []string{}
	for _, failure := range response.BatchItemFailures {
		failed = append(failed, failure.ItemIdentifier)
	}
	return failed
}

func index(body []byte) int {
	n, err := strconv.Atoi(string(body))
	if err != nil {
		panic(err)
	}
	return n
}

func TestEverySubsetOfABatchFailsExactly(t *testing.T) {
	logged(t)
	batch := batchOf(10)
	for subset := range 1 << 10 {
		want := []string{}
		for n := range 10 {
			if subset&(1<<n) != 0 {
				want = append(want, fmt.Sprintf("m%d", n))
			}
		}
		var calls atomic.Int64
		response := queue.Each(ctx, batch, func(_ context.Context, body []byte) error {
			calls.Add(1)
			if subset&(1<<index(body)) != 0 {
				return errors.New("no")
			}
			return nil
		})
		require.Equal(t, want, ids(response))
		require.EqualValues(t, 10, calls.Load(), "every message is tried once, whatever its neighbours did")
	}
}

func TestNoFailureIsAnEmptyListNotNull(t *testing.T) {
	for _, batch := range []events.SQSEvent{{}, batchOf(2)} {
		text, err := json.Marshal(queue.Each(ctx, batch, func(context.Context, []byte) error { return nil }))
		require.NoError(t, err)
		assert.JSONEq(t, `{"batchItemFailures":[]}`, string(text))
	}
}

func TestAPanicFailsOneMessageAndIsLogged(t *testing.T) {
	log := logged(t)
	response := queue.Each(ctx, batchOf(10), func(_ context.Context, body []byte) error {
		switch index(body) {
		case 3:
			panic("three")
		case 7:
			_ = []int{}[len(body)]
		}
		return nil
	})
	assert.Equal(t, []string{"m3", "m7"}, ids(response))
	assert.Contains(t, log.String(), "panic: three")
	assert.Contains(t, log.String(), "each_test.go", "the stack says where")
}

func TestAGoroutineThatLeavesFailsItsMessage(t *testing.T) {
	logged(t)
	response := queue.Each(ctx, batchOf(20), func(_ context.Context, body []byte) error {
		if index(body) < 15 {
			runtime.Goexit()
		}
		return nil
	})
	assert.Len(t, ids(response), 15)
}

func TestASlowMessageHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		var quick atomic.Int64
		response := queue.Each(ctx, batchOf(10), func(_ context.Context, body []byte) error {
			if index(body) == 0 {
				time.Sleep(time.Minute)
				assert.EqualValues(t, 9, quick.Load())
				return nil
			}
			time.Sleep(time.Second)
			quick.Add(1)
			return nil
		})
		assert.Empty(t, ids(response))
		assert.Equal(t, time.Minute, time.Since(started))
	})
}

func TestAtMostFiveMessagesRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		queue.Each(ctx, batchOf(40), func(context.Context, []byte) error {
			running := now.Add(1)
			for top := most.Load(); running > top && !most.CompareAndSwap(top, running); top = most.Load() {
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		})
		assert.EqualValues(t, 5, most.Load())
	})
}

func TestMessagesNotStartedByTheCutAreReturned(t *testing.T) {
	logged(t)
	synctest.Test(t, func(t *testing.T) {
		bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		var started atomic.Int64
		response := queue.Each(bounded, batchOf(20), func(context.Context, []byte) error {
			started.Add(1)
			time.Sleep(3100 * time.Millisecond) // five each at 0 s, 3.1 s, 6.2 s; at 9.3 s the cut, at 9 s, is past
			return nil
		})
		assert.EqualValues(t, 15, started.Load())
		assert.Equal(t, []string{"m15", "m16", "m17", "m18", "m19"}, ids(response))
	})
}

func TestWorkUnderWayIsCancelledAtTheCut(t *testing.T) {
	logged(t)
	synctest.Test(t, func(t *testing.T) {
		bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		started := time.Now()
		response := queue.Each(bounded, batchOf(1), func(ctx context.Context, _ []byte) error {
			<-ctx.Done()
			return ctx.Err()
		})
		assert.Equal(t, []string{"m0"}, ids(response))
		assert.Equal(t, 9*time.Second, time.Since(started))
	})
}

func TestAMessageThatHangsCostsNoNeighbourItsSuccess(t *testing.T) {
	log := logged(t)
	synctest.Test(t, func(t *testing.T) {
		bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		started := time.Now()
		response := queue.Each(bounded, batchOf(10), func(_ context.Context, body []byte) error {
			if index(body) == 4 {
				time.Sleep(time.Hour) // deaf to its context
			}
			return nil
		})
		assert.Equal(t, []string{"m4"}, ids(response))
		assert.Equal(t, 9500*time.Millisecond, time.Since(started), "the answer leaves before Lambda's deadline")
		time.Sleep(time.Hour)
	})
	assert.Contains(t, log.String(), "not ended in time")
}

func TestTheLogTellsPassingFromPermanent(t *testing.T) {
	log := logged(t)
	queue.Each(ctx, batchOf(2), func(_ context.Context, body []byte) error {
		if index(body) == 0 {
			return fault.Busy(errors.New("conflict"))
		}
		return fault.Invalid("version", "2 is not a version that we read")
	})
	ends := lines(t, log)
	require.Len(t, ends, 2)
	assert.Equal(t, []any{"WARN", false, "m0"}, []any{ends[0]["level"], ends[0]["permanent"], ends[0]["message_id"]})
	assert.Equal(t, []any{"ERROR", true, "m1"}, []any{ends[1]["level"], ends[1]["permanent"], ends[1]["message_id"]})
}

// lines returns what was logged, one object a line, without the time.
func lines(t *testing.T, log *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for text := range strings.Lines(log.String()) {
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		delete(line, "time")
		all = append(all, line)
	}
	return all
}

func TestTheLogNamesTheStepAndWhatItIsAbout(t *testing.T) {
	log := logged(t)
	sent := "LV7fzho-PHcEJPw="
	batch := events.SQSEvent{Records: []events.SQSMessage{
		{
			MessageId: "m0", Body: `{"type":"refund.requested","version":1,"case":"cas_1","payment":"pi_1"}`,
			Attributes:        map[string]string{"ApproximateReceiveCount": "3"},
			MessageAttributes: map[string]events.SQSMessageAttribute{"correlation-id": {DataType: "String", StringValue: &sent}},
		},
		{MessageId: "m1", Body: `{"type":"generation.finished","version":1,"generation":"` + strings.Repeat("x", 1000) + `"}`},
		{MessageId: "m2", Body: "not a message", Attributes: map[string]string{"ApproximateReceiveCount": "1"}},
		{MessageId: "m3", Body: `{"type":"refund.decided","version":1,"case":"cas_2"}`, Attributes: map[string]string{"ApproximateReceiveCount": "1"}},
	}}
	queue.Each(ctx, batch, func(_ context.Context, body []byte) error {
		if bytes.Contains(body, []byte("cas_2")) {
			return nil
		}
		return fault.At("refund.Decide: commit", "cas_1", errors.New("no such table"))
	})
	const cause = "refund.Decide: commit cas_1: no such table"
	assert.Equal(t, []map[string]any{
		{
			"level": "ERROR", "msg": "message failed", "step": "decide refund", "case": "cas_1", "payment": "pi_1", "attempt": 3.0, "code": "internal",
			"permanent": true, "error": cause, "message_id": "m0", "correlation_id": "LV7fzho-PHcEJPw=",
		},
		// What cannot be an id is not logged, and what has no count of its own has none.
		{"level": "ERROR", "msg": "message failed", "step": "record result", "code": "internal", "permanent": true, "error": cause, "message_id": "m1", "correlation_id": "m1"},
		{"level": "ERROR", "msg": "message failed", "step": "read message", "attempt": 1.0, "code": "internal", "permanent": true, "error": cause, "message_id": "m2", "correlation_id": "m2"},
		{"level": "INFO", "msg": "message handled", "step": "notify of verdict", "case": "cas_2", "attempt": 1.0, "correlation_id": "m3"},
	}, lines(t, log))
}

func TestAMessageIsWorkedOnUnderTheIDThatItsSenderGaveIt(t *testing.T) {
	log := logged(t)
	brought := func(id string) map[string]events.SQSMessageAttribute {
		return map[string]events.SQSMessageAttribute{"correlation-id": {DataType: "String", StringValue: &id}}
	}
	batch := batchOf(4)
	batch.Records[0].MessageAttributes = brought("req-7")
	batch.Records[1].MessageAttributes = brought("alice@example.com\n{}")
	batch.Records[2].MessageAttributes = map[string]events.SQSMessageAttribute{"correlation-id": {DataType: "Binary", BinaryValue: []byte("req-8")}}
	ids := make([]string, 4)
	queue.Each(correlation.With(ctx, "invocation"), batch, func(ctx context.Context, body []byte) error {
		ids[index(body)] = correlation.ID(ctx)
		slog.WarnContext(ctx, "on the way")
		return nil
	})
	assert.Equal(t, []string{"req-7", "m1", "m2", "m3"}, ids, "what is none, or is missing, is replaced by the message's own id")
	for _, line := range lines(t, log) {
		assert.Contains(t, ids, line["correlation_id"])
		assert.Equal(t, "read message", line["step"])
	}
}

func TestForeignMessagesFailByTheirIDs(t *testing.T) {
	logged(t)
	for file, want := range map[string][]string{
		"sqs_two_records.json": {"059f36b4-87a3-44ab-83d2-661975830a7d", "2e1424d4-f796-459a-8184-9c92662be6da"},
		"sqs_from_dlq.json":    {"db37cc61-1bb0-4e77-b6f3-7cf87f44a72a"},
		"sqs_go.json":          {"MessageID_1"},
	} {
		text, err := os.ReadFile("testdata/" + file)
		require.NoError(t, err)
		var batch events.SQSEvent
		require.NoError(t, json.Unmarshal(text, &batch))
		response := queue.Each(ctx, batch, func(_ context.Context, body []byte) error {
			_, err := queue.Decode[message.RefundRequested](body, message.TypeRefundRequested)
			return err
		})
		assert.Equal(t, want, ids(response), file)
	}
}
