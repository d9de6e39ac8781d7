package refund

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/outage"
)

// The bounds of a look.
const (
	lookPage   = 50 // cases of one read and one message
	inParallel = 8  // requests that are sent at once
)

// Waits is what the looker needs of a store.
type Waits interface {
	// FindOutage returns the outage by a consistent read, nil when there is none.
	FindOutage(ctx context.Context, id outage.ID) (*outage.Outage, error)
	// CommitOutage writes the outage, KindStale where it has changed since it was read.
	CommitOutage(ctx context.Context, after outage.Outage) error
	// ListReview returns at most limit of the cases that wait for staff, soonest due first, and
	// whether there are more. It begins after the position, nil for the first. It reads an index,
	// which may lag.
	ListReview(ctx context.Context, after *ReviewPosition, limit int) ([]Case, bool, error)
}

// Looker has the claims that wait for downtime decided again after an outage has changed.
type Looker struct {
	// Store lists what waits for staff, and keeps the outages.
	Store Waits
	// Requests is the queue of the decider.
	Requests Requests
	// Looks is the looker's own queue: each page of the list is a message.
	Looks outage.Looks
}

// Look requests a decision about each claim on one page of what waits for staff, then the next
// page. The last page takes the look off the outage, if the look began late enough: an earlier one
// may have missed a claim that was just being decided. A claim that is requested twice is decided
// once. Look does nothing for an outage without a look.
//
// Errors: KindNotFound when there is no such outage, KindBusy when it should be tried again.
func (l Looker) Look(ctx context.Context, change message.OutageChanged, now time.Time) error {
	id, err := outage.ParseID(change.Outage)
	if err != nil {
		return err
	}
	// The first message of a look says nothing of its start. The next pages carry it on.
	if change.Began.IsZero() {
		change.Began = now
	}
	cases, more, err := l.page(ctx, id, change.After)
	if err != nil {
		return err
	}
	// One failed send ends the page. Its message comes again, and the claims that were requested
	// already are found decided.
	group, sendCtx := errgroup.WithContext(ctx)
	group.SetLimit(inParallel)
	for _, c := range cases {
		if c.AwaitsDowntime() {
			group.Go(func() error {
				err := l.Requests.Request(sendCtx, message.NewCaseRequested(string(c.ID), "", c.Payment))
				return fault.At("refund.Look: request decision", string(c.ID), err)
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	// The next page goes on behind the last case, even where that has left the list by then.
	if more {
		last := cases[len(cases)-1].Position()
		change.After = &message.Waiting{At: last.At, Case: string(last.Case)}
		return fault.At("refund.Look: request next page", string(id), l.Looks.LookAgain(ctx, change))
	}
	return l.done(ctx, id, change.Began)
}

// page returns the next of the cases that wait for staff, none for an outage without a look.
func (l Looker) page(ctx context.Context, id outage.ID, after *message.Waiting) (cases []Case, more bool, err error) {
	var behind *ReviewPosition
	if after != nil {
		behind = &ReviewPosition{At: after.At, Case: CaseID(after.Case)}
	}
	err = fault.Retry(ctx, func(ctx context.Context) error {
		// A look that is done already costs no list: the queue may deliver its messages late.
		o, err := l.find(ctx, id)
		if err != nil || !o.Looking() {
			return err
		}
		cases, more, err = l.Store.ListReview(ctx, behind, lookPage)
		// An empty page has no last case to go on behind.
		more = more && len(cases) > 0
		return fault.At("refund.Look: list review", string(id), err)
	})
	return cases, more, err
}

// done takes the look off the outage, where it has not changed since.
func (l Looker) done(ctx context.Context, id outage.ID, began time.Time) error {
	return fault.Retry(ctx, func(ctx context.Context) error {
		o, err := l.find(ctx, id)
		if err != nil {
			return err
		}
		// A change of the outage since has asked for a look of its own: that one stays.
		after, last := o.Looked(began)
		if !last {
			return nil
		}
		return fault.At("refund.Look: end look", string(id), l.Store.CommitOutage(ctx, after))
	})
}

// find returns the outage, KindNotFound where there is none.
func (l Looker) find(ctx context.Context, id outage.ID) (outage.Outage, error) {
	o, err := l.Store.FindOutage(ctx, id)
	if err == nil && o == nil {
		err = fault.NotFound("outage")
	}
	if err != nil {
		return outage.Outage{}, fault.At("refund.Look: find outage", string(id), err)
	}
	return *o, nil
}
