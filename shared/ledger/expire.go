package ledger

import "time"

// expiryCause is the cause of every expiry, whichever step posts it: nobody decided it.
var expiryCause = Cause{Reason: "lot_expired", Actor: ActorSystem}

// Expire takes the lots with ExpiresAt ≤ now out of the wallet, one entry each. The posting is
// empty when none has expired. It takes at most MaxLots, soonest expiry first: where more have
// piled up, the wallet's NextExpiry stays in the past, and the next sweep goes on.
func Expire(w Wallet, now time.Time) Posting {
	s := begin(w, expiryCause, now)
	lots := s.posting.Before.Lots
	for _, lot := range lots[:min(len(lots), MaxLots)] { // in draw order: those that have expired come first
		s.touch(lot.ID)
	}
	s.posting.After = s.wallet
	return s.posting
}
