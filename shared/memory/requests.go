package memory

import (
	"context"
	"time"

	"makegood/shared/ledger"
)

// requestKey names a minute of a customer.
type requestKey struct {
	customer ledger.CustomerID
	minute   int64
}

// CountRequest implements access.Counter.
func (s *Store) CountRequest(_ context.Context, customer ledger.CustomerID, minute time.Time, most int) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := requestKey{customer, minute.Unix()}
	if s.requests[key] >= most {
		return false, nil
	}
	s.requests[key]++
	return true, nil
}
