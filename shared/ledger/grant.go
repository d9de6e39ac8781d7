package ledger

import (
	"errors"
	"time"

	"makegood/shared/fault"
)

// Grant adds a lot of lot.Granted credits to the wallet, then pays debts from it, in the order of
// their payment ids. The caller gives ID, Source, Granted and ExpiresAt; the lot starts at now with
// all of it remaining.
//
// A wallet with MaxLots live lots opens no further lot: the grant joins one of the same source and
// expiry. A purchase opens its own lot up to MaxPaidLots. Past that it joins another purchase's lot
// that expires no sooner, else the last of them, which takes over the later term. So nobody loses
// time, and what is bought never mixes with what was given.
//
// It returns the lot that took the credits as it is afterwards: Remaining is 0 when debts took all.
//
// KindStale if the wallet already holds the lot: a concurrent grant committed after our read; read
// again. Emptied lots leave the wallet, so only the caller's own record makes a grant idempotent.
// KindConflict: CodeTooManyLots where there is neither room nor a lot to join, CodeTooManyCredits
// above MaxCredits. KindInvalid: credits below 1, an unknown source, a lot that is expired at once.
func Grant(w Wallet, lot Lot, cause Cause, now time.Time) (Posting, Lot, error) {
	s := begin(w, cause, now)
	lot.Remaining, lot.GrantedAt, lot.ExpiresAt = 0, s.now, instant(lot.ExpiresAt)
	if err := validateGrant(lot, s.now); err != nil {
		return Posting{}, Lot{}, err
	}
	if s.index(lot.ID) >= 0 {
		return Posting{}, Lot{}, fault.Stale(errLotExists)
	}

	// A purchase is money that the customer has paid: it finds a lot even in a full wallet.
	room, joinable := MaxLots, s.equalLot
	if lot.Source == SourcePurchase {
		room, joinable = MaxPaidLots, s.purchaseLot
	}
	if s.wallet.liveLots(s.now) >= room && joinable(lot) < 0 {
		return Posting{}, Lot{}, fault.Errorf(fault.KindConflict, CodeTooManyLots, "a wallet holds at most %d lots", MaxLots)
	}

	// The credits are posted before any debt takes them: the statement shows the grant whole.
	receiver := s.put(lot, lot.Granted, room, joinable)
	s.post(MovementGrant, receiver.Lot, lot.Granted)
	s.posting.DebtsPaid = s.payDebts()
	posting, err := s.finish(MaxCredits)
	if err != nil {
		return Posting{}, Lot{}, err
	}

	// A lot that debts have emptied is no longer in the wallet; the caller still needs its term.
	result, ok := posting.After.Lot(receiver.Lot)
	if !ok {
		result = receiver.lot()
	}
	return posting, result, nil
}

var errLotExists = errors.New("ledger: the wallet holds a lot of that id")

func validateGrant(lot Lot, now time.Time) error {
	switch {
	case lot.Granted < 1:
		return fault.Invalid("credits", "must be at least 1")
	case lot.Granted > MaxCredits:
		return fault.Invalid("credits", "must be at most %d", MaxCredits)
	case !lot.Source.valid():
		return fault.Invalid("source", "must be purchase, allowance, promotion or goodwill")
	case !lot.Live(now):
		return fault.Invalid("expires_at", "must be in the future")
	case lot.ID == "":
		panic("ledger: a grant needs a lot id")
	}
	return nil
}

func (s Source) valid() bool {
	switch s {
	case SourcePurchase, SourceAllowance, SourcePromotion, SourceGoodwill:
		return true
	}
	return false
}
