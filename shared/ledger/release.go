package ledger

import "time"

// Release gives held credits back, unspent, to the lots they were drawn from; those of a lot that has expired come back as a lot
// with a new term of terms.ExtendDays (terms.Rule is not asked: they were never spent). What is owed is paid from them first.
//
// The generation is the line of its release: the entries are only the expiries and debt payments that come with it.
// A term below one day is KindInvalid extend_days. No draws, or draws of nothing, post nothing.
func Release(w Wallet, draws []Draw, terms ExpiredLot, cause Cause, now time.Time) (Posting, Returned, error) {
	if err := terms.validateTerm(); err != nil {
		return Posting{}, Returned{}, err
	}
	if err := validateDraws(draws); err != nil {
		return Posting{}, Returned{}, err
	}
	s := begin(w, cause, now)
	var returned Returned
	for _, draw := range byLot(draws) {
		taker, extended := s.giveBack(draw, terms)
		s.posting.Released = append(s.posting.Released, taker)
		returned.add(taker, extended)
	}
	s.posting.DebtsPaid = s.payDebts()
	posting, err := s.finish(maxWhole)
	if err != nil {
		return Posting{}, Returned{}, err
	}
	return posting, returned, nil
}

func (r *Returned) add(taker Draw, extended bool) {
	if extended {
		r.Extended = append(r.Extended, taker)
		return
	}
	r.Restored = append(r.Restored, taker)
}
