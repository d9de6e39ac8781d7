package memory

import (
	"context"
	"time"

	"makegood/shared/refund"
)

// OpenCase implements refund.Cases.
func (s *Store) OpenCase(_ context.Context, c refund.Case) (*refund.Case, error) {
	return s.open(c, 0)
}

// OpenClaim implements refund.Claims.
func (s *Store) OpenClaim(_ context.Context, c refund.Case, most int) (*refund.Case, error) {
	return s.open(c, most)
}

// open puts the new case, and has it take what its statement lists. A most above 0 counts it among
// its customer's claims of that day.
func (s *Store) open(c refund.Case, most int) (*refund.Case, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A replay is answered before the day's count is looked at, as in the tables.
	if current := s.caseOf(c.ID); current != nil {
		return current, nil
	}
	if !s.takeable(c) {
		return nil, stale()
	}
	if day := (claimDay{c.Customer, c.OpenedAt.UTC().Format(time.DateOnly)}); most > 0 {
		if s.claims[day] >= most {
			return nil, refund.TooManyClaims(c.OpenedAt)
		}
		s.claims[day]++
	}
	s.take(c)
	s.cases[c.ID] = tracked[refund.Case]{item: c}
	return nil, nil
}
