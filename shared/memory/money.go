package memory

import (
	"context"
	"reflect"
	"slices"
	"time"

	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

func (s *Store) payment(id payment.ID) *payment.Payment {
	row, ok := s.payments[id]
	if !ok {
		return nil
	}
	p := row.item
	// Callers append to both lists.
	p.Clawback.DebtPaid, p.Clawback.Others = slices.Clone(p.Clawback.DebtPaid), slices.Clone(p.Clawback.Others)
	return &p
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
	// An event that names no customer has the payment's own.
	if snapshot.Payment = s.payment(id); snapshot.Payment != nil && customer == "" {
		customer = snapshot.Payment.Customer()
	}
	if customer != "" {
		snapshot.Wallet = s.wallet(customer)
		snapshot.Expired = s.expired[lotKey{customer, id.Lot()}]
		snapshot.Recent, snapshot.Ungranted = slices.Clone(s.purchases[customer]), slices.Clone(s.ungranted[customer])
	}
	return snapshot, nil
}

// CommitPayment implements payment.Store.
func (s *Store) CommitPayment(_ context.Context, snapshot payment.Snapshot, change payment.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	write, err := s.prepareChange(snapshot, change)
	if err != nil {
		return err
	}
	write()
	return nil
}

// prepareChange checks what a step that makes something of a payment rests on, and returns what
// does it.
func (s *Store) prepareChange(snapshot payment.Snapshot, change payment.Change) (write func(), err error) {
	// The payment and the others of a double charge, each under its version.
	puts := make([]func(), 1+len(change.Duplicates))
	if puts[0], err = s.preparePayment(snapshot.Payment, change.After); err != nil {
		return nil, err
	}
	for i, duplicate := range change.Duplicates {
		if puts[i+1], err = s.preparePayment(&payment.Payment{Version: duplicate.Version}, duplicate); err != nil {
			return nil, err
		}
	}
	customer := change.After.Customer()
	if err := s.checkLists(customer, snapshot, change); err != nil {
		return nil, err
	}
	apply := func() {}
	// A clawback rests on what has expired of the payment's own lot; without a lot there is none.
	if !change.Posting.Empty() {
		hasLot := snapshot.Payment != nil && snapshot.Payment.State == payment.StateGranted
		if hasLot && s.expired[lotKey{customer, change.After.ID.Lot()}] != snapshot.Expired {
			return nil, stale()
		}
		if apply, err = s.prepare(change.Posting); err != nil {
			return nil, err
		}
	}
	return func() {
		for _, write := range puts {
			write()
		}
		if change.Recent != nil {
			s.purchases[customer] = slices.Clone(change.Recent)
		}
		if change.Ungranted != nil {
			s.ungranted[customer] = slices.Clone(change.Ungranted)
		}
		s.putAliases(snapshot.Payment, change.After)
		apply() // last: it may pay debts of the payments that were put
	}, nil
}

// checkLists returns KindStale unless each list of the customer's that the change replaces is as it
// was read: two purchases at once would drop each other.
func (s *Store) checkLists(customer ledger.CustomerID, snapshot payment.Snapshot, change payment.Change) error {
	if change.Recent != nil && !slices.EqualFunc(s.purchases[customer], snapshot.Recent, samePurchase) {
		return stale()
	}
	if change.Ungranted != nil && !slices.Equal(s.ungranted[customer], snapshot.Ungranted) {
		return stale()
	}
	return nil
}

// putAliases has the payment found by the aliases that it has gained since it was read (nil: was
// not there). One that is granted by its first commit is found by what its customer was granted.
func (s *Store) putAliases(before *payment.Payment, after payment.Payment) {
	if before == nil && after.State == payment.StateGranted {
		return
	}
	for _, alias := range after.Aliases {
		if before == nil || !slices.Contains(before.Aliases, alias) {
			s.aliases[alias] = after.ID
		}
	}
}

// FindNamed implements refund.Decisions.
func (s *Store) FindNamed(_ context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(ids)
	for _, id := range ids {
		if of, ok := s.aliases[id]; ok {
			all = append(all, of)
		}
	}
	return find(all, s.payment), nil
}

// PurchasesSince implements refund.Decisions.
func (s *Store) PurchasesSince(_ context.Context, customer ledger.CustomerID, since time.Time, limit int) ([]payment.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := slices.Clone(s.ungranted[customer])
	for _, entry := range s.entries[customer] {
		if id := payment.GrantedBy(entry); id != "" && !entry.At.Before(since) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), limit)], nil
}

func samePurchase(a, b payment.RecentPurchase) bool {
	at := a.OrderedAt.Equal(b.OrderedAt)
	a.OrderedAt, b.OrderedAt = time.Time{}, time.Time{}
	return at && a == b
}

// preparePayment checks that the payment is of the version that was read (nil: not there) and
// returns what puts after in its place. What it owes is left alone where that has not changed: a
// sweep may have claimed it meanwhile.
func (s *Store) preparePayment(before *payment.Payment, after payment.Payment) (write func(), err error) {
	current, exists := s.payments[after.ID]
	if exists != (before != nil) || exists && current.item.Version != before.Version {
		return nil, stale()
	}
	// The version counts commits, whoever makes them.
	next := tracked[payment.Payment]{item: after}
	next.item.Version = current.item.Version + 1
	if exists && before.ID != "" && before.Attempts == after.Attempts && reflect.DeepEqual(before.Todo, after.Todo) {
		next.stuckAt, next.item.Todo, next.item.Attempts = current.stuckAt, current.item.Todo, current.item.Attempts
	}
	return func() { s.payments[after.ID] = next }, nil
}

// LoadGrant implements grant.Store.
func (s *Store) LoadGrant(_ context.Context, customer ledger.CustomerID, id ledger.LotID) (ledger.Wallet, *grant.Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.grants[lotKey{customer, id}]; ok {
		return s.wallet(customer), &g, nil
	}
	return s.wallet(customer), nil, nil
}

// CommitGrant implements grant.Store.
func (s *Store) CommitGrant(_ context.Context, g grant.Grant, posting ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := lotKey{g.Customer, g.ID}
	// One key gives once: the record is what a replay finds.
	if _, exists := s.grants[key]; exists {
		return stale()
	}
	apply, err := s.prepare(posting)
	if err != nil {
		return err
	}
	apply()
	s.grants[key] = g
	return nil
}
