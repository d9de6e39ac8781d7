package ledger

import (
	"time"

	"makegood/shared/fault"
)

// Hold reserves n credits: soonest expiry first, then oldest, never from an expired lot. It returns
// what it drew from each lot. The generation keeps the draws and is itself the line of its hold, so
// the posting has no entries. Nothing is drawn for n = 0.
//
// A standing that is not good is KindForbidden access_restricted, whatever n. A debt, or too few
// credits, is KindInsufficient.
func Hold(w Wallet, n Credits, now time.Time) ([]Draw, Posting, error) {
	s := begin(w, Cause{}, now)
	switch {
	case n < 0:
		return nil, Posting{}, fault.Invalid("price", "must not be negative")
	case w.Standing != "" && w.Standing != StandingGood:
		return nil, Posting{}, fault.Errorf(fault.KindForbidden, fault.CodeAccessRestricted, "this customer may not start generations")
	case n > 0 && (w.Owed() > 0 || s.wallet.Available(s.now) < n):
		return nil, Posting{}, fault.Errorf(fault.KindInsufficient, fault.CodeInsufficientCredits, "%d credits are needed", n)
	}
	// As much is available, so there is a live lot in every round, and each round empties one or
	// ends.
	for rest := n; rest > 0; {
		draw := s.take(s.live(), rest)
		s.posting.Held = append(s.posting.Held, draw)
		rest -= draw.Credits
	}
	posting, err := s.finish(maxWhole)
	return posting.Held, posting, err
}
