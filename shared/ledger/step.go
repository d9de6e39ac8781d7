package ledger

import (
	"slices"
	"time"

	"makegood/shared/fault"
)

// MaxCredits is the most that a grant may leave in a wallet: far more than anyone buys, far from
// where sums overflow.
const MaxCredits Credits = 1e15

// maxWhole bounds what returning credits may leave: past it a number in JSON is no longer exact. It
// takes nine full wallets on hold to get there.
const maxWhole Credits = 1<<53 - 1

// The codes of refusals that are the ledger's own; each is a KindConflict.
const (
	CodeTooManyLots    = "too_many_lots"
	CodeTooManyCredits = "too_many_credits"
	CodeTooManyDebts   = "too_many_debts"
)

// step builds one posting: every change to the wallet goes through it, together with the line that
// explains it.
type step struct {
	wallet  Wallet // as it is so far
	posting Posting
	cause   Cause
	now     time.Time // the posting's instant
	sweeps  int       // lots whose expiry was posted on the way, see sweep
}

// begin starts a posting on a copy of the wallet. Its instant lies after the wallet's last line,
// whatever the clock shows: the store takes the instant for the wallet's version.
func begin(w Wallet, cause Cause, now time.Time) *step {
	before := w.Clone()
	before.Sort()
	at := Later(now, w.At)
	return &step{
		wallet: before.Clone(), cause: cause, now: at,
		posting: Posting{At: at, Before: before, Expired: map[LotID]Credits{}},
	}
}

// finish returns the posting, or refuses one that leaves more credits than limit, or a debt too
// many.
func (s *step) finish(limit Credits) (Posting, error) {
	s.posting.After = s.wallet
	if sumLots(s.wallet.Lots) > limit || s.wallet.Owed() > limit {
		return Posting{}, fault.Errorf(fault.KindConflict, CodeTooManyCredits, "a wallet holds at most %d credits", limit)
	}
	// A wallet over the limit may still pay debts: only a step that adds one is refused.
	if debts := len(s.wallet.Debts); debts > MaxDebts && debts > len(s.posting.Before.Debts) {
		return Posting{}, fault.Errorf(fault.KindConflict, CodeTooManyDebts, "a wallet owes for at most %d payments", MaxDebts)
	}
	return s.posting, nil
}

// post writes one entry under the step's cause; zero credits write nothing.
func (s *step) post(m Movement, lot LotID, n Credits) { s.postAs(s.cause, m, lot, n) }

func (s *step) postAs(cause Cause, m Movement, lot LotID, n Credits) {
	if n == 0 {
		return
	}
	from, to := Accounts(m)
	s.posting.add(Entry{Customer: s.wallet.Customer, Movement: m, From: from, To: to, Credits: n, Lot: lot, Cause: cause})
}

func (s *step) index(id LotID) int {
	return slices.IndexFunc(s.wallet.Lots, func(l Lot) bool { return l.ID == id })
}

// live returns the index of the first lot that may be drawn, or -1.
func (s *step) live() int {
	return slices.IndexFunc(s.wallet.Lots, func(l Lot) bool { return l.Live(s.now) })
}

// take draws up to limit from the lot at index i. An emptied lot leaves the wallet, so that its
// item does not grow with the customer's history.
func (s *step) take(i int, limit Credits) Draw {
	lot := &s.wallet.Lots[i]
	draw := lot.draw(min(limit, lot.Remaining))
	lot.Remaining -= draw.Credits
	if lot.Remaining == 0 {
		s.wallet.Lots = slices.Delete(s.wallet.Lots, i, i+1)
	}
	return draw
}

// draw returns a draw of n credits of the lot.
func (l Lot) draw(n Credits) Draw {
	return Draw{Lot: l.ID, Credits: n, Source: l.Source, ExpiresAt: l.ExpiresAt, Granted: l.Granted, GrantedAt: l.GrantedAt}
}

// lot returns the lot that the draw came from, as it was then, with nothing remaining.
func (d Draw) lot() Lot {
	return Lot{ID: d.Lot, Source: d.Source, Granted: d.Granted, GrantedAt: instant(d.GrantedAt), ExpiresAt: instant(d.ExpiresAt)}
}

func sumLots(lots []Lot) (sum Credits) {
	for _, lot := range lots {
		sum += lot.Remaining
	}
	return sum
}
