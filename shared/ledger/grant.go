package ledger

import (
	"errors"
	"time"

	"makegood/shared/fault"
)

// Grant adds a lot of lot.Granted credits to the wallet and pays from it what is owed, debts in the order of their payment ids.
// ID, Source, Granted and ExpiresAt are the caller's; the lot starts at now with all of it remaining. When the wallet holds
// MaxLots live lots, the grant joins an equal one (same source, same expiry). A purchase opens its own up to MaxPaidLots, and past that
// joins another purchase's that expires no sooner, else the last of them, which takes over the later term: nobody loses time, and what is
// bought never mixes with what was given.
//
// It returns the lot that took the credits, as it stands afterwards: Remaining is 0 when debts took them all.
// A lot id that the wallet holds already is KindStale: whoever granted it has a record that was not there to be read with this wallet
// (and since the wallet forgets emptied lots, that record alone knows that one purchase grants once). No room and no equal lot is a
// KindConflict CodeTooManyLots; more than MaxCredits CodeTooManyCredits.
// Credits below 1, an unknown source and a lot that would be born expired are KindInvalid.
func Grant(w Wallet, lot Lot, cause Cause, now time.Time) (Posting, Lot, error) {
	s := begin(w, cause, now)
	lot.Remaining, lot.GrantedAt, lot.ExpiresAt = 0, s.now, instant(lot.ExpiresAt)
	if err := validateGrant(lot, s.now); err != nil {
		return Posting{}, Lot{}, err
	}
	if s.index(lot.ID) >= 0 {
		return Posting{}, Lot{}, fault.Stale(errLotExists)
	}
	room, joinable := MaxLots, s.equalLot
	if lot.Source == SourcePurchase {
		room, joinable = MaxPaidLots, s.purchaseLot
	}
	if s.wallet.liveLots(s.now) >= room && joinable(lot) < 0 {
		return Posting{}, Lot{}, fault.Errorf(fault.KindConflict, CodeTooManyLots, "a wallet holds at most %d lots", MaxLots)
	}
	taker := s.put(lot, lot.Granted, room, joinable)
	s.post(MovementGrant, taker.Lot, lot.Granted)
	s.posting.DebtsPaid = s.payDebts()
	posting, err := s.finish(MaxCredits)
	if err != nil {
		return Posting{}, Lot{}, err
	}
	granted, held := posting.After.Lot(taker.Lot)
	if !held {
		granted = taker.lot()
	}
	return posting, granted, nil
}

var errLotExists = errors.New("ledger: the wallet holds a lot of that id")

func validateGrant(lot Lot, now time.Time) error {
	switch {
	case lot.Granted < 1:
		return fault.Invalid("credits", "must be at least 1")
	case lot.Granted > MaxCredits:
		return fault.Invalid("credits", "must be at most %d", MaxCredits)
	case !lot.Source.known():
		return fault.Invalid("source", "must be purchase, allowance, promotion or goodwill")
	case !lot.Live(now):
		return fault.Invalid("expires_at", "must be in the future")
	case lot.ID == "":
		panic("ledger: a grant needs a lot id")
	}
	return nil
}

func (s Source) known() bool {
	switch s {
	case SourcePurchase, SourceAllowance, SourcePromotion, SourceGoodwill:
		return true
	}
	return false
}
