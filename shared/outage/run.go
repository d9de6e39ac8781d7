package outage

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// The bounds of a page of a run.
const (
	// runPage is how many payments it has: their wallets come in one read.
	runPage = 50
	// inParallel is how many requests are sent at once. A function that is cut off while it sends
	// loses half a second.
	inParallel = 8
)

// Find returns the outage, KindNotFound when there is none.
func Find(ctx context.Context, store Store, id ID) (Outage, error) {
	o, err := store.FindOutage(ctx, id)
	if err != nil {
		return Outage{}, fault.At("outage: find", string(id), err)
	}
	if o == nil {
		return Outage{}, fault.NotFound("outage")
	}
	return *o, nil
}

// Starter starts runs.
type Starter struct {
	// Store keeps the outages.
	Store Store
	// Runs takes the first page.
	Runs Runs
}

// CodeRunStarted is the code of an order about an outage whose run has begun, and does not do what
// was ordered.
const CodeRunStarted = "run_begun"

// Start begins to make the outage good, in the way given, by whoever is named. Where its
// run has begun so, or is over, it returns how far the run is, and true; while the run goes on, its
// next page is requested once more.
//
// Errors: KindNotFound when there is no such outage; KindConflict CodeRunStarted where its run
// gives otherwise, CodeWithdrawn where it was withdrawn.
func (s Starter) Start(ctx context.Context, id ID, give Give, by string, now time.Time) (o Outage, replay bool, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		o, err = Find(ctx, s.Store, id)
		if replay = o.Run != nil; err != nil {
			return err
		}

		// Two orders that give differently cannot both be carried out: the purchases of the pages
		// behind the run were decided by the first.
		if o.Withdrawn() {
			return fault.Errorf(fault.KindConflict, CodeWithdrawn, "the outage was withdrawn")
		}
		if replay && o.Run.Give != give {
			return fault.Errorf(fault.KindConflict, CodeRunStarted, "the outage's run has begun, and %s", o.Run.Give.description())
		}
		if replay {
			return nil
		}

		// Committed before the first message: a page finds its run on record. The version makes two
		// starters at once one run.
		o = o.withRun(Run{Give: give, StartedAt: now, By: by, Page: 1}, now)
		return fault.At("outage.Start: commit", string(id), s.Store.CommitOutage(ctx, o))
	})

	// A replay sends too: the process of the first request may have died before its message.
	if err == nil && o.runOpen() {
		err = fault.At("outage.Start: request page", string(id), s.Runs.Run(ctx, o.pageRequest()))
	}
	return o, replay, err
}

// description is what a refusal says that a run does.
func (g Give) description() string {
	if g == "" {
		return "offers"
	}
	return "gives " + string(g)
}

// withRun returns the outage with its run so far. While the run goes on, a page that does not come
// in time is requested again by the sweep.
func (o Outage) withRun(run Run, now time.Time) Outage {
	o.Run = &run
	if !o.runOpen() {
		return o.schedule(todo.StepRun, time.Time{})
	}
	return o.schedule(todo.StepRun, now.Add(todo.Resend))
}

// runOpen reports whether the run has begun and is not over.
func (o Outage) runOpen() bool { return o.Run != nil && o.Run.DoneAt.IsZero() }

// pageRequest returns the message that requests the next page of the run.
func (o Outage) pageRequest() message.OutageStarted {
	return message.NewOutageStarted(string(o.ID), o.Run.Page)
}

// Runner makes outages good, a page of payments for each message.
// Why: infra/decisions/0016.
type Runner struct {
	// Store keeps the outages, and lists all payments.
	Store Store
	// Estimator is the stack's policy, as outages ask it.
	Estimator Estimator
	// Requests takes a request for each purchase that the policy would give something.
	Requests Requests
	// Runs takes the next page.
	Runs Runs
}

