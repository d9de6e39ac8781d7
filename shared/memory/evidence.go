package memory

import (
	"context"
	"slices"

	"makegood/shared/assessment"
	"makegood/shared/evidence"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// RecordEvidence implements assessment.Store.
func (s *Store) RecordEvidence(
	_ context.Context, id refund.CaseID, record evidence.Record, imprint *assessment.Imprint, next todo.List,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.cases[id]
	_, recorded := s.evidence[id]
	c := row.item
	if !ok || recorded || c.State != refund.StateReceived || c.Statement == nil || !c.Todo.Has(todo.StepAssess) {
		return stale()
	}
	s.evidence[id] = record
	if imprint != nil {
		s.imprints = append(s.imprints, *imprint)
	}
	// A case that has made progress is stuck no more.
	c.Todo, c.Attempts = next, 0
	s.cases[id] = tracked[refund.Case]{item: c}
	return nil
}

// FindRecords returns what was seen of the cases, in their order.
func (s *Store) FindRecords(_ context.Context, ids ...refund.CaseID) ([]evidence.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var records []evidence.Record
	for _, id := range ids {
		if record, ok := s.evidence[id]; ok {
			records = append(records, record)
		}
	}
	return records, nil
}

// FindImprints implements assessment.Store.
func (s *Store) FindImprints(_ context.Context, sha256 string, print evidence.Print) ([]assessment.Imprint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	equal := func(one assessment.Imprint) bool { return one.SHA256 == sha256 }
	imprints := s.imprintsThat(equal)
	if len(print.Tiles) == 0 && print.Hash == 0 {
		return imprints, nil
	}
	// As in the tables: a look-up for each band, each bounded by itself.
	for n, band := range assessment.Bands(print.Hash) {
		imprints = append(imprints, s.imprintsThat(func(one assessment.Imprint) bool {
			return len(one.Print.Tiles) > 0 && assessment.Bands(one.Print.Hash)[n] == band
		})...)
	}
	return imprints, nil
}

// imprintsThat returns at most assessment.MaxImprints of those for which same holds.
func (s *Store) imprintsThat(same func(assessment.Imprint) bool) []assessment.Imprint {
	page := slices.Clone(s.imprints)
	page = slices.DeleteFunc(page, func(one assessment.Imprint) bool { return !same(one) })
	return page[:min(len(page), assessment.MaxImprints)]
}
