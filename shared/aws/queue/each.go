// Package queue owns how a batch of an SQS event source is taken apart: each message alone, each with its own end.
//
// It refuses to know what a message asks for, and how one is sent (that is queue/sender, which links the SDK; this room does not).
// It never tells a repeat by the message id: a redriven message has a new one, and the table's conditions know better.
//
// Invariants: the answer names exactly the messages that failed, in the order of the batch; a message that panics or hangs fails alone;
// no message starts after the cut, and the answer leaves before Lambda ends the process.
//
// Words: batch (what one invocation gets), cut (the instant past which nothing is started), envelope (type and version of a message).
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/fault"
)

// abreast is how many messages of a batch are worked on at once: one that waits for a busy wallet holds up no other,
// and a batch of ten for one wallet still does not fight itself with ten writers.
const abreast = 5

// The margins before Lambda's own deadline: at the cut, work under way is cancelled and nothing is started;
// at the answer, what has not ended by then counts as failed.
const (
	cutMargin    = 1 * time.Second
	answerMargin = 500 * time.Millisecond
)

// Each gives every message of the batch to handle, a few at a time, and returns those that failed, so that SQS delivers them alone again.
// A message fails by an error, a panic, not having started by the cut or not having ended by the answer.
// Errors are logged here, once, with the message id: passing ones as warnings, those that trying again cannot mend as errors.
func Each(ctx context.Context, batch events.SQSEvent, handle func(ctx context.Context, body []byte) error) events.SQSEventResponse {
	work, over, release := bound(ctx)
	defer release()

	ends := make(chan end, len(batch.Records)) // room for all: a straggler never blocks
	places := make(chan struct{}, abreast)
	go func() {
		for n, message := range batch.Records {
			places <- struct{}{}
			go func() {
				defer func() { <-places }()
				one(work, n, []byte(message.Body), handle, ends)
			}()
		}
	}()
	return answer(ctx, batch, collect(ends, len(batch.Records), over))
}

// end is how the message at index ended.
type end struct {
	index int
	err   error
}

// bound returns the context for the work and the instant's channel for the answer; without a deadline neither ever comes.
func bound(ctx context.Context) (work context.Context, over <-chan time.Time, release func()) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return ctx, nil, func() {}
	}
	work, cancel := context.WithDeadline(ctx, deadline.Add(-cutMargin))
	timer := time.NewTimer(time.Until(deadline.Add(-answerMargin)))
	return work, timer.C, func() { cancel(); timer.Stop() }
}

// one runs handle on one message and reports its end, also when handle panics or its goroutine leaves by other means.
func one(ctx context.Context, index int, body []byte, handle func(ctx context.Context, body []byte) error, ends chan<- end) {
	err := errLeft
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
		ends <- end{index, err}
	}()
	if ctx.Err() != nil {
		err = errUnstarted
		return
	}
	err = handle(ctx, body)
}

// collect returns the error of each message by index; those that had not ended when over came are failed.
func collect(ends <-chan end, count int, over <-chan time.Time) []error {
	errs := make([]error, count)
	for n := range errs {
		errs[n] = errUnended
	}
	for range count {
		select {
		case e := <-ends:
			errs[e.index] = e.err
		case <-over:
			return errs
		}
	}
	return errs
}

var (
	errLeft      = errors.New("the handler left without an answer")
	errUnstarted = error(fault.Busy(errors.New("not started in time")))
	errUnended   = error(fault.Busy(errors.New("not ended in time")))
)

// answer lists the failed messages. The list is never null: SQS reads what it cannot parse as a failure of the whole batch.
func answer(ctx context.Context, batch events.SQSEvent, errs []error) events.SQSEventResponse {
	failed := []events.SQSBatchItemFailure{}
	for n, err := range errs {
		if err == nil {
			continue
		}
		message := batch.Records[n]
		failed = append(failed, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		level := slog.LevelError
		if passing(err) {
			level = slog.LevelWarn
		}
		slog.Log(ctx, level, "message failed",
			"message_id", message.MessageId,
			"receive_count", message.Attributes["ApproximateReceiveCount"],
			"code", fault.CodeOf(err),
			"permanent", level == slog.LevelError,
			"error", err.Error())
	}
	return events.SQSEventResponse{BatchItemFailures: failed}
}

func passing(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.KindBusy || kind == fault.KindStale || kind == fault.KindThrottled
}
