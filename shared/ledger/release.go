package ledger

import "time"

// Release gives held credits back, unspent, to the lots they were drawn from. Credits of a lot that
// has expired come back as a lot with a new term of terms.ExtendDays; terms.Rule does not matter,
// since they were never spent. Debts are paid from them first.
//
// The generation is the line of its release: the entries are only the expiries and debt payments
// that come with it. A term below one day is KindInvalid extend_days. No draws, or draws of
// nothing, post nothing.
func Release(w Wallet, draws []Draw, terms ExpiredLot, cause Cause, now time.Time) (Posting, Returned, error) {
	if err := terms.validateTerm(); err != nil {
		return Posting{}, Returned{}, err
	}
	if err := validateDraws(draws); err != nil {
		return Posting{}, Returned{}, err
	}
	s := begin(w, cause, now)
	var result Returned
	for _, draw := range byLot(draws) {
		receiver, newTerm := s.giveBack(draw, terms)
		// No entry: Check reads the release from here, as the statement reads it from the
		// generation.
		s.posting.Released = append(s.posting.Released, receiver)
		result.add(receiver, newTerm)
	}
	s.posting.DebtsPaid = s.payDebts()
	posting, err := s.finish(maxWhole)
	if err != nil {
		return Posting{}, Returned{}, err
	}
	return posting, result, nil
}

func (r *Returned) add(receiver Draw, newTerm bool) {
	if newTerm {
		r.Extended = append(r.Extended, receiver)
		return
	}
	r.Restored = append(r.Restored, receiver)
}
