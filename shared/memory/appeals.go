package memory

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"time"

	"makegood/shared/refund"
)

// appealKey names the appeals against declines by one clause.
type appealKey struct{ policy, clause string }

// RecordAppeal implements refund.Appeals.
func (s *Store) RecordAppeal(_ context.Context, before, after refund.Case, most int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	write, err := s.prepareCase(&before, after)
	if err != nil {
		return err
	}
	// What the customer said may have been erased since: the appeal would bring it back.
	if !reflect.DeepEqual(s.cases[before.ID].item.Statement, before.Statement) {
		return stale()
	}
	// The limit is checked before anything is put: a commit happens whole or not at all.
	day := claimDay{before.Customer, after.Appeal.At.UTC().Format(time.DateOnly)}
	if most > 0 && s.appeals[day] >= most {
		return refund.TooManyAppeals(after.Appeal.At)
	}
	if most > 0 {
		s.appeals[day]++
	}
	write()
	// prepareCase keeps what was said; an appeal is what may add to it.
	row := s.cases[after.ID]
	row.item.Statement = after.Statement
	s.cases[after.ID] = row
	return nil
}

func (s *Store) count(finding refund.AppealFinding) {
	key := appealKey{finding.Policy, finding.Clause}
	tally := s.findings[key]
	tally.Policy, tally.Clause = finding.Policy, finding.Clause
	if finding.Finding == refund.FindingUpheld {
		tally.Upheld++
	} else {
		tally.Overturned++
	}
	s.findings[key] = tally
}

// ListAppeals returns what became of appeals, clause by clause.
func (s *Store) ListAppeals(_ context.Context) ([]refund.AppealTally, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tallies []refund.AppealTally
	for _, tally := range s.findings {
		tallies = append(tallies, tally)
	}
	slices.SortFunc(tallies, func(a, b refund.AppealTally) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Clause, b.Clause))
	})
	return tallies, nil
}
