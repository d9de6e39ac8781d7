package memory

import (
	"context"

	"makegood/shared/adjudication"
)

// spendKey names an opinion of a month.
type spendKey struct{ month, id string }

// spend is what an opinion may cost, and whether it has ended.
type spend struct {
	micros int64
	ended  bool
}

// BeginSpend implements adjudication.Budget.
func (s *Store) BeginSpend(_ context.Context, one adjudication.Spend, limitMicros int64) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := spendKey{one.Month, one.ID}
	if _, again := s.spends[key]; again {
		return true, nil
	}
	sum := s.months[one.Month]
	if one.Micros > limitMicros-sum.Micros {
		return false, nil
	}
	s.spends[key] = spend{micros: one.Micros}
	s.months[one.Month] = adjudication.MonthSpend{Micros: sum.Micros + one.Micros, Opinions: sum.Opinions + 1}
	return true, nil
}

// EndSpend implements adjudication.Budget.
func (s *Store) EndSpend(_ context.Context, one adjudication.Spend, usedMicros int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := spendKey{one.Month, one.ID}
	current, there := s.spends[key]
	if !there || current.ended {
		return nil
	}
	sum := s.months[one.Month]
	sum.Micros += usedMicros - current.micros
	s.spends[key], s.months[one.Month] = spend{micros: usedMicros, ended: true}, sum
	return nil
}

// FindMonth implements adjudication.Budget.
func (s *Store) FindMonth(_ context.Context, month string) (adjudication.MonthSpend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.months[month], nil
}
