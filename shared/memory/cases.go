package memory

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/statement"
	"makegood/shared/todo"
)

func (s *Store) caseOf(id refund.CaseID) *refund.Case {
	row, ok := s.cases[id]
	if !ok {
		return nil
	}
	c := row.item
	// Callers append to the history: a copy keeps the stored one as it is.
	c.History = slices.Clone(c.History)
	return &c
}

// LoadDecision implements refund.Decisions and refund.Reviews.
func (s *Store) LoadDecision(_ context.Context, subject refund.Subject) (refund.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snapshot := refund.Snapshot{
		Case: s.caseOf(subject.Case), Generation: s.generation(subject.Generation), Payment: s.payment(subject.Payment),
		Recent: slices.Clone(s.recent[subject.Case.CustomerKey()]),
	}
	if record, ok := s.evidence[subject.Case]; ok && subject.Reported() {
		snapshot.Evidence = &record
	}
	// The wallet is that of the case, else of what the case will be about, as in the tables.
	switch p := snapshot.Payment; {
	case snapshot.Case != nil:
		snapshot.Wallet = s.wallet(snapshot.Case.Customer)
	case snapshot.Generation != nil:
		snapshot.Wallet = s.wallet(snapshot.Generation.Customer)
	case p != nil && p.Customer().Key() == subject.Case.CustomerKey():
		snapshot.Wallet = s.wallet(p.Customer())
	default:
		snapshot.Wallet = s.wallet("")
	}
	// Of a payment, what decides how much of it is unspent belongs to the snapshot too.
	if owner := snapshot.Wallet.Customer; subject.Payment != "" {
		snapshot.Expired, snapshot.Purchases = s.expired[lotKey{owner, subject.Payment.Lot()}], slices.Clone(s.purchases[owner])
		snapshot.Ungranted = slices.Clone(s.ungranted[owner])
	}
	return snapshot, nil
}

// CommitDecision implements refund.Decisions.
func (s *Store) CommitDecision(_ context.Context, effect refund.Effect) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var steps []func()
	// Each part checks its conditions first and hands over what applies it: nothing is put before
	// all parts have passed.
	add := func(step func(), err error) error {
		steps = append(steps, step)
		return err
	}
	if err := add(s.prepareCase(effect.Before, effect.Case)); err != nil {
		return err
	}
	// A share of the verdicts is looked at again: which ones is known only with the verdict.
	if err := add(s.prepareLook(effect.SecondLook)); err != nil {
		return err
	}
	if err := add(s.prepare(effect.Posting)); err != nil {
		return err
	}
	if change := effect.Generation; change != nil {
		if err := add(s.prepareGeneration(change.Before, change.After)); err != nil {
			return err
		}
	}
	if effect.Recent != nil {
		if err := add(s.prepareRecent(effect)); err != nil {
			return err
		}
	}
	if change := effect.Payment; change != nil {
		if err := add(s.prepareChange(change.Read, change.Change)); err != nil {
			return err
		}
	}
	if !s.unchanged(effect.Unmoved, effect.Original) || !s.usesUnchanged(effect.Used) {
		return stale()
	}
	// All conditions hold, and the lock is ours: from here on nothing can fail.
	for _, step := range steps {
		step()
	}
	if finding := effect.Finding; finding != nil {
		s.count(*finding)
	}
	return nil
}

// unchanged reports whether the wallet and the payment that a verdict rests on are as they were
// read; nil ones are not asked.
func (s *Store) unchanged(wallet *ledger.Wallet, original *payment.Payment) bool {
	if wallet != nil {
		if !s.unmoved(*wallet) {
			return false
		}
	}
	if original == nil {
		return true
	}
	now := s.payment(original.ID)
	return now != nil && now.Version == original.Version
}

