package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/statement"
	"makegood/shared/todo"
)

func (s *Store) generation(id generation.ID) *generation.Generation {
	row, ok := s.generations[id]
	if !ok {
		return nil
	}
	g := row.item
	g.Draws, g.Uses = slices.Clone(g.Draws), slices.Clone(g.Uses)
	return &g
}

// LoadStart implements generation.Starts.
func (s *Store) LoadStart(_ context.Context, customer ledger.CustomerID, id generation.ID) (ledger.Wallet, *generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wallet(customer), s.generation(id), nil
}

// CommitStart implements generation.Starts.
func (s *Store) CommitStart(_ context.Context, g generation.Generation, hold ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The wallet's standing is a condition even where the start costs nothing.
	if _, exists := s.generations[g.ID]; exists || !s.unmoved(hold.Before) {
		return stale()
	}
	apply, err := s.prepare(hold)
	if err != nil {
		return err
	}
	apply()
	s.generations[g.ID] = tracked[generation.Generation]{item: g}
	s.countStart(g)
	return nil
}

// RecordResult implements generation.Results.
func (s *Store) RecordResult(_ context.Context, id generation.ID, record generation.Record) (*generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.generation(id)
	// The first result stands: a later one, or one that brought too few outputs for a capture at
	// once, gets the generation as it is.
	success := record.Result.Status == generation.StatusSucceeded
	if g == nil || g.State != generation.StateHeld || !g.StartedAt.Before(record.At) || success && g.Outputs > record.Came {
		return g, nil
	}
	// Only a generation on the customer's own key has a cost.
	if record.Result.Cost != nil && g.Mode != generation.ModeOwnKey {
		return g, nil
	}
	if success {
		*g = g.Capture(record.At)
	} else {
		g.State, g.Todo, g.Attempts = generation.StateFailed, record.Todo, 0
	}
	// The cost counts once: only the change from no result to one brings it.
	before := *g
	g.Result, g.Hash, g.RecordedAt = &record.Result, record.Hash, record.At
	s.addCost(before, *g)
	s.generations[id] = tracked[generation.Generation]{item: *g}
	return g, nil
}

// RecordLate implements generation.Results.
func (s *Store) RecordLate(_ context.Context, id generation.ID, late generation.Late) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if row, ok := s.generations[id]; ok && row.item.Late == nil {
		row.item.Late = &late
		s.generations[id] = row
	}
	return nil
}

// RecordUse implements generation.Uses.
func (s *Store) RecordUse(_ context.Context, before, after generation.Generation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.usesUnchanged(&before) {
		return stale()
	}
	row := s.generations[after.ID]
	row.item.Uses = slices.Clone(after.Uses)
	s.generations[after.ID] = row
	return nil
}

// usesUnchanged reports whether the generation is there, and nothing was told of its use since; nil
// is not asked.
func (s *Store) usesUnchanged(before *generation.Generation) bool {
	if before == nil {
		return true
	}
	row, ok := s.generations[before.ID]
	return ok && slices.Equal(row.item.Uses, before.Uses)
}

// LoadGeneration implements generation.Results.
func (s *Store) LoadGeneration(_ context.Context, id generation.ID) (*generation.Generation, ledger.Wallet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.generation(id)
	if g == nil {
		return nil, ledger.Wallet{}, nil
	}
	return g, s.wallet(g.Customer), nil
}

// CommitResult implements generation.Results.
func (s *Store) CommitResult(_ context.Context, before, after generation.Generation, posting ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Both are checked before either is applied.
	write, err := s.prepareGeneration(before, after)
	if err != nil {
		return err
	}
	apply, err := s.prepare(posting)
	if err != nil {
		return err
	}
	apply()
	write()
	s.addCost(before, after)
	return nil
}

// addCost adds the cost that a change brings to the sums of its month.
func (s *Store) addCost(before, after generation.Generation) {
	cost := generation.NewCost(before, after)
	if cost == nil {
		return
	}
	key := costKey{after.ID.CustomerKey(), generation.MonthOf(after.RecordedAt), cost.Currency}
	sum := s.costs[key]
	s.costs[key] = generation.MonthCost{
		Month: key.month, Currency: key.currency, Micros: sum.Micros + cost.Micros, Generations: sum.Generations + 1,
	}
}

