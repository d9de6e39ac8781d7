package memory

import (
	"context"
	"slices"

	"makegood/shared/refund"
)

// FindViews implements refund.SavedViews.
func (s *Store) FindViews(_ context.Context, by string) ([]refund.SavedView, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.views[by]), nil
}

// RecordViews implements refund.SavedViews.
func (s *Store) RecordViews(_ context.Context, by string, before, after []refund.SavedView) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.views[by], before) {
		return stale()
	}
	s.views[by] = slices.Clone(after)
	return nil
}
