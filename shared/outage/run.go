package outage

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// The bounds of a page: its wallets come in one read, and a function that is cut off while it sends
// loses half a second.
const (
	runPage    = 50
	inParallel = 8
)

// Find returns the outage, KindNotFound when there is none.
func Find(ctx context.Context, store Store, id ID) (Outage, error) {
	o, err := store.FindOutage(ctx, id)
	if err == nil && o == nil {
		err = fault.NotFound("outage")
	}
	if err != nil {
		return Outage{}, err
	}
	return *o, nil
}

// Starter starts runs.
type Starter struct {
	Store Store
	Runs  Runs
}

// CodeRunBegun is the code of an order about an outage whose run has begun, and does not do what
// was ordered.
const CodeRunBegun = "run_begun"

// Start begins to make the outage good, in the way given. Of one whose run has begun so, or is
// over, it returns how far that is, and true; where it still goes on, its next page is asked for
// once more. KindNotFound when there is no such outage; KindConflict CodeRunBegun where its run
// gives otherwise, CodeWithdrawn where it was withdrawn.
func (s Starter) Start(ctx context.Context, id ID, give Give, now time.Time) (o Outage, replay bool, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		o, err = Find(ctx, s.Store, id)
		if replay = o.Run != nil; err != nil {
			return err
		}
		if o.Withdrawn() {
			return fault.Errorf(fault.KindConflict, CodeWithdrawn, "the outage was withdrawn")
		}
		if replay && o.Run.Give != give {
			return fault.Errorf(fault.KindConflict, CodeRunBegun, "the outage's run has begun, and %s", o.Run.Give.does())
		}
		if replay {
			return nil
		}
		o = o.running(Run{Give: give, StartedAt: now, Page: 1}, now)
		return s.Store.CommitOutage(ctx, o)
	})
	if err == nil && o.goesOn() {
		err = s.Runs.Run(ctx, o.asked())
	}
	return o, replay, err
}

func (g Give) does() string {
	if g == "" {
		return "offers"
	}
	return "gives " + string(g)
}

// running returns the outage with its run so far: while it goes on, a page that does not come in
// time is asked for again.
func (o Outage) running(run Run, now time.Time) Outage {
	o.Run = &run
	if !o.goesOn() {
		return o.owing(todo.StepRun, time.Time{})
	}
	return o.owing(todo.StepRun, now.Add(todo.Resend))
}

// goesOn reports whether the run has begun and is not over.
func (o Outage) goesOn() bool { return o.Run != nil && o.Run.DoneAt.IsZero() }

// asked returns the message that asks for the next page of the run.
func (o Outage) asked() message.OutageStarted {
	return message.NewOutageStarted(string(o.ID), o.Run.Page)
}

// Runner makes outages good, a page of payments for each message.
// Why: infra/decisions/0016.
type Runner struct {
	// Store keeps the outages, and lists all payments.
	Store Store
	// Estimator opens the stack's policy: it costs nothing after the first time.
	Estimator func() (Estimator, error)
	// Requests takes a question for each purchase that the policy would give something.
	Requests Requests
	// Runs takes the next page.
	Runs Runs
}

// Run does one page of the outage's run: it asks for a decision about each purchase that the policy
// would give something, notes the page as done, and asks for the next. Page says which is meant, 0
// whichever stands: a repeat of one that is done does nothing, so of all messages of a run one goes
// on. Cut off before the page is noted, it is done again: a decision that is asked for twice is
// made once. KindNotFound when there is no such outage, KindBusy when it should be tried again.
func (r Runner) Run(ctx context.Context, id ID, page int, now time.Time) error {
	o, err := r.find(ctx, id)
	if err != nil || !o.goesOn() || page != 0 && page != o.Run.Page {
		return err
	}
	run, err := r.page(ctx, o, now)
	if err != nil {
		return err
	}
	after := o.running(run, now)
	if ours, err := r.note(ctx, after, now); err != nil || !ours || !after.goesOn() {
		return err
	}
	return r.Runs.Run(ctx, after.asked())
}

func (r Runner) find(ctx context.Context, id ID) (o Outage, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		o, err = Find(ctx, r.Store, id)
		return err
	})
	return o, err
}

// page asks for the decisions of the run's next page, and returns the run after it.
func (r Runner) page(ctx context.Context, o Outage, now time.Time) (Run, error) {
	estimator, err := r.Estimator()
	if err != nil {
		return Run{}, fault.At("outage.Run: open policy", string(o.ID), err)
	}
	all, err := fault.RetryFor(ctx, r.Store.Outages)
	if err != nil {
		return Run{}, fault.At("outage.Run: read outages", string(o.ID), err)
	}
	run := *o.Run
	// All is judged by the instant at which the run started, however late its page comes.
	q := query{o.ID, o.downtime(standing(all), run.StartedAt).OutageFacts, run.StartedAt}
	part, err := look(ctx, r.Store, estimator, q, run.Cursor, runPage)
	if err != nil {
		return Run{}, err
	}
	group, sendCtx := errgroup.WithContext(ctx)
	group.SetLimit(inParallel)
	for _, gift := range part.gifts {
		group.Go(func() error {
			return r.Requests.Request(sendCtx, message.NewOutageRequested(string(o.ID), string(gift.Payment)))
		})
	}
	if err := group.Wait(); err != nil {
		return Run{}, err
	}
	run.Page, run.Cursor = run.Page+1, part.next
	// Who got something before was asked for too: the page was cut off, and is done again.
	run.Seen, run.Asked = run.Seen+part.seen, run.Asked+part.gave+len(part.gifts)
	if part.next == "" {
		run.DoneAt = now
	}
	return run, nil
}

// note writes the page as done. It is false where another message was faster: that one asks for the
// next page. Where an answer was lost, the page is ours if it is noted now: a next page that is
// asked for twice does no harm. What else changed of the outage meanwhile stays.
func (r Runner) note(ctx context.Context, after Outage, now time.Time) (ours bool, err error) {
	unsure := false
	err = fault.Retry(ctx, func(ctx context.Context) error {
		err := r.Store.CommitOutage(ctx, after)
		if err == nil || fault.KindOf(err) != fault.KindStale {
			ours, unsure = err == nil, unsure || err != nil
			return err
		}
		current, errFind := Find(ctx, r.Store, after.ID)
		switch {
		case errFind != nil:
			return errFind
		case current.Run.Page >= after.Run.Page:
			ours = unsure
			return nil
		}
		after = current.running(*after.Run, now)
		return err
	})
	return ours, err
}