// ListCosts returns what the customer's own key cost, the newest months first, at most
// generation.MaxMonthCosts of them.
func (s *Store) ListCosts(_ context.Context, customer ledger.CustomerID) ([]generation.MonthCost, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var costs []generation.MonthCost
	for key, sum := range s.costs {
		if key.customerKey == customer.Key() {
			costs = append(costs, sum)
		}
	}
	slices.SortFunc(costs, func(a, b generation.MonthCost) int {
		return cmp.Or(strings.Compare(b.Month, a.Month), strings.Compare(b.Currency, a.Currency))
	})
	return costs[:min(len(costs), generation.MaxMonthCosts)], nil
}

// prepareGeneration checks that the generation still stands as before and returns what puts after
// in its place.
func (s *Store) prepareGeneration(before, after generation.Generation) (write func(), err error) {
	row, ok := s.generations[after.ID]
	current := row.item
	if !ok || current.State != before.State || current.Refunded != before.Refunded || !s.usesUnchanged(&before) {
		return nil, stale()
	}
	// Late results and uses are written by calls of their own: this change leaves them alone.
	after.Late, after.Uses = current.Late, current.Uses
	if before.State == generation.StateCaptured { // a refund leaves the notice owed, or told meanwhile
		after.Todo, after.Attempts = current.Todo, current.Attempts
	} else {
		row.stuckAt = time.Time{}
	}
	row.item = after
	return func() { s.generations[after.ID] = row }, nil
}

// MarkPartialNotified implements notice.Generations.
func (s *Store) MarkPartialNotified(_ context.Context, id generation.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if row, ok := s.generations[id]; ok && row.item.Todo.Has(todo.StepNotice) {
		row.item.Todo, row.item.Attempts, row.stuckAt = nil, 0, time.Time{}
		s.generations[id] = row
	}
	return nil
}

// FindGeneration returns the generation, nil when there is none.
func (s *Store) FindGeneration(_ context.Context, id generation.ID) (*generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.generation(id), nil
}

// FindGenerations returns those of the generations that exist, each once, in the order asked.
func (s *Store) FindGenerations(_ context.Context, ids ...generation.ID) ([]generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(ids, s.generation), nil
}

// find returns what is known of the ids, each once.
func find[ID comparable, T any](ids []ID, one func(ID) *T) []T {
	var all []T
	once := map[ID]bool{}
	for _, id := range ids {
		if item := one(id); item != nil && !once[id] {
			all, once[id] = append(all, *item), true
		}
	}
	return all
}

// HeldBy returns the credits that the customer's open generations hold.
func (s *Store) HeldBy(_ context.Context, customer ledger.CustomerID) (ledger.Credits, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum ledger.Credits
	for _, row := range s.generations {
		if row.item.Customer == customer {
			sum += row.item.Held()
		}
	}
	return sum, nil
}

// ListGenerations implements statement.Store.
func (s *Store) ListGenerations(_ context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]generation.Generation, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var mine []generation.Generation
	for _, row := range s.generations {
		if row.item.Customer == customer {
			mine = append(mine, row.item)
		}
	}
	page, more := newest(mine, after, limit, func(g generation.Generation) (time.Time, string) { return g.StartedAt, string(g.ID) })
	return page, more, nil
}

// newest returns the page of a history after a position, newest first, and whether there is more.
func newest[T any](items []T, after *statement.Position, limit int, at func(T) (time.Time, string)) ([]T, bool) {
	// Equal instants are put in the order of their ids, as in the index.
	slices.SortFunc(items, func(a, b T) int {
		aAt, aID := at(a)
		bAt, bID := at(b)
		if c := bAt.Compare(aAt); c != 0 {
			return c
		}
		return strings.Compare(bID, aID)
	})
	// A position is in whole milliseconds, as it is stored.
	if after != nil {
		items = slices.DeleteFunc(items, func(item T) bool {
			t, id := at(item)
			return t.UnixMilli() > after.At || t.UnixMilli() == after.At && id >= after.ID
		})
	}
	if len(items) > limit {
		return items[:limit], true
	}
	return items, false
}
