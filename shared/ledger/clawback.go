package ledger

import (
	"slices"

	"makegood/shared/fault"
)

// Clawback is what has been taken back for one payment, and from where, so that it can be given
// back the same way. The zero Clawback with a Payment is that of a payment that granted nothing.
type Clawback struct {
	// Payment is the payment's id.
	Payment string
	// Lot is the payment's own lot as Grant returned it; its Remaining is not read. Where the grant
	// joined another payment's lot, it has the id of that lot.
	Lot Lot
	// Granted is how many credits this payment granted, also where they joined another lot.
	Granted Credits
	// OwnLot is how many credits were taken from the own lot.
	OwnLot Credits
	// Expired is how many were taken from credits of the own lot that had expired.
	Expired Credits
	// Others holds what was taken from other lots, oldest first.
	Others []Draw
	// Owed is what could not be taken: the wallet's open debt for the payment, and what DebtPaid
	// has paid of it. A step that pays the debt appends to DebtPaid and leaves Owed alone, since
	// the total taken back does not change by it.
	Owed Credits
	// DebtPaid holds the draws that paid the debt, oldest first.
	DebtPaid []Draw
	// Covered holds the stretches of the target that expired credits cover, ascending.
	// AdjustClawback keeps it, and says why.
	Covered []Stretch
}

// Stretch is the part of a target from From (excluded) to From + Credits.
type Stretch struct {
	// From is the target below which the stretch begins.
	From Credits
	// Credits is how long the stretch is, above 0.
	Credits Credits
}

// Total returns the credits taken back in all: the target that AdjustClawback last reached.
func (c Clawback) Total() Credits { return c.OwnLot + c.Expired + Sum(c.Others) + c.Owed }

func (c Clawback) clone() Clawback {
	c.Others, c.DebtPaid, c.Covered = slices.Clone(c.Others), slices.Clone(c.DebtPaid), slices.Clone(c.Covered)
	return c
}

// cover lets credits that expired since the last adjustment cover the stretch above the total of
// that time. stock is all that ever expired of the own lot.
//
// Of 20 credits, 8 are taken; then the other 12 expire. They cover 8 to 20. A target of 12 takes 4
// of them, a target of 6 none: 2 spendable credits go back instead.
func (c *Clawback) cover(stock Credits) {
	// Earlier stretches keep what they cover; a new one never overlaps the last of them.
	from := c.Total()
	for _, stretch := range c.Covered {
		stock -= stretch.Credits
		from = max(from, stretch.From+stretch.Credits)
	}
	if stock <= 0 {
		return
	}
	// One that begins where the last one ends makes that longer: the list stays short in its row.
	if last := len(c.Covered) - 1; last >= 0 && c.Covered[last].From+c.Covered[last].Credits == from {
		c.Covered[last].Credits += stock
		return
	}
	c.Covered = append(c.Covered, Stretch{From: from, Credits: stock})
}

// fromExpired returns how much of a target comes from expired credits: the part of each stretch
// that lies below the target.
func (c Clawback) fromExpired(target Credits) (sum Credits) {
	for _, stretch := range c.Covered {
		sum += min(max(target-stretch.From, 0), stretch.Credits)
	}
	return sum
}

func (c Clawback) validate(openDebt, expiredCredits, target Credits) error {
	switch {
	case target < 0 || target > c.Granted || c.Granted > MaxCredits:
		return fault.Invalid("target", "must be between 0 and the %d credits granted", c.Granted)
	case expiredCredits < 0:
		return fault.Invalid("expired", "must not be negative")
	case openDebt+Sum(c.DebtPaid) != c.Owed:
		// The payment and the wallet were read at different moments: reading both again mends it.
		return fault.Stale(nil)
	}
	return nil
}
