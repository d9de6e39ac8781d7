package ledger

import (
	"time"

	"makegood/shared/fault"
)

// Refund returns spent credits to the lots they were drawn from, one entry for each lot. Where a
// lot has expired, rule decides: the credits expire at once, or come back as a lot with a new term.
// Debts are paid first from what can be spent. It returns where the credits went, for the answer to
// the customer. In a wallet with many debts, the draws that expire soonest may join later ones (see
// MaxWrites).
//
// An unknown rule is KindInvalid expired_lot, an extension below one day extend_days. The caller's
// generation makes sure that credits are refunded once, and no more than it captured.
func Refund(w Wallet, draws []Draw, rule ExpiredLot, cause Cause, now time.Time) (Posting, Returned, error) {
	if err := rule.validate(); err != nil {
		return Posting{}, Returned{}, err
	}
	if err := validateDraws(draws); err != nil {
		return Posting{}, Returned{}, err
	}
	s := begin(w, cause, now)
	var result Returned
	// As many draws as the wallet has room for: each costs an entry, and each lot may pay debts.
	for _, draw := range gather(byLot(draws), s.room()) {
		if rule.Rule == ExpiredRuleExpire && !s.returnable(draw) {
			// Spent credits of an expired lot never become available: no debt is paid from them.
			s.sweep(draw.Lot)
			s.post(MovementRefundExpired, draw.Lot, draw.Credits)
			result.Expired = append(result.Expired, draw)
			continue
		}
		receiver, newTerm := s.giveBack(draw, rule)
		s.post(MovementRefund, receiver.Lot, receiver.Credits)
		result.add(receiver, newTerm)
	}
	s.posting.DebtsPaid = s.payDebts()
	posting, err := s.finish(maxWhole)
	if err != nil {
		return Posting{}, Returned{}, err
	}
	return posting, result, nil
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
