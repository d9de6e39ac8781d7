package memory

import (
	"container/heap"
	"time"

	"makegood/shared/due"
	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// wakes are the instants at which wallets wake, the soonest first: a million wallets of which few
// are due cost a sweep what those few do, as the tables' index does. An instant that has moved
// since stays until it is met.
type wakes []wake

type wake struct {
	at       time.Time
	customer ledger.CustomerID
}

func (w wakes) Len() int           { return len(w) }
func (w wakes) Less(i, j int) bool { return w[i].at.Before(w[j].at) }
func (w wakes) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *wakes) Push(one any)      { *w = append(*w, one.(wake)) }
func (w *wakes) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// putWallet keeps the wallet, notes when it wakes and whether it is stuck.
func (s *Store) putWallet(row wallet) {
	if before := s.wallets[row.Customer]; !row.dueAt.IsZero() && !row.dueAt.Equal(before.dueAt) {
		heap.Push(&s.wakes, wake{row.dueAt, row.Customer})
	}
	delete(s.stuck, row.Customer)
	if !row.stuckAt.IsZero() {
		s.stuck[row.Customer] = true
	}
	s.wallets[row.Customer] = row
}

// awake returns at most limit wallets that are to wake by now, the longest overdue first.
func (s *Store) awake(now time.Time, limit int) (keys []due.Key) {
	var stay []wake
	met := map[ledger.CustomerID]bool{}
	for len(s.wakes) > 0 && !s.wakes[0].at.After(now) && len(keys) < limit {
		one := heap.Pop(&s.wakes).(wake)
		// The wallet may have moved its instant, and back again.
		if met[one.customer] || !s.wallets[one.customer].dueAt.Equal(one.at) {
			continue
		}
		met[one.customer], stay = true, append(stay, one)
		keys = append(keys, due.Key{Kind: todo.KindWallet, Partition: one.customer.Key(), Sort: string(one.customer), At: one.at})
	}
	for _, one := range stay {
		heap.Push(&s.wakes, one)
	}
	return keys
}
