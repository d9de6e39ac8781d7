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
func (s *Store) CommitStanding(_ context.Context, before ledger.Wallet, change standing.Change, steps todo.List) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.wallet(before.Customer)
	if now.Recorded != before.Recorded || now.Standing != before.Standing {
		return stale()
	}
	// A change is named by its instant: two of one millisecond would be one.
	for _, other := range s.standings[before.Customer] {
		if other.At.Equal(change.At) {
			return stale()
		}
	}
	row := s.wallets[before.Customer]
	row.Wallet = now
	row.Standing, row.Recorded = change.Standing, true
	s.putWallet(row)
	s.standings[before.Customer] = append(s.standings[before.Customer], change)
	id := standing.NewID(before.Customer.Key(), change.At)
	// What the customer is to be told leaves out who changed it and why: that is staff's.
	if len(steps) > 0 {
		line := standing.Change{At: change.At, Standing: change.Standing, Locale: change.Locale}
		s.changes[id] = tracked[standing.ChangeRecord]{item: standing.ChangeRecord{ID: id, Customer: before.Customer, Change: line, Todo: steps}}
	}
	return nil
}

func (s *Store) change(id standing.ID) *standing.ChangeRecord {
	row, ok := s.changes[id]
	if !ok {
		return nil
	}
	return &row.item
}

// FindChange implements notice.Standings.
func (s *Store) FindChange(_ context.Context, id standing.ID) (*standing.ChangeRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(id), nil
}

// MarkChangeNotified implements notice.Standings.
func (s *Store) MarkChangeNotified(_ context.Context, id standing.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if change := s.change(id); change != nil && change.Untold() {
		change.Todo, change.Attempts = nil, 0
		s.changes[id] = tracked[standing.ChangeRecord]{item: *change}
	}
	return nil
}

// ClaimChangeMail implements notice.Standings.
func (s *Store) ClaimChangeMail(_ context.Context, id standing.ID, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := s.change(id)
	return claimMail(s.changeMails, id, change != nil && change.Untold(), mail{by: by, at: at})
}

// ReturnChangeMail implements notice.Standings.
func (s *Store) ReturnChangeMail(_ context.Context, id standing.ID, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	returnMail(s.changeMails, id, mail{by: by})
	return nil
}
