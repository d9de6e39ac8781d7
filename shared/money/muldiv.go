package money

import "math/bits"

func mulDiv(a, b, c int64) (quotient, rest int64) {
	if a < 0 || b < 0 || c <= 0 {
		panic("money: a share needs non-negative amounts and a positive whole")
	}
	high, low := bits.Mul64(uint64(a), uint64(b))
	q, r := bits.Div64(high, low, uint64(c)) // panics by itself when the quotient does not fit 64 bits
	if q > 1<<63-1 {
		panic("money: share out of range")
	}
	return int64(q), int64(r)
}
