package redrive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/infra/makegood/stack"
)

// Order is what an operator asks for.
type Order struct {
	// Queue is the queue.
	Queue Queue
	// Most is how many letters are moved at the most.
	Most int
	// DryRun shows the letters and moves none.
	DryRun bool
	// Within is how long the queue may take to drain.
	Within time.Duration
	// Quiet is how long it must be empty.
	Quiet time.Duration
	// Name marks what is moved.
	Name string

	// Log reads why the letters lie there; an error is told and stops nothing.
	Log Log
	// Stack tells how their subjects stand; an error is told and stops nothing. nil: nobody does.
	Stack *stack.Client
	// Looked is called with the letters before any is moved; false ends the order.
	Looked func(Report) (bool, error)
	// Progress is told how far it is; nil: nobody is.
	Progress func(moved int, counts Counts)
}

// Report is what became of an order.
type Report struct {
	// Queue is the queue's name.
	Queue string `json:"queue"`
	// DeadLetters is how many lay in the dead-letter queue, as SQS counts.
	DeadLetters int `json:"dead_letters"`
	// Letters are those that were looked at: lookMost at the most.
	Letters []Letter `json:"letters"`
	// Unexplained says why no log was read, "" where one was.
	Unexplained string `json:"unexplained,omitempty"`
	// Silence says why nobody told how the letters' subjects stand, "" where somebody did.
	Silence string `json:"silence,omitempty"`
	// DryRun is whether nothing was to be moved.
	DryRun bool `json:"dry_run"`
	// Moved is how many letters their queue took.
	Moved int `json:"moved"`
	// Drained is whether the queue was empty in the end.
	Drained bool `json:"drained"`
	// Waiting is how many messages the queue had in the end, those in flight among them.
	Waiting int `json:"waiting"`
	// Returned are letters that failed again.
	Returned []Letter `json:"returned"`
	// Left is how many dead letters there were in the end.
	Left int `json:"left"`
}

// lookMost is how many letters are looked at; counts tell of the rest.
const lookMost = 100

// ErrRefused means that whoever was asked did not want the letters to be moved.
var ErrRefused = errors.New("nothing was moved")

// Carry looks, moves and watches. On an error the report says how far it came.
func (o Order) Carry(ctx context.Context) (Report, error) {
	report, err := o.look(ctx)
	if err != nil || o.DryRun || report.DeadLetters == 0 {
		return report, err
	}
	if agreed, err := o.Looked(report); err != nil {
		return report, err
	} else if !agreed {
		return report, ErrRefused
	}
	run := Run{Queue: o.Queue, Name: o.Name, Quiet: o.Quiet, Progress: o.Progress}
	if report.Moved, err = run.Move(ctx, o.Most); err != nil {
		return report, fmt.Errorf("%d moved: %w", report.Moved, err)
	}
	counts, drained, err := run.Watch(ctx, report.Moved, o.Within)
	report.Drained, report.Waiting, report.Left = drained, counts.Waiting+counts.InFlight, counts.Dead+counts.DeadInHand
	if err != nil || report.Left == 0 {
		return report, err
	}
	// What lies there now has failed again, or was left: the log has its reason too.
	again, err := run.Returned(ctx, lookMost)
	if err == nil && len(again) > 0 {
		report.Returned = again
		o.explain(ctx, report.Returned, &report)
	}
	return report, err
}

// look reads the letters, why they lie there, and how their subjects stand.
func (o Order) look(ctx context.Context) (Report, error) {
	report := Report{Queue: o.Queue.Name, DryRun: o.DryRun, Letters: []Letter{}, Returned: []Letter{}}
	letters, err := o.Queue.Look(ctx, lookMost)
	if err != nil {
		return report, err
	}
	counts, err := o.Queue.Count(ctx)
	if err != nil {
		return report, err
	}
	report.DeadLetters = max(len(letters), counts.Dead+counts.DeadInHand)
	report.Letters = append(report.Letters, letters...)
	o.explain(ctx, report.Letters, &report)
	return report, ctx.Err()
}

// explain adds to letters what others know of them. Who cannot be asked at night must not keep the
// letters where they lie.
func (o Order) explain(ctx context.Context, letters []Letter, report *Report) {
	if err := Explain(ctx, o.Log, o.Queue.Name, letters); err != nil {
		report.Unexplained = err.Error()
	}
	if o.Stack == nil {
		return
	}
	for n := range letters {
		if len(letters[n].About) == 0 {
			continue
		}
		now, err := current(ctx, *o.Stack, letters[n].About[0])
		if err != nil {
			report.Silence = err.Error()
			return
		}
		letters[n].Now = now
	}
}

// current returns how a subject stands, "" for one that has no state of its own.
func current(ctx context.Context, client stack.Client, about Subject) (string, error) {
	switch about.Kind {
	case "case":
		one, err := client.Case(ctx, about.ID)
		if one == nil || err != nil {
			return unknown(err)
		}
		return one.State, nil
	case "generation":
		one, err := client.Generation(ctx, about.ID)
		if one == nil || err != nil {
			return unknown(err)
		}
		return one.State, nil
	case "payment":
		one, err := client.ReadPayment(ctx, about.ID)
		if one == nil || err != nil {
			return unknown(err)
		}
		return string(one.State), nil
	}
	return "", nil
}

// unknown is how a subject stands that is not on record.
func unknown(err error) (string, error) {
	if err != nil {
		return "", err
	}
	return "not on record", nil
}
