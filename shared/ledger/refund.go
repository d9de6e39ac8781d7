package ledger

import (
	"time"

	"makegood/shared/fault"
)

// Refund returns spent credits to the lots they were drawn from, one entry for each lot. Where a lot has expired, rule decides:
// the credits stand expired at once, or come back as a lot with a new term. What is owed is paid first from what can be spent.
// It returns which it was, for the answer to the customer. Where many debts are owed, the draws soonest to expire may join later ones
// (see MaxWrites).
//
// An unknown rule is KindInvalid expired_lot, an extension below one day extend_days. That credits are refunded once, and no more
// than was captured, is the generation's to know.
func Refund(w Wallet, draws []Draw, rule ExpiredLot, cause Cause, now time.Time) (Posting, Returned, error) {
	if err := rule.validate(); err != nil {
		return Posting{}, Returned{}, err
	}
	if err := validateDraws(draws); err != nil {
		return Posting{}, Returned{}, err
	}
	s := begin(w, cause, now)
	var returned Returned
	for _, draw := range gather(byLot(draws), s.room()) {
		if rule.Rule == ExpiredRuleExpire && !s.returnable(draw) {
			s.sweep(draw.Lot)
			s.post(MovementRefundExpired, draw.Lot, draw.Credits)
			returned.Expired = append(returned.Expired, draw)
			continue
		}
		taker, extended := s.giveBack(draw, rule)
		s.post(MovementRefund, taker.Lot, taker.Credits)
		returned.add(taker, extended)
	}
	s.posting.DebtsPaid = s.payDebts()
	posting, err := s.finish(maxWhole)
	if err != nil {
		return Posting{}, Returned{}, err
	}
	return posting, returned, nil
}

func (e ExpiredLot) validate() error {
	switch e.Rule {
	case ExpiredRuleExpire:
		return nil
	case ExpiredRuleExtend:
		return e.validateTerm()
	}
	return fault.Invalid("expired_lot", "must be expire or extend")
}
