package money_test

import (
	"math"
	"math/big"
	"testing"

	"makegood/shared/fault"
	"makegood/shared/money"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAnAmountIsThreeUpperCaseLettersAndNotNegative(t *testing.T) {
	require.NoError(t, money.Amount{Currency: "USD", Minor: 0}.Validate("amount"))
	for field, amount := range map[string]money.Amount{
		"amount.currency": {Currency: "usd", Minor: 1},
		"amount.minor":    {Currency: "EUR", Minor: -1},
	} {
		err := amount.Validate("amount")
		var refused *fault.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, fault.KindInvalid, refused.Kind)
		assert.Equal(t, field, refused.Field)
	}
	for _, currency := range []string{"", "US", "USDT", "U$D", "USD\n", "ÄÖÜ"} {
		assert.Error(t, money.Amount{Currency: currency, Minor: 1}.Validate("amount"), "%q", currency)
	}
}

func TestAShareIsExactThroughout128Bits(t *testing.T) {
	numbers := rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, math.MaxInt64), rapid.SampledFrom([]int64{1<<53 - 1, 1 << 53, 1<<53 + 1, math.MaxInt64}))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := numbers.Draw(t, "a"), numbers.Draw(t, "b"), numbers.Draw(t, "c")
		if c == 0 {
			c = 1
		}
		b = min(b, c) // a part of the whole: the result fits
		product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		floor, rest := new(big.Int).QuoRem(product, big.NewInt(c), new(big.Int))
		require.Equal(t, floor.Int64(), money.MulDivFloor(a, b, c))
		if rest.Sign() > 0 {
			floor.Add(floor, big.NewInt(1))
		}
		require.Equal(t, floor.Int64(), money.MulDivCeil(a, b, c))
	})
}

func TestAShareThatCannotBeIsACallersBug(t *testing.T) {
	for name, share := range map[string]func(){
		"of no whole":       func() { money.MulDivFloor(1, 1, 0) },
		"of a negative":     func() { money.MulDivFloor(-1, 1, 1) },
		"times a negative":  func() { money.MulDivCeil(1, -1, 1) },
		"of a negative sum": func() { money.MulDivCeil(1, 1, -1) },
		"past 63 bits":      func() { money.MulDivFloor(math.MaxInt64, 2, 1) },
		"past 64 bits":      func() { money.MulDivFloor(math.MaxInt64, 4, 1) },
	} {
		t.Run(name, func(t *testing.T) { assert.Panics(t, share) })
	}
	assert.Equal(t, int64(math.MaxInt64), money.MulDivCeil(math.MaxInt64, 2, 2), "the largest that fits")
}
