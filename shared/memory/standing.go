package memory

import (
	"context"
	"slices"

	"makegood/shared/ledger"
	"makegood/shared/standing"
)

// LoadStanding implements standing.Store.
func (s *Store) LoadStanding(_ context.Context, customer ledger.CustomerID) (ledger.Wallet, []standing.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes := slices.Clone(s.standings[customer])
	slices.SortFunc(changes, func(a, b standing.Change) int { return b.At.Compare(a.At) })
	return s.wallet(customer), changes[:min(len(changes), standing.MaxShown)], nil
}

// CommitStanding implements standing.Store.
func (s *Store) CommitStanding(_ context.Context, read ledger.Wallet, change standing.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.wallet(read.Customer)
	if now.Recorded != read.Recorded || now.Standing != read.Standing {
		return stale()
	}
	for _, other := range s.standings[read.Customer] {
		if other.At.Equal(change.At) {
			return stale()
		}
	}
	kept := s.wallets[read.Customer]
	kept.Wallet = now
	kept.Standing, kept.Recorded = change.Standing, true
	s.wallets[read.Customer] = kept
	s.standings[read.Customer] = append(s.standings[read.Customer], change)
	return nil
}
