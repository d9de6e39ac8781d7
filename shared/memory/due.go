package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// Overdue implements due.Store.
func (s *Store) Overdue(_ context.Context, now time.Time, limit int) (keys []due.Key, cuts int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.keys(func(dueAt, _ time.Time) (time.Time, bool) { return dueAt, !dueAt.IsZero() && !dueAt.After(now) })
	all = append(all, s.awake(now, limit+1)...)
	slices.SortFunc(all, func(a, b due.Key) int { return a.At.Compare(b.At) })
	// Each kind has the whole limit, the longest overdue first.
	counts := map[todo.Kind]int{}
	for _, key := range all {
		switch counts[key.Kind]++; {
		case counts[key.Kind] <= limit:
			keys = append(keys, key)
		case counts[key.Kind] == limit+1:
			cuts++
		}
	}
	return keys, cuts, nil
}

// Stuck implements due.Store.
func (s *Store) Stuck(_ context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := s.keys(func(_, stuckAt time.Time) (time.Time, bool) { return stuckAt, !stuckAt.IsZero() })
	for customer := range s.stuck {
		keys = append(keys, due.Key{Kind: todo.KindWallet, Partition: customer.Key(), Sort: string(customer), At: s.wallets[customer].stuckAt})
	}
	// The page is cut from all of them: the order is that of time, whatever the kind.
	keys, next := due.PageOf(keys, after, limit)
	items := make([]due.Item, len(keys))
	for i, key := range keys {
		items[i] = *s.item(key)
		items[i].Key = key
	}
	return items, next, nil
}

// keys returns what is picked of all kinds but wallets: see wakes.
func (s *Store) keys(pick func(dueAt, stuckAt time.Time) (time.Time, bool)) []due.Key {
	var keys []due.Key
	add := func(kind todo.Kind, partition, sort string, dueAt, stuckAt time.Time) {
		// A stuck item is due no more.
		if !stuckAt.IsZero() {
			dueAt = time.Time{}
		}
		if at, ok := pick(dueAt, stuckAt); ok {
			keys = append(keys, due.Key{Kind: kind, Partition: partition, Sort: sort, At: at})
		}
	}
	for id, row := range s.generations {
		add(todo.KindGeneration, id.CustomerKey(), string(id), row.item.Todo.Due(), row.stuckAt)
	}
	for id, row := range s.cases {
		add(todo.KindCase, id.CustomerKey(), string(id), row.item.Todo.Due(), row.stuckAt)
	}
	for id, row := range s.offers {
		add(todo.KindOffer, id.CustomerKey(), string(id), row.item.Todo.Due(), row.stuckAt)
	}
	for id, row := range s.changes {
		add(todo.KindStanding, id.CustomerKey(), string(id), row.item.Todo.Due(), row.stuckAt)
	}
	for id, row := range s.attachments {
		add(todo.KindAttachment, id.CustomerKey(), string(id), row.item.Todo.Due(), row.stuckAt)
	}
	for id, row := range s.payments {
		add(todo.KindPayment, string(id), "", row.item.Todo.Due(), row.stuckAt)
	}
	for id, row := range s.outages {
		add(todo.KindOutage, string(id), "", row.item.Todo.Due(), row.stuckAt)
	}
	return keys
}

// LoadItem implements due.Store.
func (s *Store) LoadItem(_ context.Context, key due.Key) (*due.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := s.item(key)
	if open == nil || open.At.IsZero() {
		return nil, nil
	}
	return open, nil
}

// LoadStuck implements due.Retries.
func (s *Store) LoadStuck(_ context.Context, key due.Key) (*due.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stuck, stuckAt := s.look(key)
	if stuckAt.IsZero() {
		return nil, nil
	}
	stuck.At = stuckAt
	return stuck, nil
}

func (s *Store) item(key due.Key) *due.Item {
	open, stuckAt := s.look(key)
	// What is stuck is not due, but for a wallet.
	if open.At = open.Todo.Due(); !stuckAt.IsZero() && key.Kind != todo.KindWallet {
		open.At = time.Time{}
	}
	return open
}

