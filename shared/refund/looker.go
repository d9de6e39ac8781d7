package refund

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/outage"
)

// The bounds of a look: its cases come in one read, and are asked for a few at a time.
const (
	lookPage   = 50
	inParallel = 8
)

// Waits is what looking at claims needs of a store.
type Waits interface {
	// FindOutage and CommitOutage are those of outage.Store.
	FindOutage(ctx context.Context, id outage.ID) (*outage.Outage, error)
	CommitOutage(ctx context.Context, after outage.Outage) error
	// ListReview returns at most limit of the cases that wait for staff after a position (nil: from
	// the first), soonest due first, and whether there are more, by an index that may lag.
	ListReview(ctx context.Context, after *ReviewPosition, limit int) ([]Case, bool, error)
}

// Looker has the claims that wait for downtime decided again, since what is declared has changed.
type Looker struct {
	Store    Waits
	Requests Requests
	Looks    outage.Looks
}

// Look asks for a decision about each claim of one page of what waits for staff, and for the next
// page. The last page of a look that began late enough takes it off the outage: one before that may
// have missed a claim that was just being decided. A claim that is asked about twice is decided
// once; of an outage that owes no look nothing is done. KindNotFound when there is no such outage,
// KindBusy when it should be tried again.
func (l Looker) Look(ctx context.Context, change message.OutageChanged, now time.Time) error {
	id, err := outage.ParseID(change.Outage)
	if err != nil {
		return err
	}
	if change.Began.IsZero() {
		change.Began = now
	}
	cases, more, err := l.page(ctx, id, change.After)
	if err != nil {
		return err
	}
	group, sendCtx := errgroup.WithContext(ctx)
	group.SetLimit(inParallel)
	for _, c := range cases {
		if c.AwaitsDowntime() {
			group.Go(func() error {
				return l.Requests.Request(sendCtx, message.NewCaseRequested(string(c.ID), "", c.Payment))
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if more {
		last := cases[len(cases)-1].Position()
		change.After = &message.Waiting{At: last.At, Case: string(last.Case)}
		return l.Looks.LookAgain(ctx, change)
	}
	return l.done(ctx, id, change.Began)
}

// page returns the next of the cases that wait for staff, none where the outage owes no look.
func (l Looker) page(ctx context.Context, id outage.ID, after *message.Waiting) (cases []Case, more bool, err error) {
	var behind *ReviewPosition
	if after != nil {
		behind = &ReviewPosition{At: after.At, Case: CaseID(after.Case)}
	}
	err = fault.Retry(ctx, func(ctx context.Context) error {
		o, err := l.find(ctx, id)
		if err != nil || !o.Looking() {
			return err
		}
		cases, more, err = l.Store.ListReview(ctx, behind, lookPage)
		more = more && len(cases) > 0
		return err
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
		after, last := o.Looked(began)
		if !last {
			return nil
		}
		return l.Store.CommitOutage(ctx, after)
	})
}

func (l Looker) find(ctx context.Context, id outage.ID) (outage.Outage, error) {
	o, err := l.Store.FindOutage(ctx, id)
	if err == nil && o == nil {
		err = fault.NotFound("outage")
	}
	if err != nil {
		return outage.Outage{}, err
	}
	return *o, nil
}
