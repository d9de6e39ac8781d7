package money

import (
	"slices"
	"strconv"
	"strings"
)

// The currencies of ISO 4217 that have another number of decimals than two. How many a country's
// people write is another matter: CLDR, and the libraries made of it, have 0 for AFN and 0 for MGA.
var decimals = [...][]string{
	0: {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"},
	3: {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"},
	4: {"CLF", "UYW"},
}

// Decimals returns how many decimals the currency has by ISO 4217; 2 for a currency that it does
// not know.
// Why: infra/decisions/0019.
func Decimals(currency string) int {
	for n, currencies := range decimals {
		if slices.Contains(currencies, currency) {
			return n
		}
	}
	return 2
}

// String returns the amount as people write it: the decimals of its currency, a point, the
// currency's code.
func (a Amount) String() string {
	sign, digits := "", strconv.FormatInt(a.Minor, 10)
	if a.Minor < 0 {
		sign, digits = "-", digits[1:]
	}
	// Digits are moved, never divided: no amount of 63 bits is rounded by a float.
	n := Decimals(a.Currency)
	if short := n + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	if n > 0 {
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	return strings.TrimSpace(sign + digits + " " + a.Currency)
}
