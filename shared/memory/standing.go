package memory

import (
	"context"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// LoadStanding implements standing.Store.
func (s *Store) LoadStanding(_ context.Context, customer ledger.CustomerID) (ledger.Wallet, []standing.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes := slices.Clone(s.standings[customer])
	slices.SortFunc(changes, func(a, b standing.Change) int { return b.At.Compare(a.At) })
	return s.wallet(customer), changes[:min(len(changes), standing.MaxChanges)], nil
}

// CommitStanding implements standing.Store.
func (s *Store) CommitStanding(_ context.Context, read ledger.Wallet, change standing.Change, owed todo.List) error {
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
	id := standing.NewID(read.Customer.Key(), change.At)
	if len(owed) > 0 {
		told := standing.Change{At: change.At, Standing: change.Standing, Locale: change.Locale}
		s.changes[id] = tracked[standing.ChangeRecord]{item: standing.ChangeRecord{ID: id, Customer: read.Customer, Change: told, Todo: owed}}
	}
	return nil
}

func (s *Store) change(id standing.ID) *standing.ChangeRecord {
	found, ok := s.changes[id]
	if !ok {
		return nil
	}
	return &found.item
}

// FindChange implements notice.Standings.
func (s *Store) FindChange(_ context.Context, id standing.ID) (*standing.ChangeRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(id), nil
}

// MarkChangeTold implements notice.Standings.
func (s *Store) MarkChangeTold(_ context.Context, id standing.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.change(id); made != nil && made.Untold() {
		made.Todo, made.Attempts = nil, 0
		s.changes[id] = tracked[standing.ChangeRecord]{item: *made}
	}
	return nil
}

// ClaimChangeMail implements notice.Standings.
func (s *Store) ClaimChangeMail(_ context.Context, id standing.ID, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := s.change(id)
	return claimMail(s.changeMails, id, made != nil && made.Untold(), mail{by: by, at: at})
}

// ReturnChangeMail implements notice.Standings.
func (s *Store) ReturnChangeMail(_ context.Context, id standing.ID, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	returnMail(s.changeMails, id, mail{by: by})
	return nil
}
