package ledger

import (
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
)

// ExpiredRule says what becomes of refunded credits whose lot has expired.
type ExpiredRule string

// The rules for expired lots; the zero value is invalid.
const (
	ExpiredRuleExpire ExpiredRule = "expire" // they stand expired at once
	ExpiredRuleExtend ExpiredRule = "extend" // they come back as a lot with a new term
)

// maxExtendDays bounds a new term: a hundred years, beyond which a policy file holds a slip of the pen.
const maxExtendDays = 36500

// ExpiredLot is the policy's rule for credits that come back when their lot has expired. The new term is ExtendDays of 24 hours,
// from the instant of the posting. Credits that were never spent are always extended, whatever Rule says.
type ExpiredLot struct {
	Rule       ExpiredRule
	ExtendDays int
}

func (e ExpiredLot) validateTerm() error {
	if e.ExtendDays < 1 || e.ExtendDays > maxExtendDays {
		return fault.Invalid("extend_days", "must be 1 to %d days", maxExtendDays)
	}
	return nil
}

// Returned says where credits went that came back. Each draw names the lot that took them, with its expiry.
type Returned struct {
	Restored []Draw // to the lots they were drawn from
	Extended []Draw // to lots with a new term, since theirs had expired
	Expired  []Draw // nowhere: their lot had expired, and the rule is to expire
}

// Credits returns the sum of what can be spent again, before any debt was paid from it.
func (r Returned) Credits() Credits { return Sum(r.Restored) + Sum(r.Extended) }

// touch posts the expiry of the lot when the wallet still holds it expired, and returns how many credits that moved.
func (s *step) touch(id LotID) Credits {
	i := s.index(id)
	if i < 0 || s.wallet.Lots[i].Live(s.now) {
		return 0
	}
	expired := s.take(i, s.wallet.Lots[i].Remaining)
	s.postAs(lotExpired, MovementExpiry, id, expired.Credits)
	return expired.Credits
}

// sweep touches the lot that returning credits were drawn from, for the first maxSwept of a posting. No sum needs it (what is put back
// never goes into an expired lot), so any further lots wait for Expire.
func (s *step) sweep(id LotID) {
	if s.swept < maxSwept && s.touch(id) > 0 {
		s.swept++
	}
}

// returnable reports whether credits of the draw can go back to its lot: the wallet holds it live, or it is gone before its term.
func (s *step) returnable(d Draw) bool {
	if i := s.index(d.Lot); i >= 0 {
		return s.wallet.Lots[i].Live(s.now)
	}
	return d.lot().Live(s.now)
}

// giveBack returns the draw's credits to its lot, re-created as it was when it is gone; when it has expired, to a lot with a new
// term. It posts the expiry of a lot it touches, and nothing else: the movement is the caller's to post, on the lot returned.
func (s *step) giveBack(d Draw, terms ExpiredLot) (taker Draw, extended bool) {
	s.sweep(d.Lot)
	if s.returnable(d) {
		return s.put(d.lot(), d.Credits, s.room(), s.anyLot), false
	}
	expires := s.now.Add(time.Duration(terms.ExtendDays) * 24 * time.Hour)
	return s.put(Lot{
		ID:     NewLotID("extended", string(d.Lot), strconv.FormatInt(expires.UnixMilli(), 10)),
		Source: d.Source, Granted: d.Credits, GrantedAt: s.now, ExpiresAt: expires,
	}, d.Credits, s.room(), s.anyLot), true
}

// put adds n credits to the lot of that id, opening it as described when the wallet does not hold it; where it holds as many live lots as
// there is room for, to the one that joinable names.
func (s *step) put(lot Lot, n Credits, room int, joinable func(Lot) int) Draw {
	i := s.index(lot.ID)
	switch {
	case i >= 0:
	case s.wallet.liveLots(s.now) >= room:
		i = joinable(lot)
		s.wallet.Lots[i].Granted += n
	default:
		s.wallet.Lots = append(s.wallet.Lots, lot)
		i = len(s.wallet.Lots) - 1
	}
	taker := &s.wallet.Lots[i]
	taker.Remaining += n
	taker.Granted = max(taker.Granted, taker.Remaining)
	draw := taker.draw(n)
	s.wallet.Sort()
	return draw
}

// anyLot returns the live lot that takes returning credits when there is no room for theirs.
func (s *step) anyLot(lot Lot) int { return s.joinable(lot, func(Lot) bool { return true }) }

// purchaseLot returns the live lot of a purchase that takes another's credits when there is no room for theirs, -1 where there is none.
func (s *step) purchaseLot(lot Lot) int {
	return s.joinable(lot, func(other Lot) bool { return other.Source == SourcePurchase })
}

// joinable returns, of the live lots that may, the one that takes credits of a lot for which there is no room: an equal one, else the next
// in draw order, which expires no sooner, else the last, which takes over the later term. Nobody loses time by it.
func (s *step) joinable(lot Lot, may func(Lot) bool) int {
	if i := s.equalLot(lot); i >= 0 {
		return i
	}
	last := -1
	for i, other := range s.wallet.Lots {
		if !other.Live(s.now) || !may(other) {
			continue
		}
		if drawOrder(lot, other) < 0 {
			return i
		}
		last = i
	}
	if last >= 0 {
		s.wallet.Lots[last].ExpiresAt = lot.ExpiresAt
	}
	return last
}

// equalLot returns the index of a lot of the same source and expiry, or -1.
func (s *step) equalLot(lot Lot) int {
	return slices.IndexFunc(s.wallet.Lots, func(other Lot) bool {
		return other.Source == lot.Source && other.ExpiresAt.Equal(lot.ExpiresAt)
	})
}
