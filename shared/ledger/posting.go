package ledger

import (
	"slices"
	"time"
)

// Posting is what one step does to a wallet at an instant: the wallet before and after it, and what explains the difference.
// It is committed whole, while the wallet is still Before (its At and standing tell), or not at all. At is after Before.At; what is
// stored then is Stored, not After, which another step of the same commit may build on.
type Posting struct {
	At      time.Time
	Before  Wallet
	After   Wallet
	Entries []Entry
	// Held and Released are what the generation's own line explains: what a hold took from lots, and what a release gave back,
	// each draw naming the lot that took the credits. They are in no entry.
	Held     []Draw
	Released []Draw
	// Expired says, by lot, how many credits more (or, negative, fewer) stand expired: a clawback may take them from there.
	// A lot of which as many stand expired as before is absent.
	Expired map[LotID]Credits
	// DebtsPaid lists the draws that paid debts in this step, oldest first, each naming the payment whose debt it paid.
	// What AdjustClawback pays of the debt of its own payment is not here: it is in the Clawback that AdjustClawback returns.
	DebtsPaid []DebtPayment
}

// DebtPayment is credits of a lot that paid the debt of a payment.
type DebtPayment struct {
	Payment string
	Draw    Draw
}

// Changes reports whether the wallet itself is another after the posting. A posting that does not change it may still hold entries.
func (p Posting) Changes() bool {
	return p.Before.Standing != p.After.Standing || !slices.EqualFunc(p.Before.Lots, p.After.Lots, Lot.equal) ||
		!slices.Equal(p.Before.Debts, p.After.Debts)
}

// Stored returns the wallet as it stands once the posting is committed, whose last line is then of the posting's instant.
func (p Posting) Stored() Wallet {
	stored := p.After.Clone()
	if !p.Empty() {
		stored.At, stored.Recorded = p.At, true
	}
	return stored
}

// Empty reports whether there is nothing at all to commit.
func (p Posting) Empty() bool { return len(p.Entries) == 0 && !p.Changes() }

// add adds the entry, at the posting's instant, and what it changes of the credits that stand expired. One that differs from an entry
// of the posting in its credits alone joins that: however many draws a step moves, its entries are as few as its lots.
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
	p.Entries[i].ID = entryID(p.Entries[i], i)
	switch {
	case e.To == Expired:
		p.Expired[e.Lot] += e.Credits
	case e.From == Expired:
		p.Expired[e.Lot] -= e.Credits
	}
	if p.Expired[e.Lot] == 0 {
		delete(p.Expired, e.Lot)
	}
}

// Then returns p and next, which starts where p ended, at the same instant, as one posting: both happen or neither.
// A next that starts elsewhere, or at another instant, is a caller's bug and panics.
func (p Posting) Then(next Posting) Posting {
	if (Posting{Before: p.After, After: next.Before}).Changes() || !next.At.Equal(p.At) {
		panic("ledger: these postings do not follow one another")
	}
	joined := next
	joined.Before = p.Before
	joined.Entries, joined.Expired = nil, map[LotID]Credits{}
	for _, entry := range slices.Concat(p.Entries, next.Entries) {
		joined.add(entry)
	}
	joined.Held = slices.Concat(p.Held, next.Held)
	joined.Released = slices.Concat(p.Released, next.Released)
	joined.DebtsPaid = slices.Concat(p.DebtsPaid, next.DebtsPaid)
	return joined
}

func (l Lot) equal(other Lot) bool {
	granted, expires := l.GrantedAt.Equal(other.GrantedAt), l.ExpiresAt.Equal(other.ExpiresAt)
	l.GrantedAt, l.ExpiresAt, other.GrantedAt, other.ExpiresAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return granted && expires && l == other
}
