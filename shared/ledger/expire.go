package ledger

import "time"

// lotExpired is the cause of every expiry, whichever step posts it: nobody decided it.
var lotExpired = Cause{Reason: "lot_expired", Actor: "system"}

// Expire takes every lot with ExpiresAt ≤ now out of the wallet, one entry each. It is empty when none has expired.
func Expire(w Wallet, now time.Time) Posting {
	s := begin(w, GuardUnchanged, lotExpired, now)
	for _, lot := range s.posting.Before.Lots {
		s.touch(lot.ID)
	}
	s.posting.After = s.wallet
	return s.posting
}
