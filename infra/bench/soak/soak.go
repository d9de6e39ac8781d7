// Package soak loads a local stack at a fixed rate for as long as it is told, and then demands that
// all sums are right.
//
// It owns the schedule, the mixture of operations, and what is looked at meanwhile and afterwards.
// It refuses to judge by the clock: latencies are printed, and only what must be true of any
// machine fails the run: an answer that the contract does not know, a queue that does not empty, a
// statement that does not sum, a function whose memory grows.
//
// Invariants: an operation's latency counts from the instant at which it was due, not from that at
// which it was sent (else a stall would hide all operations that it delays); a busy answer is
// asked again under the same idempotency key, and its time counts.
//
// Words: operation (one request of the mixture, with its repetitions), due (by the schedule), busy
// (a 503), buyer (a customer of the load).
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"makegood/infra/local"
	"makegood/infra/template"
	"makegood/shared/policy"
)

// Options says how long and how fast.
type Options struct {
	Length time.Duration // of the load; what follows takes a minute more
	Rate   float64       // operations a second
}

const (
	processes  = 4               // of one function at most: this machine serves all of them
	drainLimit = 5 * time.Minute // what queues and open work get to come to their end
)

// Run starts a stack, loads it and prints what it saw. What is not as it must be is an error.
func Run(ctx context.Context, w io.Writer, o Options) error {
	if o.Rate <= 0 || o.Length <= 0 {
		return errors.New("a soak needs a length and a rate")
	}
	logs, err := os.MkdirTemp("", "makegood-soak-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(logs) }()
	// Schedules run as written: the sweep's minute is part of the load.
	stack, err := local.Start(ctx, local.Options{MaxProcesses: processes, LogDir: logs, Log: os.Stderr})
	if err != nil {
		return err
	}
	defer stack.Stop()
	revision, err := revisionOf(stack.Root())
	if err != nil {
		return err
	}
	l := newLoad(stack.BaseURL, revision)
	watch := startWatch(ctx, stack)
	fmt.Fprintf(os.Stderr, "loading %s with %.0f operations a second\n", o.Length, o.Rate)
	loadErr := l.run(ctx, o)
	memory := watch.end()
	l.write(w, o)
	// What the load began is let come to its end before anything is summed.
	endErr := l.finishAll(ctx)
	queueErr := drain(ctx, stack)
	sums, booksErr := l.checkBooks(ctx, drainLimit)
	memoryErr := writeMemory(w, memory)
	fmt.Fprintf(w, "Queues: %s. Statements: %s.\n", verdict(queueErr, "all empty at the end"), verdict(booksErr, sums.String()))
	return errors.Join(loadErr, endErr, queueErr, booksErr, memoryErr)
}

func verdict(err error, good string) string {
	if err != nil {
		return "**" + err.Error() + "**"
	}
	return good
}

// revisionOf returns what is in force of the policy that the template names by itself.
func revisionOf(root string) (policy.Revision, error) {
	t, err := template.Parse(filepath.Join(root, "template.yaml"))
	if err != nil {
		return policy.Revision{}, err
	}
	functions, err := t.Functions(template.Scope{AnyText: true, Ref: func(*template.Resource) (string, bool) { return "", true }})
	if err != nil {
		return policy.Revision{}, err
	}
	p, err := policy.Open(functions[0].Env["POLICY"])
	if err != nil {
		return policy.Revision{}, err
	}
	return p.Current(time.Now()), nil
}

// drain waits until no queue holds a message.
func drain(ctx context.Context, stack *local.Stack) error {
	limit := time.Now().Add(drainLimit)
	for {
		left := 0
		for id := range stack.QueueURLs {
			visible, inFlight, err := stack.QueueDepth(ctx, id)
			if err != nil {
				return err
			}
			left += visible + inFlight
		}
		if left == 0 {
			return nil
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%d messages are left on the queues", left)
		}
		time.Sleep(time.Second)
	}
}
