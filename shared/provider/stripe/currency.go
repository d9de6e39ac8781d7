package stripe

import (
	"math"
	"slices"
	"strings"

	"makegood/shared/money"
)

// Stripe's minor units are those of ISO 4217 except for these currencies; see
// docs.stripe.com/currencies, "Special cases" and "Zero-decimal currencies". HUF and TWD are
// special for payouts only, which are never ours.
var (
	// hundredths have no minor unit by ISO 4217 and two decimals at Stripe, which are always 00.
	// UGX is on Stripe's list of zero-decimal currencies too; the special case names the amount
	// of a charge.
	hundredths = []string{"ISK", "UGX"}
	// wholes have two decimals by ISO 4217 and none at Stripe.
	wholes = []string{"MGA"}
	// tens have three decimals at both, of which Stripe takes the last only as 0.
	tens = []string{"BHD", "JOD", "KWD", "OMR", "TND"}
)

// amount returns an amount of Stripe's in the minor unit of ISO 4217. A fraction that the currency
// no longer has is rounded up. What is out of range becomes -1, which is no amount.
func amount(minor int64, currency string) money.Amount {
	currency = strings.ToUpper(currency)
	switch {
	// Passed on as it is: validation refuses it later, with the field's name.
	case minor < 0:
	case slices.Contains(hundredths, currency):
		// Rounding down could make a refund look smaller than it was, and its credits would stay.
		whole := minor / 100
		if minor%100 > 0 {
			whole++
		}
		minor = whole
	case slices.Contains(wholes, currency):
		// An overflow would become a small or negative sum that passes for real money.
		if minor > math.MaxInt64/100 {
			return money.Amount{Currency: currency, Minor: -1}
		}
		minor *= 100
	}
	return money.Amount{Currency: currency, Minor: minor}
}

// Payable returns an amount in the minor unit that Stripe wants. It returns false for one that
// Stripe cannot pay: a fraction of a currency that has none there, or a last digit that is not 0.
func Payable(a money.Amount) (int64, bool) {
	switch {
	case slices.Contains(hundredths, a.Currency):
		return 100 * a.Minor, a.Minor <= math.MaxInt64/100
	case slices.Contains(wholes, a.Currency):
		// Rounding here would pay another amount than the case decided, so the order is refused
		// instead.
		return a.Minor / 100, a.Minor%100 == 0
	case slices.Contains(tens, a.Currency):
		return a.Minor, a.Minor%10 == 0
	}
	return a.Minor, true
}