// look returns an item as it is kept, and since when it is stuck.
func (s *Store) look(key due.Key) (open *due.Item, stuckAt time.Time) {
	open = &due.Item{Key: key}
	// The zero item of a key that is unknown has no steps, and reads as done.
	switch key.Kind {
	case todo.KindGeneration:
		g := s.generations[generation.ID(key.Sort)]
		open.Todo, open.Attempts, open.Customer, stuckAt = g.item.Todo, g.item.Attempts, g.item.Customer, g.stuckAt
	case todo.KindCase:
		c := s.cases[refund.CaseID(key.Sort)]
		open.Todo, open.Attempts, open.Customer, stuckAt = c.item.Todo, c.item.Attempts, c.item.Customer, c.stuckAt
	case todo.KindOffer:
		o := s.offers[outage.OfferID(key.Sort)]
		open.Todo, open.Attempts, open.Customer, stuckAt = o.item.Todo, o.item.Attempts, o.item.Customer, o.stuckAt
	case todo.KindStanding:
		c := s.changes[standing.ID(key.Sort)]
		open.Todo, open.Attempts, open.Customer, stuckAt = c.item.Todo, c.item.Attempts, c.item.Customer, c.stuckAt
	case todo.KindAttachment:
		a := s.attachments[attachment.ID(key.Sort)]
		open.Todo, open.Attempts, open.Customer, stuckAt = a.item.Todo, a.item.Attempts, a.item.Customer, a.stuckAt
	case todo.KindPayment:
		p := s.payments[payment.ID(key.Partition)]
		open.Todo, open.Attempts, open.Customer, stuckAt = p.item.Todo, p.item.Attempts, p.item.Customer(), p.stuckAt
	case todo.KindOutage:
		o := s.outages[outage.ID(key.Partition)]
		open.Todo, open.Attempts, stuckAt = o.item.Todo, o.item.Attempts, o.stuckAt
	case todo.KindWallet:
		w := s.wallets[ledger.CustomerID(key.Sort)]
		if !w.dueAt.IsZero() {
			open.Todo = todo.List{todo.StepExpiry: w.dueAt}
		}
		open.Attempts, open.Wallet, open.Customer, stuckAt = w.attempts, w.Clone(), w.Customer, w.stuckAt
	}
	return open, stuckAt
}

func sameSteps(a, b todo.List) bool {
	return maps.EqualFunc(a, b, func(x, y time.Time) bool { return x.Equal(y) })
}

// Claim implements due.Store.
func (s *Store) Claim(_ context.Context, before due.Item, next todo.List, attempts int) error {
	return s.update(before, func(steps *todo.List, count *int, _ *time.Time) { *steps, *count = next, attempts })
}

// Strand implements due.Store.
func (s *Store) Strand(_ context.Context, before due.Item, now, next time.Time) error {
	return s.update(before, func(steps *todo.List, _ *int, stuckAt *time.Time) {
		*stuckAt = now
		if !next.IsZero() {
			*steps = todo.List{todo.StepExpiry: next}
		}
	})
}

func (s *Store) update(before due.Item, change func(steps *todo.List, attempts *int, stuckAt *time.Time)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A step may have joined at the same instant, so the steps are compared too.
	if current := s.item(before.Key); !current.At.Equal(before.At) || !sameSteps(current.Todo, before.Todo) {
		return stale()
	}
	s.rewrite(before.Key, change)
	return nil
}

// Unstick implements due.Retries.
func (s *Store) Unstick(_ context.Context, before due.Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current, stuckAt := s.look(before.Key); stuckAt.IsZero() || !stuckAt.Equal(before.At) || !sameSteps(current.Todo, before.Todo) {
		return stale()
	}
	s.rewrite(before.Key, func(_ *todo.List, attempts *int, stuckAt *time.Time) { *attempts, *stuckAt = 0, time.Time{} })
	return nil
}

// rewrite changes steps, attempts and the stuck instant; the item itself is left alone.
func (s *Store) rewrite(before due.Key, change func(steps *todo.List, attempts *int, stuckAt *time.Time)) {
	switch before.Kind {
	case todo.KindGeneration:
		g := s.generations[generation.ID(before.Sort)]
		change(&g.item.Todo, &g.item.Attempts, &g.stuckAt)
		s.generations[g.item.ID] = g
	case todo.KindCase:
		c := s.cases[refund.CaseID(before.Sort)]
		change(&c.item.Todo, &c.item.Attempts, &c.stuckAt)
		s.cases[c.item.ID] = c
	case todo.KindOffer:
		o := s.offers[outage.OfferID(before.Sort)]
		change(&o.item.Todo, &o.item.Attempts, &o.stuckAt)
		s.offers[o.item.ID] = o
	case todo.KindStanding:
		c := s.changes[standing.ID(before.Sort)]
		change(&c.item.Todo, &c.item.Attempts, &c.stuckAt)
		s.changes[c.item.ID] = c
	case todo.KindAttachment:
		a := s.attachments[attachment.ID(before.Sort)]
		change(&a.item.Todo, &a.item.Attempts, &a.stuckAt)
		s.attachments[a.item.ID] = a
	case todo.KindPayment:
		p := s.payments[payment.ID(before.Partition)]
		change(&p.item.Todo, &p.item.Attempts, &p.stuckAt)
		s.payments[p.item.ID] = p
	case todo.KindOutage:
		o := s.outages[outage.ID(before.Partition)]
		change(&o.item.Todo, &o.item.Attempts, &o.stuckAt)
		s.outages[o.item.ID] = o
	case todo.KindWallet:
		w := s.wallets[ledger.CustomerID(before.Sort)]
		var steps todo.List
		change(&steps, &w.attempts, &w.stuckAt)
		if steps != nil {
			w.dueAt = steps.Due()
		}
		s.putWallet(w)
	}
}

// CommitExpiry implements due.Store.
func (s *Store) CommitExpiry(_ context.Context, posting ledger.Posting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	apply, err := s.prepare(posting)
	if err != nil {
		return err
	}
	apply()
	// The wallet wakes for its next lot, and is stuck no more.
	w := s.wallets[posting.After.Customer]
	w.dueAt, w.attempts, w.stuckAt = w.NextExpiry(), 0, time.Time{}
	s.putWallet(w)
	return nil
}