// prepareCase checks that the case still stands as before (nil: not at all) and returns what puts
// after in its place. What was asked stays as it is, erased or not.
func (s *Store) prepareCase(before *refund.Case, after refund.Case) (write func(), err error) {
	current := s.caseOf(after.ID)
	// A condition of the tables each: there or not, the state, the appeal, the rulings, the open
	// steps.
	switch {
	case (current == nil) != (before == nil):
		return nil, stale()
	case current != nil && (current.State != before.State || (current.Appeal == nil) != (before.Appeal == nil) || !sameRulings(*current, *before) || !maps.EqualFunc(current.Todo, before.Todo, time.Time.Equal)):
		return nil, stale()
	case current != nil:
		after.Statement, after.Assignment, after.Skips = current.Statement, current.Assignment, current.Skips
	}
	// The tables write the instant of a waiting case alone.
	if !after.Waiting() {
		after.ReviewBy = time.Time{}
	}
	return func() { s.cases[after.ID] = tracked[refund.Case]{item: after} }, nil
}

func sameRulings(a, b refund.Case) bool {
	return reflect.DeepEqual(a.Ruling, b.Ruling) && reflect.DeepEqual(a.Proposed, b.Proposed) && len(a.Overruled) == len(b.Overruled)
}

func (s *Store) prepareRecent(effect refund.Effect) (write func(), err error) {
	customerKey, change := effect.Case.ID.CustomerKey(), *effect.Recent
	same := func(a, b refund.RecentRequest) bool {
		return a.Case == b.Case && a.Refunded == b.Refunded && a.At.Equal(b.At)
	}
	// Two requests decided at once would each drop the other from the list.
	if !slices.EqualFunc(s.recent[customerKey], change.Before, same) {
		return nil, stale()
	}
	return func() {
		s.recent[customerKey] = slices.Clone(change.After)
		s.near[customerKey] = nearLimit{effect.Case.Customer, effect.NearUntil}
	}, nil
}

// ListFrequent implements refund.Frequents.
func (s *Store) ListFrequent(_ context.Context, now time.Time, cursor string, limit int) ([]refund.Frequent, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []refund.Frequent
	for _, key := range slices.Sorted(maps.Keys(s.near)) {
		near := s.near[key]
		if key <= cursor || !near.until.After(now) {
			continue
		}
		// One more customer than fits: the last one on the page is where the next begins.
		if len(page) == limit {
			return page, page[limit-1].Customer.Key(), nil
		}
		page = append(page, refund.Frequent{
			Customer: near.customer, Standing: s.wallet(near.customer).Standing, Recent: slices.Clone(s.recent[key]),
		})
	}
	return page, "", nil
}

// CountGenerations implements refund.Decisions.
func (s *Store) CountGenerations(_ context.Context, customer ledger.CustomerID, since time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, row := range s.generations {
		if row.item.Customer == customer && !row.item.StartedAt.Before(since) {
			n++
		}
	}
	return min(n, limit), nil
}

// GrantedBy implements refund.Decisions.
func (s *Store) GrantedBy(_ context.Context, customer ledger.CustomerID, lot ledger.LotID, at time.Time) (payment.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, entry := range s.entries[customer] {
		if entry.Movement == ledger.MovementGrant && entry.Lot == lot && entry.At.Equal(at) {
			return payment.ID(entry.Cause.Payment), nil
		}
	}
	return "", nil
}

// FindCase returns the case, nil when there is none.
func (s *Store) FindCase(_ context.Context, id refund.CaseID) (*refund.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.caseOf(id), nil
}

// FindAddressed implements refund.AddressBook.
func (s *Store) FindAddressed(_ context.Context, mark refund.AddressMark, limit int) ([]refund.Addressed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var marked []refund.Case
	for _, row := range s.cases {
		if mark != "" && row.item.AddressMark == mark {
			marked = append(marked, row.item)
		}
	}
	page, _ := newest(marked, nil, limit, func(c refund.Case) (time.Time, string) { return c.OpenedAt, string(c.ID) })
	found := make([]refund.Addressed, len(page))
	for i, c := range page {
		found[i] = refund.Addressed{Case: c.ID, Customer: c.Customer, OpenedAt: c.OpenedAt}
	}
	return found, nil
}

// FindCases returns those of the cases that exist, each once, in the order asked.
func (s *Store) FindCases(_ context.Context, ids ...refund.CaseID) ([]refund.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(ids, s.caseOf), nil
}

