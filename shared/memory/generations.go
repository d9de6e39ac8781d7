package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
	"makegood/shared/statement"
	"makegood/shared/todo"
)

func (s *Store) generation(id generation.ID) *generation.Generation {
	found, ok := s.generations[id]
	if !ok {
		return nil
	}
	g := found.item
	g.Draws, g.Cases = slices.Clone(g.Draws), slices.Clone(g.Cases)
	return &g
}

// LoadStart implements generation.Starts.
func (s *Store) LoadStart(_ context.Context, customer ledger.CustomerID, id generation.ID) (ledger.Wallet, *generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wallet(customer), s.generation(id), nil
}

// CommitStart implements generation.Starts.
func (s *Store) CommitStart(_ context.Context, started generation.Generation, hold ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.generations[started.ID]; exists {
		return stale()
	}
	apply, err := s.prepare(hold)
	if err != nil {
		return err
	}
	apply()
	s.generations[started.ID] = tracked[generation.Generation]{item: started}
	return nil
}

// RecordResult implements generation.Results.
func (s *Store) RecordResult(_ context.Context, id generation.ID, record generation.Record) (*generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.generation(id)
	succeeded := record.Result.Status == generation.StatusSucceeded
	if g == nil || g.State != generation.StateHeld || succeeded && g.Outputs > record.Came {
		return g, nil
	}
	if succeeded {
		*g = g.Capture(record.At)
	} else {
		g.State, g.Todo, g.Attempts = generation.StateFailed, record.Todo, 0
	}
	g.Result, g.Hash, g.RecordedAt = &record.Result, record.Hash, record.At
	s.generations[id] = tracked[generation.Generation]{item: *g}
	return g, nil
}

// RecordLate implements generation.Results.
func (s *Store) RecordLate(_ context.Context, id generation.ID, late generation.Late) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.generations[id]; ok && found.item.Late == nil {
		found.item.Late = &late
		s.generations[id] = found
	}
	return nil
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

// CommitSettled implements generation.Results.
func (s *Store) CommitSettled(_ context.Context, before, after generation.Generation, posting ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commit(before, after, posting, nil)
}

// commit moves a generation, a wallet and perhaps opens a case, or does nothing.
func (s *Store) commit(before, after generation.Generation, posting ledger.Posting, opened *refund.Case) error {
	stands := s.generation(after.ID)
	if stands == nil || stands.State != before.State {
		return stale()
	}
	if opened != nil {
		if _, exists := s.cases[opened.ID]; exists {
			return stale()
		}
	}
	apply, err := s.prepare(posting)
	if err != nil {
		return err
	}
	apply()
	after.Late = stands.Late
	s.generations[after.ID] = tracked[generation.Generation]{item: after}
	if opened != nil {
		s.cases[opened.ID] = tracked[refund.Case]{item: *opened}
	}
	return nil
}

// FindGeneration returns the generation, nil when there is none.
func (s *Store) FindGeneration(_ context.Context, id generation.ID) (*generation.Generation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.generation(id), nil
}

// HeldBy returns the credits that the customer's open generations hold.
func (s *Store) HeldBy(_ context.Context, customer ledger.CustomerID) (ledger.Credits, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var held ledger.Credits
	for _, found := range s.generations {
		if found.item.Customer == customer {
			held += found.item.Held()
		}
	}
	return held, nil
}

// ListGenerations implements statement.Store.
func (s *Store) ListGenerations(_ context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]generation.Generation, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var mine []generation.Generation
	for _, found := range s.generations {
		if found.item.Customer == customer {
			mine = append(mine, found.item)
		}
	}
	page, more := newest(mine, after, limit, func(g generation.Generation) (time.Time, string) { return g.StartedAt, string(g.ID) })
	return page, more, nil
}

// newest returns the page of a history after a position, newest first, and whether there is more.
func newest[T any](items []T, after *statement.Position, limit int, at func(T) (time.Time, string)) ([]T, bool) {
	slices.SortFunc(items, func(a, b T) int {
		aAt, aID := at(a)
		bAt, bID := at(b)
		if c := bAt.Compare(aAt); c != 0 {
			return c
		}
		return strings.Compare(bID, aID)
	})
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

// LoadDecision implements refund.Cases.
func (s *Store) LoadDecision(_ context.Context, id generation.ID, caseID refund.CaseID) (refund.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := refund.Snapshot{Generation: s.generation(id)}
	if found.Generation == nil {
		return found, nil
	}
	found.Wallet = s.wallet(found.Generation.Customer)
	if known, ok := s.cases[caseID]; ok {
		found.Case = &known.item
	}
	return found, nil
}

// CommitDecision implements refund.Cases.
func (s *Store) CommitDecision(_ context.Context, effect refund.Effect) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commit(effect.Before, effect.After, effect.Posting, &effect.Case)
}

// FindCase returns the case, nil when there is none.
func (s *Store) FindCase(_ context.Context, id refund.CaseID) (*refund.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.cases[id]; ok {
		return &found.item, nil
	}
	return nil, nil
}

// MarkTold notes that the customer was told of the case's verdict; a case that owes no notice is left alone.
func (s *Store) MarkTold(_ context.Context, id refund.CaseID, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.cases[id]
	if !ok || !found.item.Todo.Has(todo.StepNotice) {
		return nil
	}
	found.item.ToldAt, found.item.Todo, found.item.Attempts, found.stuckAt = at, nil, 0, time.Time{}
	s.cases[id] = found
	return nil
}

// ListCases returns at most limit of the customer's cases after a position, newest first, and whether there are more.
func (s *Store) ListCases(_ context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var mine []refund.Case
	for _, found := range s.cases {
		if found.item.Customer == customer {
			mine = append(mine, found.item)
		}
	}
	page, more := newest(mine, after, limit, func(c refund.Case) (time.Time, string) { return c.OpenedAt, string(c.ID) })
	return page, more, nil
}
