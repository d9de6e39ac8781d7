// Package reconcile owns finding where a provider and the ledger disagree about a payment.
//
// It refuses to know how either is reached, and mends nothing: sweep-due polls for what was missed,
// staff decide about the rest.
//
// Invariants: the provider's events are read by shared/payment, as a payment reads them. What is
// known from a listing alone, or was read a while ago, is looked at again before it is called a
// difference. What could not be compared is reported, and never counts as agreement.
//
// Words: theirs (a payment as the provider has it), record (the payment as the ledger has it),
// difference, listing (the provider's recent events), look (one payment, as the provider has it
// today).
package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"makegood/infra/makegood/stack"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/payment"
)

// Patience is how long money that was promised may be on its way to the provider.
const Patience = 10 * time.Minute

// The bounds of asking a provider.
const (
	maxPages = 20_000 // of its listing: two million events
	atOnce   = 4      // lookups at a time: Stripe takes 25 questions a second in test mode, and a lookup has up to four
)

// Ledger is the side that we keep.
type Ledger interface {
	// Payments returns every payment on record.
	Payments(ctx context.Context) (map[payment.ID]stack.Recorded, error)
	// Payment returns one payment as it is now, nil for an unknown one.
	Payment(ctx context.Context, id payment.ID) (*stack.Recorded, error)
	// Case returns a case, nil for an unknown one.
	Case(ctx context.Context, id string) (*api.Case, error)
}

// Reconciler compares a ledger with its providers.
type Reconciler struct {
	Ledger   Ledger                     // our side
	Gateways map[string]payment.Gateway // the other side, by the provider's name
	Rules    payment.Rules              // merges a provider's facts as a payment merges them
	Lookups  int                        // how many payments are looked up one by one, at most
}

// Report is the result of one run.
type Report struct {
	Compared    int          // how many payments either side has
	Differences []Difference // sorted; empty where both sides agree
	Gaps        []string     // what could not be compared, one sentence each
	Old         int          // payments from before the listing that the bound on lookups left out
}

// subject is one payment under comparison. A nil gateway: its provider cannot be asked.
type subject struct {
	id      payment.ID
	gateway payment.Gateway
	listed  []payment.Facts
	record  *stack.Recorded
	theirs  payment.Payment
	exists  bool // at the provider, as far as is known
}

// Run compares every payment on record, and every payment that the providers list since the
// instant. The error is the ledger's.
func (r Reconciler) Run(ctx context.Context, since, now time.Time) (Report, error) {
	records, err := r.Ledger.Payments(ctx)
	if err != nil {
		return Report{}, fault.At("reconcile.Run: payments", "", err)
	}
	var report Report
	subjects := r.subjects(ctx, records, since, &report)
	report.Compared = len(subjects)
	// A listing is cheap and a lookup is not: only payments that do not agree as listed are looked
	// up.
	var doubtful []*subject
	for _, s := range subjects {
		if s.theirs, s.exists = r.Rules.FromFacts(s.id, s.listed); !s.agrees() {
			doubtful = append(doubtful, s)
		}
	}
	return r.confirm(ctx, r.bounded(doubtful, since, &report), report, now)
}

// subjects returns a subject for each payment that either side has.
func (r Reconciler) subjects(ctx context.Context, records map[payment.ID]stack.Recorded, since time.Time, report *Report) []*subject {
	all := map[payment.ID]*subject{}
	of := func(id payment.ID) *subject {
		if all[id] == nil {
			all[id] = &subject{id: id}
		}
		return all[id]
	}
	reachable := map[string]payment.Gateway{}
	// The provider's side: everything that it lists, whether the ledger knows of it or not.
	for name, gateway := range r.Gateways {
		listing, err := list(ctx, gateway, since)
		if err != nil {
			// A provider that cannot list is left out as a whole: half a list would make every
			// other payment look unknown.
			report.Gaps = append(report.Gaps, fmt.Sprintf("%s: its events cannot be listed: %s", name, err))
			continue
		}
		reachable[name] = gateway
		for _, facts := range listing {
			s := of(facts.Payment)
			s.gateway, s.listed = gateway, append(s.listed, facts)
		}
	}
	// The ledger's side. Where a payment was not listed, the provider on its record can be asked.
	silent := map[string]int{}
	for id, p := range records {
		s := of(id)
		if s.record = &p; s.gateway == nil {
			s.gateway = reachable[p.Provider]
		}
		if s.gateway == nil {
			silent[p.Provider]++
		}
	}
	// One line for each provider, not one for each payment: a provider that was switched off may
	// have thousands.
	for name, count := range silent {
		report.Gaps = append(report.Gaps, fmt.Sprintf("%s: nobody can be asked about %d payments", name, count))
	}
	slices.Sort(report.Gaps)
	var subjects []*subject
	for _, s := range all {
		subjects = append(subjects, s)
	}
	return subjects
}

