// Package queue owns how a batch of an SQS event source is taken apart: each message alone, each
// with its own end.
//
// It refuses to know what a message asks for, and how one is sent (queue/sender does). It never
// tells a repeat by the message id: a redriven message has a new one, and the table's conditions
// know better.
//
// Invariants: the answer names exactly the messages that failed, in the order of the batch. A
// message that panics or hangs fails alone. No message starts after the cut, and the answer leaves
// before Lambda ends the process. The end of every message is logged once. Each line that is logged
// on the way to it names the correlation id that the message brought (its own message id where it
// brought none), the step, the ids of what the message is about, and the attempt.
//
// Words: batch (what one invocation gets), cut (the instant past which nothing is started),
// envelope (type and version of a message).
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

// abreast is how many messages of a batch are worked on at once. One that waits for a busy wallet
// holds up no other, and a batch of ten for one wallet still does not fight itself with ten
// writers.
const abreast = 5

// The margins before Lambda's own deadline. At the cut, work under way is cancelled and nothing is
// started. At the answer, what has not ended by then counts as failed.
const (
	cutMargin    = 1 * time.Second
	answerMargin = 500 * time.Millisecond
)

// Each gives every message of the batch to handle, a few at a time, and returns those that failed,
// so that SQS delivers them alone again. A message fails by an error, a panic, not having started
// by the cut or not having ended by the answer.
//
// The end of each is logged here, once: passing failures as warnings, those that another attempt
// cannot mend as errors.
func Each(ctx context.Context, batch events.SQSEvent, handle func(ctx context.Context, body []byte) error) events.SQSEventResponse {
	work, over, release := bound(ctx)
	defer release()
	works := make([]context.Context, len(batch.Records))
	for n, message := range batch.Records {
		works[n] = within(work, message)
	}

	// Start the messages in a goroutine of its own: while all places are taken it waits, and the
	// answer must not wait with it.
	ends := make(chan end, len(batch.Records)) // room for all: a straggler never blocks
	slots := make(chan struct{}, abreast)
	go func() {
		for n, message := range batch.Records {
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				one(works[n], n, []byte(message.Body), handle, ends)
			}()
		}
	}()
	// Whatever has no end when time is over counts as failed; its goroutine may still write, which
	// the table's conditions allow for.
	return answer(works, batch, collect(ends, len(batch.Records), over))
}

// end is how the message at index ended.
type end struct {
	index int
	err   error
}

// bound returns the context for the work, and the channel that fires at the instant for the answer.
// Without a deadline neither ever ends.
func bound(ctx context.Context) (work context.Context, over <-chan time.Time, release func()) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, nil, func() {}
	}
	work, cancel := context.WithDeadline(ctx, deadline.Add(-cutMargin))
	timer := time.NewTimer(time.Until(deadline.Add(-answerMargin)))
	return work, timer.C, func() { cancel(); timer.Stop() }
}

// one runs handle on one message and reports its end, also when handle panics or its goroutine
// exits by other means.
func one(ctx context.Context, index int, body []byte, handle func(ctx context.Context, body []byte) error, ends chan<- end) {
	err := errLeft
	// A panic must not take the other messages of the batch with it. The stack goes into the log.
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

// collect returns the error of each message by index. A message without an end when over fires has
// failed.
func collect(ends <-chan end, count int, over <-chan time.Time) []error {
	// Every message counts as failed until its end comes in.
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

// The faults of a message whose handler returned no error of its own. The last two pass: the
// message comes back, and may have more time.
var (
	errLeft      = errors.New("the handler left without an answer")
	errUnstarted = error(fault.Busy(errors.New("not started in time")))
	errUnended   = error(fault.Busy(errors.New("not ended in time")))
)

// answer lists the failed messages and logs the end of each. The list is never null: SQS reads what
// it cannot parse as a failure of the whole batch.
func answer(works []context.Context, batch events.SQSEvent, errs []error) events.SQSEventResponse {
	failures := []events.SQSBatchItemFailure{}
	for n, err := range errs {
		message := batch.Records[n]
		logEnd(works[n], message, err)
		if err != nil {
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: failures}
}

// logEnd writes the one line of a message's end. That of a failure is for whoever is called at
// night: what could not be done, for which case, payment or generation, at which attempt, and why.
// A message of a passing fault comes back by itself, so it is a warning; any other ends on the
// dead-letter queue. That of a success is how one follows an id across the queues.
func logEnd(ctx context.Context, message events.SQSMessage, err error) {
	if err == nil {
		slog.InfoContext(ctx, "message handled")
		return
	}
	level := slog.LevelError
	if passing(err) {
		level = slog.LevelWarn
	}
	slog.Log(ctx, level, "message failed",
		"code", fault.CodeOf(err),
		"permanent", level == slog.LevelError,
		"error", err.Error(),
		"message_id", message.MessageId)
}

// passing reports whether another attempt may mend the error.
func passing(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.KindBusy || kind == fault.KindStale || kind == fault.KindThrottled
}
