package memory

import (
	"context"
	"slices"
	"time"

	"makegood/shared/erasure"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/standing"
)

// FindRead implements notice.Inbox.
func (s *Store) FindRead(_ context.Context, customer ledger.CustomerID) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read[customer.Key()], nil
}

// MarkRead implements notice.Inbox.
func (s *Store) MarkRead(_ context.Context, customer ledger.CustomerID, upTo time.Time) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if upTo.After(s.read[customer.Key()]) {
		s.read[customer.Key()] = upTo
	}
	return s.read[customer.Key()], nil
}

func (s *Store) forgetInbox(key string, dry bool) erasure.Tally {
	if !dry {
		delete(s.read, key)
	}
	return erasure.Tally{}
}

// ListOffers implements notice.Topics.
func (s *Store) ListOffers(_ context.Context, customer ledger.CustomerID, limit int) ([]outage.Offer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var offers []outage.Offer
	for _, row := range s.offers {
		if row.item.Customer == customer && len(offers) < limit {
			offers = append(offers, row.item)
		}
	}
	return offers, nil
}

// ListChanges implements notice.Topics.
func (s *Store) ListChanges(_ context.Context, customer ledger.CustomerID, limit int) ([]standing.ChangeRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []standing.ChangeRecord
	for _, row := range s.changes {
		if row.item.Customer == customer {
			changes = append(changes, row.item)
		}
	}
	slices.SortFunc(changes, func(a, b standing.ChangeRecord) int { return b.At.Compare(a.At) })
	return changes[:min(len(changes), limit)], nil
}
