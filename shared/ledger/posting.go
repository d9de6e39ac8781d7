package ledger

import (
	"slices"
	"time"
)

// Posting is what one step does to a wallet at an instant: the wallet before and after it, and what
// explains the difference. It is committed whole, while the wallet is still Before (its At and its
// standing show that), or not at all. The store then writes Stored, not After, which another step
// of the same commit may build on.
type Posting struct {
	// At is the instant of the posting and of every entry in it, after Before.At.
	At time.Time
	// Before is the wallet that the step was computed from.
	Before Wallet
	// After is the wallet once the step has happened, still with Before's At.
	After Wallet
	// Entries holds the lines, in the order of their ids.
	Entries []Entry
	// Held is what a hold drew from lots. The generation's own line explains it: it is in no entry.
	Held []Draw
	// Released is what a release gave back, each draw naming the lot that took the credits. It is
	// in no entry either.
	Released []Draw
	// Expired says, by lot, by how many credits its row of expired credits changes: up by an
	// expiry, down by a clawback that takes from there. A lot whose sum does not change is absent.
	Expired map[LotID]Credits
	// DebtsPaid lists the draws that paid debts in this step, oldest first. What AdjustClawback
	// pays of the debt of its own payment is not here: it is in the Clawback that it returns.
	DebtsPaid []DebtPayment
}

// DebtPayment is credits of a lot that paid the debt of a payment.
type DebtPayment struct {
	// Payment is the id of the payment whose debt it was.
	Payment string
	// Draw is the credits, and the lot that gave them.
	Draw Draw
}

// Changes reports whether the posting changes the wallet itself. A posting that does not change it
// may still hold entries.
func (p Posting) Changes() bool {
	return p.Before.Standing != p.After.Standing || !slices.EqualFunc(p.Before.Lots, p.After.Lots, Lot.equal) ||
		!slices.Equal(p.Before.Debts, p.After.Debts)
}

// Stored returns the wallet as it is once the posting is committed: its last line is then of the
// posting's instant.
func (p Posting) Stored() Wallet {
	w := p.After.Clone()
	if !p.Empty() {
		w.At, w.Recorded = p.At, true
	}
	return w
}

// Empty reports whether there is nothing at all to commit.
func (p Posting) Empty() bool { return len(p.Entries) == 0 && !p.Changes() }

// add adds the entry, at the posting's instant, and what it changes of the expired credits. An
// entry that differs from one of the posting in its credits alone joins that: however many draws a
// step moves, it has no more entries than lots, which is what MaxWrites counts on.
func (p *Posting) add(e Entry) {
	e.At = p.At
	i := slices.IndexFunc(p.Entries, func(other Entry) bool {
		return other.Movement == e.Movement && other.Lot == e.Lot && other.Cause == e.Cause
	})
	if i < 0 {
		i = len(p.Entries)
		p.Entries = append(p.Entries, e)
	} else {
		p.Entries[i].Credits += e.Credits
	}
	// The id hashes the credits, so it is made anew each time they grow.
	p.Entries[i].ID = entryID(p.Entries[i], i)
	switch {
	case e.To == Expired:
		p.Expired[e.Lot] += e.Credits
	case e.From == Expired:
		p.Expired[e.Lot] -= e.Credits
	}
	// A lot that is back at its sum must not cost a write, nor a condition on its row.
	if p.Expired[e.Lot] == 0 {
		delete(p.Expired, e.Lot)
	}
}

// Then returns p and next, which starts where p ended, at the same instant, as one posting: both
// happen or neither. A next that starts elsewhere, or at another instant, is a caller's bug and
// panics.
func (p Posting) Then(next Posting) Posting {
	if (Posting{Before: p.After, After: next.Before}).Changes() || !next.At.Equal(p.At) {
		panic("ledger: these postings do not follow one another")
	}
	both := next
	both.Before = p.Before
	// Entries are added one by one: their ordinals, and the ids with them, follow on from p's.
	both.Entries, both.Expired = nil, map[LotID]Credits{}
	for _, entry := range slices.Concat(p.Entries, next.Entries) {
		both.add(entry)
	}
	both.Held = slices.Concat(p.Held, next.Held)
	both.Released = slices.Concat(p.Released, next.Released)
	both.DebtsPaid = slices.Concat(p.DebtsPaid, next.DebtsPaid)
	return both
}

// equal compares instants by Equal: two readings of one row may differ in their location.
func (l Lot) equal(other Lot) bool {
	instants := l.GrantedAt.Equal(other.GrantedAt) && l.ExpiresAt.Equal(other.ExpiresAt)
	l.GrantedAt, l.ExpiresAt, other.GrantedAt, other.ExpiresAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return instants && l == other
}
