package memory

import (
	"cmp"
	"context"
	"slices"

	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
)

// DeclareOutage implements outage.Store.
func (s *Store) DeclareOutage(_ context.Context, o outage.Outage) (*outage.Outage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current := s.outage(o.ID); current != nil {
		return current, nil
	}
	o.Version = 1
	s.outages[o.ID] = tracked[outage.Outage]{item: o}
	return nil, nil
}

func (s *Store) outage(id outage.ID) *outage.Outage {
	row, ok := s.outages[id]
	if !ok {
		return nil
	}
	o := row.item
	// A run is edited while it goes on: callers get a copy.
	if o.Run != nil {
		run := *o.Run
		o.Run = &run
	}
	return &o
}

// FindOutage implements outage.Store.
func (s *Store) FindOutage(_ context.Context, id outage.ID) (*outage.Outage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outage(id), nil
}

// Outages implements outage.Store and refund.Decisions.
func (s *Store) Outages(ctx context.Context) ([]outage.Outage, error) {
	all, _, err := s.ListOutages(ctx, nil, outage.Max)
	return all, err
}

// ListOutages implements outage.Store.
func (s *Store) ListOutages(_ context.Context, after *outage.Position, limit int) ([]outage.Outage, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []outage.Outage
	for id := range s.outages {
		if o := s.outage(id); after == nil || o.Position().Compare(*after) > 0 {
			all = append(all, *o)
		}
	}
	slices.SortFunc(all, func(a, b outage.Outage) int { return a.Position().Compare(b.Position()) })
	return all[:min(len(all), limit)], len(all) > limit, nil
}

// CommitOutage implements outage.Store.
func (s *Store) CommitOutage(_ context.Context, after outage.Outage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current := s.outage(after.ID); current == nil || current.Version != after.Version {
		return stale()
	}
	after.Version++
	s.outages[after.ID] = tracked[outage.Outage]{item: after}
	return nil
}

// FindWallets implements outage.Store.
func (s *Store) FindWallets(_ context.Context, customers ...ledger.CustomerID) ([]ledger.Wallet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(customers, func(customer ledger.CustomerID) *ledger.Wallet {
		wallet := s.wallet(customer)
		return &wallet
	}), nil
}

// LoadPollState implements payment.PollStates.
func (s *Store) LoadPollState(_ context.Context, provider string) (payment.PollState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marks[provider], nil
}

// SavePollState implements payment.PollStates.
func (s *Store) SavePollState(_ context.Context, provider string, mark payment.PollState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.marks[provider].Version != mark.Version {
		return stale()
	}
	mark.Version++
	s.marks[provider] = mark
	return nil
}

// ListWaiting returns at most limit of the payments in a review queue after a position (nil: from
// the first), the longest wait or the soonest answer first, and where to go on, nil at the end.
func (s *Store) ListWaiting(_ context.Context, queue payment.ReviewQueue, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []payment.Payment
	for id := range s.payments {
		p := s.payment(id)
		if at, in := p.PositionIn(queue); in && (after == nil || at.Compare(*after) > 0) {
			page = append(page, *p)
		}
	}
	place := func(p payment.Payment) payment.WaitPosition { at, _ := p.PositionIn(queue); return at }
	slices.SortFunc(page, func(a, b payment.Payment) int { return place(a).Compare(place(b)) })
	if len(page) <= limit {
		return page, nil, nil
	}
	last := place(page[limit-1])
	return page[:limit], &last, nil
}

// ListPayments implements outage.Store.
func (s *Store) ListPayments(_ context.Context, cursor string, limit int) ([]payment.Payment, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []payment.Payment
	for id := range s.payments {
		if string(id) > cursor {
			page = append(page, *s.payment(id))
		}
	}
	slices.SortFunc(page, func(a, b payment.Payment) int { return cmp.Compare(a.ID, b.ID) })
	if len(page) <= limit {
		return page, "", nil
	}
	return page[:limit], string(page[limit-1].ID), nil
}
