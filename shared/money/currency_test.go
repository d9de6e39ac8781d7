package money_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/money"
)

func TestAnAmountIsWrittenWithTheDecimalsOfItsCurrency(t *testing.T) {
	for want, amount := range map[string]money.Amount{
		"10.00 USD":                 {Currency: "USD", Minor: 1000},
		"0.05 USD":                  {Currency: "USD", Minor: 5},
		"0.00 EUR":                  {Currency: "EUR"},
		"-0.05 USD":                 {Currency: "USD", Minor: -5},
		"500 ISK":                   {Currency: "ISK", Minor: 500},
		"500 UGX":                   {Currency: "UGX", Minor: 500},
		"0 JPY":                     {Currency: "JPY"},
		"5.00 MGA":                  {Currency: "MGA", Minor: 500},
		"10.00 HUF":                 {Currency: "HUF", Minor: 1000},
		"10.00 AFN":                 {Currency: "AFN", Minor: 1000},
		"0.510 KWD":                 {Currency: "KWD", Minor: 510},
		"1.0005 CLF":                {Currency: "CLF", Minor: 10005},
		"1.00 ZZZ":                  {Currency: "ZZZ", Minor: 100},
		"1.00":                      {Minor: 100},
		"-92233720368547758.08 USD": {Currency: "USD", Minor: math.MinInt64},
		"9223372036854775.807 TND":  {Currency: "TND", Minor: math.MaxInt64},
		"9223372036854775807 VND":   {Currency: "VND", Minor: math.MaxInt64},
	} {
		assert.Equal(t, want, amount.String())
	}
}
