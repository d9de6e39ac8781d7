package generation

import (
	"time"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/text"
)

// The bounds of a cost: a provider's name in characters, which a longer one is cut to, and millionths of the currency.
const (
	MaxProvider = 40
	MaxMicros   = 1e12
)

// Cost is what a generation on the customer's own key cost at the provider of that key, in the worker's words. The customer paid it there:
// it moves no credits.
type Cost struct {
	Provider string `json:"provider"` // "openrouter", "google"
	Currency string `json:"currency"`
	Micros   int64  `json:"micros"` // millionths of the currency: 39500 of USD are 0.0395 USD
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

// MonthCost is what a customer's own key cost in one currency and one month (UTC) of recorded results.
type MonthCost struct {
	Month       string // "2026-03"
	Currency    string
	Micros      int64
	Generations int
}

// MaxMonthCosts bounds how many of them are listed.
const MaxMonthCosts = 24

// MonthOf returns the month to which a cost recorded at the instant belongs.
func MonthOf(at time.Time) string { return at.UTC().Format("2006-01") }

// NewCost returns the cost that a change brings and where it is added: nil when it brings none.
func NewCost(before, after Generation) *Cost {
	if before.Result != nil || after.Result == nil {
		return nil
	}
	return after.Result.Cost
}
