package policy

import (
	"maps"
	"slices"

	"makegood/shared/money"
)

// SecondPerson says which rulings of staff a second person confirms before they move anything. The
// zero one asks for none.
// Why: infra/decisions/0072.
type SecondPerson struct {
	// Appeals: every answer to an appeal.
	Appeals bool
	// MoneyAbove is the most of one payment that goes back by one person, by currency and in its
	// minor unit.
	// Of a currency that it does not name they give back nothing alone, so that none is forgotten.
	// Empty: money asks for no second person.
	MoneyAbove map[string]int64
}

// Confirms reports whether a second person confirms a ruling: appeal says that it answers one, and
// amount is the money that goes back of the payment in all, nil for none.
func (s SecondPerson) Confirms(appeal bool, amount *money.Amount) bool {
	if appeal && s.Appeals {
		return true
	}
	return amount != nil && len(s.MoneyAbove) > 0 && amount.Minor > s.MoneyAbove[amount.Currency]
}

// Limits returns MoneyAbove as amounts, by currency.
func (s SecondPerson) Limits() []money.Amount {
	var limits []money.Amount
	for _, currency := range slices.Sorted(maps.Keys(s.MoneyAbove)) {
		limits = append(limits, money.Amount{Currency: currency, Minor: s.MoneyAbove[currency]})
	}
	return limits
}

// checkSecondPerson checks the section, which may be left out: then everybody rules alone. One that
// asks for nobody would only seem to.
func (c *checker) checkSecondPerson(line *secondLine) {
	if line == nil {
		return
	}
	at := place{"second_person"}
	c.need(line.Appeals || len(line.MoneyAbove) > 0, at, "asks for nobody: write appeals: true, or money_above, or leave it out")
	for _, currency := range sortedKeys(line.MoneyAbove) {
		limit := money.Amount{Currency: currency, Minor: line.MoneyAbove[currency]}
		c.need(limit.Validate("") == nil, at.in("money_above", currency), "needs a currency of three upper-case letters and an amount in its minor unit that is not negative")
	}
}
