package simulation

import (
	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Amounts is what remedies come to.
type Amounts struct {
	Credits ledger.Credits   `json:"credits"`         // in the smallest unit of the wallet
	Money   map[string]int64 `json:"money,omitempty"` // minor units by currency; none of them is 0
}

// add adds a remedy so many times, -1 to take it off.
func (a *Amounts) add(remedy *policy.Remedy, times int64) {
	switch policy.ArmOf(remedy) {
	case policy.ArmCredits:
		a.Credits += remedy.Credits() * ledger.Credits(times)
	case policy.ArmMoney:
		amount := remedy.Money()
		if a.Money == nil {
			a.Money = map[string]int64{}
		}
		if a.Money[amount.Currency] += amount.Minor * times; a.Money[amount.Currency] == 0 {
			delete(a.Money, amount.Currency)
		}
		if len(a.Money) == 0 {
			a.Money = nil // as it is read back
		}
	}
}

// in returns the amount of a unit: Credits, or a currency.
func (a Amounts) in(unit string) int64 {
	if unit == Credits {
		return int64(a.Credits)
	}
	return a.Money[unit]
}

// Credits is the unit of credits among currencies.
const Credits = "credits"

// Moved is what some cases give.
type Moved struct {
	Cases      int     `json:"cases"`      // how many
	Before     Amounts `json:"before"`     // what was given
	Under      Amounts `json:"under"`      // what would be given under the draft; nothing while a person decides
	Difference Amounts `json:"difference"` // under less before
}

func (m *Moved) add(o outcome) {
	m.Cases++
	m.Before.add(o.before, 1)
	m.Under.add(o.under, 1)
	m.Difference.add(o.under, 1)
	m.Difference.add(o.before, -1)
}
