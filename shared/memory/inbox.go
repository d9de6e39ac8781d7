package memory

import (
	"context"
	"time"

	"makegood/shared/erasure"
	"makegood/shared/ledger"
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
