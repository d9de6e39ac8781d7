package memory

import (
	"context"
	"slices"

	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

func (s *Store) payment(id payment.ID) *payment.Payment {
	found, ok := s.payments[id]
	if !ok {
		return nil
	}
	found.Taking.DebtPaid, found.Taking.Others = slices.Clone(found.Taking.DebtPaid), slices.Clone(found.Taking.Others)
	return &found
}

// FindPayments returns those of the payments that exist, each once, in the order asked.
func (s *Store) FindPayments(_ context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return find(ids, s.payment), nil
}

// LoadPayment implements payment.Store.
func (s *Store) LoadPayment(_ context.Context, id payment.ID, customer ledger.CustomerID) (payment.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var snapshot payment.Snapshot
	if snapshot.Payment = s.payment(id); snapshot.Payment != nil && customer == "" {
		customer = snapshot.Payment.Customer()
	}
	if customer != "" {
		snapshot.Wallet = s.wallet(customer)
		snapshot.Expired = s.expired[lotKey{customer, id.Lot()}]
	}
	return snapshot, nil
}

// CommitPayment implements payment.Store.
func (s *Store) CommitPayment(_ context.Context, read payment.Snapshot, after payment.Payment, posting ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stands, exists := s.payments[after.ID]
	if exists != (read.Payment != nil) || exists && stands.Version != read.Payment.Version {
		return stale()
	}
	if !posting.Empty() {
		if exists && stands.State == payment.StateGranted && s.expired[lotKey{posting.After.Customer, after.ID.Lot()}] != read.Expired {
			return stale()
		}
		apply, err := s.prepare(posting)
		if err != nil {
			return err
		}
		apply()
	}
	after.Version = stands.Version + 1
	s.payments[after.ID] = after
	return nil
}

// LoadGrant implements grant.Store.
func (s *Store) LoadGrant(_ context.Context, customer ledger.CustomerID, id ledger.LotID) (ledger.Wallet, *grant.Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.grants[lotKey{customer, id}]; ok {
		return s.wallet(customer), &found, nil
	}
	return s.wallet(customer), nil, nil
}

// CommitGrant implements grant.Store.
func (s *Store) CommitGrant(_ context.Context, given grant.Grant, posting ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := lotKey{given.Customer, given.ID}
	if _, exists := s.grants[key]; exists {
		return stale()
	}
	apply, err := s.prepare(posting)
	if err != nil {
		return err
	}
	apply()
	s.grants[key] = given
	return nil
}
