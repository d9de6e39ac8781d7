package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/insight"
)

// summaryKey names the summary of a day and a part.
type summaryKey struct {
	day  insight.Day
	part int
}

// startKey names the starts of a day at a feature.
type startKey struct {
	day     insight.Day
	feature string
}

// Parts implements insight.Store.
func (s *Store) Parts() int { return 1 }

// ListFinals implements insight.Store. A place is how many verdicts lie before it.
func (s *Store) ListFinals(_ context.Context, _ int, from, until time.Time, after string, limit int) ([]insight.Verdict, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var verdicts []insight.Verdict
	for id := range s.cases {
		c := *s.caseOf(id)
		finals := c.Finals()
		for place, final := range finals {
			if !final.At.Before(from) && final.At.Before(until) {
				verdicts = append(verdicts, insight.Verdict{Case: c, At: final.At, Earlier: place+1 < len(finals), Place: place})
			}
		}
	}
	slices.SortFunc(verdicts, func(a, b insight.Verdict) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Case.ID, b.Case.ID)) })
	start := 0
	if after != "" {
		var err error
		if start, err = strconv.Atoi(after); err != nil || start < 0 || start > len(verdicts) {
			return nil, "", fault.Invalid("cursor", "is none of ours")
		}
	}
	if verdicts = verdicts[start:]; len(verdicts) > limit {
		return verdicts[:limit], strconv.Itoa(start + limit), nil
	}
	return verdicts, "", nil
}

// FindSummaries implements insight.Store.
func (s *Store) FindSummaries(_ context.Context, first, last insight.Day) ([]insight.Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var summaries []insight.Summary
	for key, rows := range s.summaries {
		if first <= key.day && key.day <= last {
			summaries = append(summaries, insight.Summary{Day: key.day, Part: key.part, Rows: rows})
		}
	}
	return summaries, nil
}

// PutSummary implements insight.Store.
func (s *Store) PutSummary(_ context.Context, summary insight.Summary) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := summaryKey{summary.Day, summary.Part}
	if _, written := s.summaries[key]; !written {
		s.summaries[key] = slices.Clone(summary.Rows)
	}
	return nil
}

// countStart counts a sampled start, and those that it stands for.
func (s *Store) countStart(g generation.Generation) {
	if generation.Sampled(g.ID) {
		s.started[startKey{insight.DayOf(g.StartedAt), g.Feature}] += generation.SampleOf
	}
}

// CountStarted implements insight.Store.
func (s *Store) CountStarted(_ context.Context, first, last insight.Day) ([]insight.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []insight.Row
	for key, count := range maps.All(s.started) {
		if first <= key.day && key.day <= last {
			rows = append(rows, insight.Row{Key: insight.Key{Day: key.day, Feature: key.feature}, Sums: insight.Sums{Generations: count}})
		}
	}
	return rows, nil
}