// ListCases returns at most limit of the customer's cases after a position, newest first, and
// whether there are more.
func (s *Store) ListCases(_ context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var mine []refund.Case
	for _, row := range s.cases {
		if row.item.Customer == customer {
			mine = append(mine, row.item)
		}
	}
	page, more := newest(mine, after, limit, func(c refund.Case) (time.Time, string) { return c.OpenedAt, string(c.ID) })
	return page, more, nil
}

// ListDecided returns a page of all decided cases by id, at most limit of them from cursor on, and
// the next cursor, "" after the last page.
func (s *Store) ListDecided(_ context.Context, cursor string, limit int) ([]refund.Case, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []refund.Case
	for id := range s.cases {
		if c := s.caseOf(id); c.Decision != nil && refund.ListedAfter(id) > cursor {
			page = append(page, *c)
		}
	}
	slices.SortFunc(page, func(a, b refund.Case) int { return cmp.Compare(a.ID, b.ID) })
	if len(page) <= limit {
		return page, "", nil
	}
	return page[:limit], refund.ListedAfter(page[limit-1].ID), nil
}

// RecordRuling implements refund.Reviews.
func (s *Store) RecordRuling(_ context.Context, before refund.Case, ruling refund.Ruling, due time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.caseOf(before.ID)
	// Only a case that waits, and as it was read: another ruling or an appeal puts another
	// question.
	if c == nil || !c.Waiting() || !sameRulings(*c, before) || (c.Appeal == nil) != (before.Appeal == nil) ||
		before.Todo.Has(todo.StepFailed) && !maps.Equal(c.Todo, before.Todo) {
		return stale()
	}
	c.Proposed, c.Ruling, c.ReviewBy, c.Todo, c.Attempts = nil, &ruling, time.Time{}, before.WhileRuled(due), 0
	s.cases[c.ID] = tracked[refund.Case]{item: *c}
	return nil
}

// RecordProposal implements refund.Reviews.
func (s *Store) RecordProposal(_ context.Context, before, after refund.Case) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.caseOf(before.ID)
	if c == nil || !c.Waiting() || !sameRulings(*c, before) || (c.Appeal == nil) != (before.Appeal == nil) || !slices.Equal(c.History, before.History) {
		return stale()
	}
	row := s.cases[before.ID]
	row.item.Proposed, row.item.Overruled, row.item.History = after.Proposed, after.Overruled, after.History
	s.cases[before.ID] = row
	return nil
}

// RecordHandling implements refund.Reviews.
func (s *Store) RecordHandling(_ context.Context, before, after refund.Case) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.caseOf(before.ID)
	if c == nil || !c.Waiting() || !reflect.DeepEqual(c.Assignment, before.Assignment) || !reflect.DeepEqual(c.Skips, before.Skips) {
		return stale()
	}
	row := s.cases[before.ID]
	row.item.Assignment, row.item.Skips = after.Assignment, after.Skips
	s.cases[before.ID] = row
	return nil
}

// RecordTakeBack implements refund.Reviews.
func (s *Store) RecordTakeBack(_ context.Context, before, after refund.Case) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	write, err := s.prepareCase(&before, after)
	if err != nil {
		return err
	}
	write()
	return nil
}

// ListReview implements refund.Reviews.
func (s *Store) ListReview(_ context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var cases []refund.Case
	for id := range s.cases {
		c := s.caseOf(id)
		if c.Waiting() && !c.ReviewBy.IsZero() && (after == nil || c.Position().Compare(*after) > 0) {
			cases = append(cases, *c)
		}
	}
	slices.SortFunc(cases, func(a, b refund.Case) int { return a.Position().Compare(b.Position()) })
	if len(cases) > limit {
		return cases[:limit], true, nil
	}
	return cases, false, nil
}

// OverdueReviews implements due.Store.
func (s *Store) OverdueReviews(_ context.Context, now time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, row := range s.cases {
		if row.item.Waiting() && !row.item.ReviewBy.IsZero() && row.item.ReviewBy.Before(now) {
			n++
		}
	}
	return min(n, limit), nil
}
