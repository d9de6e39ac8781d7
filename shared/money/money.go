// Package money owns amounts of real money: an integer in the currency's minor unit, and the
// currency.
//
// It refuses to know exchange rates and formatting for people. Amounts of different currencies are
// never added.
package money

import (
	"math"
	"strings"

	"makegood/shared/fault"
)

// Amount is an amount of money.
type Amount struct {
	// Currency is an ISO 4217 code in upper case: "USD".
	Currency string `json:"currency"`
	// Minor is the amount in the currency's minor unit: cents for USD, yen for JPY.
	Minor int64 `json:"minor"`
}

// isCurrency reports whether the code is three upper-case letters. A pattern would be compiled at
// every start of a function, for 0.1 ms.
func isCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Validate returns a KindInvalid error naming field when the currency is not three upper-case
// letters or the amount is negative.
func (a Amount) Validate(field string) error {
	if !isCurrency(a.Currency) {
		return fault.Invalid(field+".currency", "must be three upper-case letters")
	}
	if a.Minor < 0 {
		return fault.Invalid(field+".minor", "must not be negative")
	}
	return nil
}

// MulDivCeil returns ceil(a × b ÷ c) under the conditions of MulDivFloor.
func MulDivCeil(a, b, c int64) int64 {
	quotient, rest := mulDiv(a, b, c)
	if rest > 0 {
		if quotient == math.MaxInt64 {
			panic("money: share out of range")
		}
		quotient++
	}
	return quotient
}

// MulDivFloor returns floor(a × b ÷ c) for non-negative a, b and positive c, through 128 bits: of
// 999 cents for 100 credits, 33 credits are worth 329 cents. It panics when c is not positive, an
// argument is negative, or the result does not fit: each is a caller's bug.
func MulDivFloor(a, b, c int64) int64 {
	quotient, _ := mulDiv(a, b, c)
	return quotient
}
