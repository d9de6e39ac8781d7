package generation

import (
	"time"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/text"
)

// The bounds of a cost: a provider's name in characters, to which a longer one is cut, and
// millionths of the currency.
const (
	MaxProvider = 40
	MaxMicros   = 1e12
)

// Cost is what a generation on the customer's own key cost at the provider of that key, in the
// worker's words. The customer paid it there: it moves no credits.
type Cost struct {
	// Provider is the AI provider's name: "openrouter", "google".
	Provider string `json:"provider"`
	// Currency is three upper-case letters.
	Currency string `json:"currency"`
	// Micros is millionths of the currency: 39500 of USD are 0.0395 USD.
	Micros int64 `json:"micros"`
}

// Validate returns a KindInvalid error that names the field at fault, as the caller wrote it.
func (c Cost) Validate() error {
	switch {
	case text.Blank(c.Provider):
		return fault.Missing("cost.provider")
	case (money.Amount{Currency: c.Currency}).Validate("") != nil:
		return fault.Invalid("cost.currency", "must be three upper-case letters")
	case c.Micros < 0 || c.Micros > MaxMicros:
		return fault.Invalid("cost.micros", "must be 0 to %d", int64(MaxMicros))
	}
	return nil
}

// MonthCost is what a customer's own key cost in one currency and one month (UTC) of recorded
// results.
type MonthCost struct {
	// Month is the month as MonthOf has it: "2026-03".
	Month string
	// Currency is three upper-case letters.
	Currency string
	// Micros is the sum, in millionths of the currency.
	Micros int64
	// Generations is how many results the sum is of.
	Generations int
}

// MaxMonthCosts bounds how many of them are listed.
const MaxMonthCosts = 24

// MonthOf returns the month to which a cost recorded at the instant belongs.
func MonthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// NewCost returns the cost that a change adds to the customer's, nil when it adds none.
func NewCost(before, after Generation) *Cost {
	// Only the first result brings a cost: a second commit of it must not add the cost again.
	if before.Result != nil || after.Result == nil {
		return nil
	}
	return after.Result.Cost
}
