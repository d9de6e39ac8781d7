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
	ExpiredRuleExpire ExpiredRule = "expire" // they expire at once
	ExpiredRuleExtend ExpiredRule = "extend" // they come back as a lot with a new term
)

// maxExtendDays bounds a new term: a hundred years, beyond which a policy file holds a slip of the
// pen.
const maxExtendDays = 36500

// ExpiredLot is the policy's rule for credits that come back when their lot has expired. Credits
// that were never spent are always extended, whatever Rule says.
type ExpiredLot struct {
	// Rule is for refunded credits alone.
	Rule ExpiredRule `json:"rule" yaml:"rule"`
	// ExtendDays is the new term: so many times 24 hours from the instant of the posting.
	ExtendDays int `json:"extend_days" yaml:"extend_days"`
}

func (e ExpiredLot) validateTerm() error {
	if e.ExtendDays < 1 || e.ExtendDays > maxExtendDays {
		return fault.Invalid("extend_days", "must be 1 to %d days", maxExtendDays)
	}
	return nil
}

// Returned says where credits went that came back. Each draw names the lot that took them, with its
// expiry.
type Returned struct {
	// Restored went to the lots they were drawn from.
	Restored []Draw
	// Extended went to lots with a new term, since theirs had expired.
	Extended []Draw
	// Expired went nowhere: their lot had expired, and the rule is to expire.
	Expired []Draw
}

// Credits returns the sum of what can be spent again, before any debt was paid from it.
func (r Returned) Credits() Credits { return Sum(r.Restored) + Sum(r.Extended) }

// touch posts the expiry of the lot when the wallet still holds it expired. It returns how many
// credits that moved, 0 when the lot lives or is gone.
func (s *step) touch(id LotID) Credits {
	i := s.index(id)
	if i < 0 || s.wallet.Lots[i].Live(s.now) {
		return 0
	}
	draw := s.take(i, s.wallet.Lots[i].Remaining)
	s.postAs(expiryCause, MovementExpiry, id, draw.Credits)
	return draw.Credits
}

// sweep touches the lot that returning credits were drawn from, for the first maxSwept lots of a
// posting. No sum needs it, since credits never go back into an expired lot. So any further lots
// wait for Expire, and the posting stays within MaxWrites.
func (s *step) sweep(id LotID) {
	if s.sweeps < maxSwept && s.touch(id) > 0 {
		s.sweeps++
	}
}

// returnable reports whether credits of the draw can go back to its lot: the wallet holds it live,
// or it was emptied before its term ends.
func (s *step) returnable(d Draw) bool {
	// The wallet's lot counts before the draw's memory of it: a join may have given it a later
	// term.
	if i := s.index(d.Lot); i >= 0 {
		return s.wallet.Lots[i].Live(s.now)
	}
	return d.lot().Live(s.now)
}

// giveBack returns the draw's credits to its lot, opened again as it was when it is gone. When the
// lot has expired, they go to a lot with a new term. It posts the expiry of a lot it touches and
// nothing else: the caller posts the movement, on the lot that is returned.
func (s *step) giveBack(d Draw, terms ExpiredLot) (receiver Draw, newTerm bool) {
	s.sweep(d.Lot)
	if s.returnable(d) {
		return s.put(d.lot(), d.Credits, s.room(), s.anyLot), false
	}
	expiry := s.now.Add(time.Duration(terms.ExtendDays) * 24 * time.Hour)
	// The id derives from lot and expiry: draws of one lot in one posting open one lot, not
	// several.
	return s.put(Lot{
		ID:     NewLotID("extended", string(d.Lot), strconv.FormatInt(expiry.UnixMilli(), 10)),
		Source: d.Source, Granted: d.Credits, GrantedAt: s.now, ExpiresAt: expiry,
	}, d.Credits, s.room(), s.anyLot), true
}

// put adds n credits to the lot of that id and returns them as a draw of the lot that took them.
// A lot that the wallet does not hold is opened as described. Where the wallet holds as many live
// lots as there is room for, the credits go to the lot that joinable names.
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
	receiver := &s.wallet.Lots[i]
	receiver.Remaining += n
	// A lot may hold more than it granted once others' credits have joined it; the law says ≤.
	receiver.Granted = max(receiver.Granted, receiver.Remaining)
	// Sorting moves the lot, and the pointer with it would show another: the draw is taken before.
	draw := receiver.draw(n)
	s.wallet.Sort()
	return draw
}

// anyLot returns the live lot that takes returning credits when there is no room for theirs.
func (s *step) anyLot(lot Lot) int { return s.joinable(lot, func(Lot) bool { return true }) }

// purchaseLot returns the live lot of a purchase that takes another purchase's credits when there
// is no room for theirs, -1 where there is none.
func (s *step) purchaseLot(lot Lot) int {
	return s.joinable(lot, func(other Lot) bool { return other.Source == SourcePurchase })
}

// joinable returns the index of the live lot that takes credits of a lot for which there is no
// room, among those that allow permits: an equal one, else the next in draw order, which expires no
// sooner, else the last, which takes over the later term. Nobody loses time by it. -1 if none.
func (s *step) joinable(lot Lot, allow func(Lot) bool) int {
	if i := s.equalLot(lot); i >= 0 {
		return i
	}
	last := -1
	for i, other := range s.wallet.Lots {
		if !other.Live(s.now) || !allow(other) {
			continue
		}
		if drawOrder(lot, other) < 0 {
			return i
		}
		last = i
	}
	// All of them expire sooner. The last one's own credits gain time, which costs nobody anything.
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
