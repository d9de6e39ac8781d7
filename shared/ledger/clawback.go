package ledger

import (
	"slices"

	"makegood/shared/fault"
)

// Clawback is what has been taken back for one payment, and from where, so that it can be given back the same way.
// The zero Clawback with a Payment is one that nothing was granted for and nothing taken from.
type Clawback struct {
	Payment string
	// Lot is the payment's own lot as Grant returned it; Remaining is not read. With the id of another payment's lot, the grant joined that.
	Lot     Lot
	Granted Credits // what this payment granted, within a joined lot too
	OwnLot  Credits // taken from the own lot
	Expired Credits // taken from what of the own lot stands expired
	Others  []Draw  // taken from other lots, oldest first
	// Owed is what could not be taken: what is outstanding (the wallet's debt for the payment) and what DebtPaid has paid since.
	// A step that pays the debt appends its draws to DebtPaid and leaves Owed alone: what was taken does not change by it.
	Owed     Credits
	DebtPaid []Draw // oldest first
	// Covered is which stretches of the target expired credits cover, ascending. AdjustClawback keeps it; see there why.
	Covered []Stretch
}

// Stretch is the part of a target from From (excluded) to From + Credits.
type Stretch struct {
	From    Credits
	Credits Credits
}

// Total returns the credits taken back in all: the target that AdjustClawback last reached.
func (t Clawback) Total() Credits { return t.OwnLot + t.Expired + Sum(t.Others) + t.Owed }

func (t Clawback) clone() Clawback {
	t.Others, t.DebtPaid, t.Covered = slices.Clone(t.Others), slices.Clone(t.DebtPaid), slices.Clone(t.Covered)
	return t
}

// cover lets expired credits that appeared since the last leveling cover what comes above the target reached by then.
func (t *Clawback) cover(stock Credits) {
	from := t.Total()
	for _, stretch := range t.Covered {
		stock -= stretch.Credits
		from = max(from, stretch.From+stretch.Credits)
	}
	if stock <= 0 {
		return
	}
	if last := len(t.Covered) - 1; last >= 0 && t.Covered[last].From+t.Covered[last].Credits == from {
		t.Covered[last].Credits += stock
		return
	}
	t.Covered = append(t.Covered, Stretch{From: from, Credits: stock})
}

// fromExpired returns how much of a target comes from expired credits.
func (t Clawback) fromExpired(target Credits) (sum Credits) {
	for _, stretch := range t.Covered {
		sum += min(max(target-stretch.From, 0), stretch.Credits)
	}
	return sum
}

func (t Clawback) validate(outstanding, expired, target Credits) error {
	switch {
	case target < 0 || target > t.Granted || t.Granted > MaxCredits:
		return fault.Invalid("target", "must be between 0 and the %d credits granted", t.Granted)
	case expired < 0:
		return fault.Invalid("expired", "must not be negative")
	case outstanding+Sum(t.DebtPaid) != t.Owed:
		// The payment and the wallet were read at different moments: reading both again mends it.
		return fault.Stale(nil)
	}
	return nil
}