// Run does one page of the outage's run. It requests a decision about each purchase that the policy
// would give something, records the page as done, and requests the next. KindNotFound when there is
// no such outage, KindBusy when it should be tried again.
//
// Page says which page is meant, 0 the next one. A replay of a page that is done does nothing, so
// of all messages of a run one goes on. A process that is cut off before the page is recorded does
// it again: a decision that is requested twice is made once.
func (r Runner) Run(ctx context.Context, id ID, page int, now time.Time) error {
	o, err := r.load(ctx, id)
	if err != nil || !o.runOpen() || page != 0 && page != o.Run.Page {
		return err
	}
	run, err := r.page(ctx, o, now)
	if err != nil {
		return err
	}

	// The page is recorded after its requests and before the next message. In the other order, a
	// process that dies between the two would skip purchases.
	after := o.withRun(run, now)
	if ours, err := r.commitPage(ctx, after, now); err != nil || !ours || !after.runOpen() {
		return err
	}
	return fault.At("outage.Run: request next page", string(id), r.Runs.Run(ctx, after.pageRequest()))
}

// load returns the outage as it is now.
func (r Runner) load(ctx context.Context, id ID) (Outage, error) {
	o, err := fault.RetryFor(ctx, func(ctx context.Context) (Outage, error) { return Find(ctx, r.Store, id) })
	return o, fault.At("outage.Run: load", string(id), err)
}

// page requests the decisions of the run's next page, and returns the run after it.
func (r Runner) page(ctx context.Context, o Outage, now time.Time) (Run, error) {
	all, err := fault.RetryFor(ctx, r.Store.Outages)
	if err != nil {
		return Run{}, fault.At("outage.Run: read outages", string(o.ID), err)
	}

	// Every purchase is judged by the instant at which the run started, however late its page
	// comes: two customers of one outage must not get different answers because one is on a later
	// page.
	run := *o.Run
	q := query{o.ID, o.downtime(active(all), run.StartedAt).OutageFacts, run.StartedAt}
	part, err := readPage(ctx, r.Store, r.Estimator, q, run.Cursor, runPage)
	if err != nil {
		return Run{}, err
	}

	// The estimate only spares requests that would be declined. The decision reads everything
	// again, so a purchase that changed meanwhile is decided by what it is then.
	group, sendCtx := errgroup.WithContext(ctx)
	group.SetLimit(inParallel)
	for _, gift := range part.gifts {
		group.Go(func() error {
			return r.Requests.Request(sendCtx, message.NewOutageRequested(string(o.ID), string(gift.Payment)))
		})
	}
	if err := group.Wait(); err != nil {
		return Run{}, fault.At("outage.Run: request decisions", string(o.ID), err)
	}

	run.Page, run.Cursor = run.Page+1, part.next
	// Purchases that got something before count as requested: an earlier attempt at this page was
	// cut off after it had sent for them.
	run.Seen, run.Requested = run.Seen+part.count, run.Requested+part.prior+len(part.gifts)
	if part.next == "" {
		run.DoneAt = now
	}
	return run, nil
}

// commitPage records the page as done. It is false where another message was faster: that one
// requests the next page.
func (r Runner) commitPage(ctx context.Context, after Outage, now time.Time) (ours bool, err error) {
	unsure := false
	err = fault.Retry(ctx, func(ctx context.Context) error {
		err := r.Store.CommitOutage(ctx, after)
		if err == nil || fault.KindOf(err) != fault.KindStale {
			// An attempt that failed may have written all the same: its answer was lost.
			ours, unsure = err == nil, unsure || err != nil
			return fault.At("outage.Run: commit page", string(after.ID), err)
		}

		// Stale: the outage changed since it was read. Either its page is done, or something else
		// of it changed.
		current, errFind := Find(ctx, r.Store, after.ID)
		switch {
		case errFind != nil:
			return errFind
		case current.Run.Page >= after.Run.Page:
			// After a lost answer the page may be ours or another's. It is taken for ours: a next
			// page that is requested twice does no harm, one that nobody requests stops the run
			// until the sweep.
			ours = unsure
			return nil
		}

		// What else changed stays: the run is laid over the outage as it is now, and the stale
		// error makes Retry try again.
		after = current.withRun(*after.Run, now)
		return fault.At("outage.Run: commit page", string(after.ID), err)
	})
	return ours, err
}
