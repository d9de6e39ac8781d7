package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/infra/makegood/stack"
	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/refund"
)

// confirm looks at every doubtful payment again, on both sides, and reports what still differs.
func (r Reconciler) confirm(ctx context.Context, doubtful []*subject, report Report, now time.Time) (Report, error) {
	var mutex sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, s := range doubtful {
		group.Go(func() error {
			// The provider first, then the ledger: what a webhook brings in between is then on the
			// ledger's side, and is no false alarm.
			lookErr := r.look(ctx, s)
			differences, err := r.recheck(ctx, s, now)
			mutex.Lock()
			defer mutex.Unlock()
			report.Differences = append(report.Differences, differences...)
			// A provider that fails does not end the run, but its silence must not pass for
			// agreement either.
			if lookErr != nil {
				report.Gaps = append(report.Gaps, fmt.Sprintf("%s: it cannot be looked up: %s", s.id, lookErr))
			}
			return err
		})
	}
	// Lookups end in any order; the report must not.
	err := group.Wait()
	slices.Sort(report.Gaps)
	sorted(report.Differences)
	return report, err
}

// look asks the provider about a payment that the listing lacks, or shows otherwise than the
// ledger. A payment that cannot be looked up is not compared any more.
func (r Reconciler) look(ctx context.Context, s *subject) error {
	// A whole listing that agrees with the ledger has answered already: a lookup costs up to four
	// requests.
	if s.gateway == nil || s.whole() && len(between(s.id, s.theirs, s.exists, s.record)) == 0 {
		return nil
	}
	var answer []payment.Facts
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		answer, err = s.gateway.Look(ctx, s.id)
		return err
	})
	if err != nil {
		s.gateway = nil
		return err
	}
	s.theirs, s.exists = r.Rules.FromFacts(s.id, slices.Concat(s.listed, answer))
	return nil
}

// recheck returns what differs after the ledger, too, was read again. The error is the ledger's.
func (r Reconciler) recheck(ctx context.Context, s *subject, now time.Time) ([]Difference, error) {
	if !s.differs() {
		return nil, nil
	}
	// The first read may be minutes old by now, and most differences are payments that have moved
	// on since.
	record, err := r.Ledger.Payment(ctx, s.id)
	if err != nil {
		return nil, fault.At("reconcile: payment", string(s.id), err)
	}
	s.record = record
	if record == nil {
		return s.differences(), nil
	}
	overdue, err := r.overdue(ctx, *record, s.theirs, now)
	return append(s.differences(), overdue...), err
}

// overdue returns the promises that the provider should know of by now, and does not. A refund of
// it that the ledger has not received is a difference already.
func (r Reconciler) overdue(ctx context.Context, record stack.Recorded, theirs payment.Payment, now time.Time) ([]Difference, error) {
	add := adder{id: record.ID}
	for _, caseID := range record.Due() {
		// The provider has a refund of this case that counts: the promise is on its way or
		// fulfilled.
		if slices.ContainsFunc(slices.Collect(maps.Values(theirs.Refunds)), func(r payment.Refund) bool { return r.Case == caseID && r.Counts() }) {
			continue
		}
		since, err := r.promisedAt(ctx, record, caseID)
		if err != nil {
			return nil, err
		}
		// A fresh promise still waits in the queue; only an old one was forgotten.
		if now.Sub(since) <= Patience {
			continue
		}
		debt := money.Amount{Minor: record.Promised[caseID].Minor}
		if record.Purchase != nil {
			debt.Currency = record.Purchase.Subtotal.Currency
		}
		add.one(RefundDue, caseID, "no refund of "+debt.String(), "promised "+instant(since))
	}
	return add.all, nil
}

// promisedAt returns when the money of a case was last promised: when the case began to pay, or
// when staff decided so without a case. It is the zero time where neither is on record.
func (r Reconciler) promisedAt(ctx context.Context, record stack.Recorded, caseID string) (time.Time, error) {
	c, err := r.Ledger.Case(ctx, caseID)
	if err != nil {
		return time.Time{}, fault.At("reconcile: case", caseID, err)
	}
	var since time.Time
	// Staff may promise money about a payment without a case; the decision is kept with the
	// payment.
	if c == nil {
		for _, r := range record.Resolutions {
			if r.Action == payment.ActionRefund {
				since = r.At
			}
		}
		return since, nil
	}
	// The last time counts: a promise that failed may have been made anew.
	for _, event := range c.History {
		if event.State == string(refund.StatePaying) && event.At.After(since) {
			since = event.At.Time
		}
	}
	return since, nil
}