// list returns the whole listing of a provider, oldest first.
func list(ctx context.Context, gateway payment.Gateway, since time.Time) ([]payment.Facts, error) {
	var all []payment.Facts
	cursor := ""
	for range maxPages {
		var page payment.Listing
		err := fault.Retry(ctx, func(ctx context.Context) (err error) {
			page, err = gateway.List(ctx, since, cursor)
			return err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Facts...)
		if page.Next == "" {
			// Facts are merged in the order in which they happened; providers list the newest
			// first.
			slices.SortStableFunc(all, func(a, b payment.Facts) int { return a.At.Compare(b.At) })
			return all, nil
		}
		// The same cursor again would lead to the same page for ever.
		if page.Next == cursor {
			break
		}
		cursor = page.Next
	}
	return nil, errors.New("the listing does not end")
}

// differences returns what differs as far as is known now.
func (s *subject) differences() []Difference {
	var all []Difference
	if s.gateway != nil {
		all = between(s.id, s.theirs, s.exists, s.record)
	}
	if s.record != nil {
		all = append(all, within(*s.record)...)
	}
	return all
}

// agrees reports whether the provider's answer on the payment is whole, and both sides agree.
func (s *subject) agrees() bool {
	return (s.gateway == nil || s.whole()) && !s.differs()
}

// whole reports whether everything that the provider has on the payment was listed. A listing that
// has the purchase has all that came after it, but for refunds that it may only have counted.
func (s *subject) whole() bool {
	// More refunded in total than the single refunds add up to: one of them was not listed.
	excess := s.theirs.RefundedInAll
	for _, refund := range s.theirs.Refunds {
		excess -= refund.Amount.Minor
	}
	return s.exists && excess <= 0
}

// differs reports whether anything is to be looked at again: a difference, or a promise that is
// due.
func (s *subject) differs() bool {
	return len(s.differences()) > 0 || s.record != nil && len(s.record.Due()) > 0
}

// began returns when the payment began, as far as the ledger knows.
func (s *subject) began() time.Time {
	if s.record == nil {
		return time.Time{}
	}
	return s.record.Began()
}

// bounded returns as many of the subjects as may be looked up. First come those that the provider
// listed or where the ledger shows a difference by itself, then the newest.
func (r Reconciler) bounded(doubtful []*subject, since time.Time, report *Report) []*subject {
	// An old payment that neither side has touched lately is the least likely to differ.
	rank := func(s *subject) int {
		if len(s.listed) > 0 || s.record != nil && (len(within(*s.record)) > 0 || len(s.record.Due()) > 0) {
			return 1
		}
		return 0
	}
	slices.SortFunc(doubtful, func(a, b *subject) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), b.began().Compare(a.began()), cmp.Compare(a.id, b.id))
	})
	if len(doubtful) <= r.Lookups {
		return doubtful
	}
	// What is left out must be counted: silence would read as agreement. Old payments are counted
	// apart: they are no gap in the period that was asked for.
	recent := 0
	for _, s := range doubtful[r.Lookups:] {
		if len(s.listed) > 0 || !s.began().Before(since) {
			recent++
			continue
		}
		report.Old++
	}
	if recent > 0 {
		report.Gaps = append(report.Gaps, fmt.Sprintf("%d payments were not looked up: no more than %d are", recent, r.Lookups))
	}
	return doubtful[:r.Lookups]
}
