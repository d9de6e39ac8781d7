package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"makegood/shared/audit"
	"makegood/shared/evidence"
)

// countKey names the second looks of a week at a feature, by a signal.
type countKey struct {
	week, feature string
	signal        evidence.Name
}

// place returns where the count stands in the list.
func (k countKey) place() string { return k.week + "#" + k.feature + "#" + string(k.signal) }

// prepareLook returns what puts the look of a verdict; a case has one at most.
func (s *Store) prepareLook(look *audit.Look) (write func(), err error) {
	if look == nil {
		return func() {}, nil
	}
	if _, ok := s.looks[look.Case]; ok {
		return nil, stale()
	}
	return func() { s.looks[look.Case] = *look }, nil
}

// FindLook implements audit.Looks.
func (s *Store) FindLook(_ context.Context, caseID string) (*audit.Look, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look, ok := s.looks[caseID]
	if !ok {
		return nil, nil
	}
	return &look, nil
}

// ListLooks implements audit.Looks.
func (s *Store) ListLooks(_ context.Context, after string, limit int) ([]audit.Look, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []audit.Look
	for _, id := range slices.Sorted(maps.Keys(s.looks)) {
		if id <= after || s.looks[id].Answer != nil {
			continue
		}
		if len(page) == limit {
			return page, page[limit-1].Case, nil
		}
		page = append(page, s.looks[id])
	}
	return page, "", nil
}

// FindAnswers implements audit.Looks.
func (s *Store) FindAnswers(_ context.Context, cases ...string) ([]audit.Look, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var answers []audit.Look
	for _, id := range cases {
		if look, ok := s.looks[id]; ok && look.Answer != nil {
			answers = append(answers, look)
		}
	}
	return answers, nil
}

// ListSignals implements audit.Looks.
func (s *Store) ListSignals(_ context.Context) ([]audit.Signal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.signals), func(a, b audit.Signal) int { return cmp.Compare(a.Name, b.Name) }), nil
}

// ListStopped implements audit.Stops.
func (s *Store) ListStopped(ctx context.Context) ([]evidence.Name, error) {
	signals, err := s.ListSignals(ctx)
	return audit.Stopped(signals), err
}

// CommitAnswer implements audit.Looks.
func (s *Store) CommitAnswer(_ context.Context, look audit.Look, signals []audit.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current, ok := s.looks[look.Case]; !ok || current.Answer != nil || !s.signalsUnchanged(signals...) {
		return stale()
	}
	s.looks[look.Case] = look
	for _, count := range look.Counts() {
		s.counts[countKey{count.Week, count.Feature, count.Signal}] = s.counts[countKey{count.Week, count.Feature, count.Signal}].Plus(count.Tally)
	}
	for _, change := range signals {
		s.signals[change.After.Name] = change.After
	}
	return nil
}

// CommitLift implements audit.Looks.
func (s *Store) CommitLift(_ context.Context, signal audit.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.signalsUnchanged(signal) {
		return stale()
	}
	s.signals[signal.After.Name] = signal.After
	return nil
}

// signalsUnchanged reports whether the signals are as they were read.
func (s *Store) signalsUnchanged(signals ...audit.Change) bool {
	return !slices.ContainsFunc(signals, func(change audit.Change) bool {
		return s.signals[change.Before.Name].Version != change.Before.Version
	})
}

// ListCounts implements audit.Looks.
func (s *Store) ListCounts(_ context.Context, since, after string, limit int) ([]audit.Count, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(s.counts), func(a, b countKey) int { return cmp.Compare(b.place(), a.place()) })
	var page []audit.Count
	for i, key := range keys {
		if key.week < since || after != "" && key.place() >= after {
			continue
		}
		if len(page) == limit {
			return page, keys[i-1].place(), nil
		}
		page = append(page, audit.Count{Week: key.week, Feature: key.feature, Signal: key.signal, Tally: s.counts[key]})
	}
	return page, "", nil
}
