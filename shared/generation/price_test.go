package generation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
)

// film is priced by model, by size and by length.
var film = generation.Feature{Name: "film", Price: 4, Prices: []generation.PriceRow{
	{Model: "pro", Price: 8},
	{Model: "pro", Size: "hd", Price: 12},
	{Size: "hd", Price: 6},
	{PerSecond: 1, MaxSeconds: 60},
	{Model: "pro", PerSecond: 2, MaxSeconds: 30},
}}

func TestTheRowThatNamesExactlyTheOptionsPricesAnOutput(t *testing.T) {
	for want, chosen := range map[ledger.Credits]generation.Options{
		4:  {},
		8:  {Model: "pro"},
		12: {Model: "pro", Size: "hd"},
		6:  {Size: "hd"},
		60: {Seconds: 60},
		2:  {Model: "pro", Seconds: 1},
	} {
		got, err := film.PriceOf(chosen)
		require.NoError(t, err, "%+v", chosen)
		require.Equal(t, want, got, "%+v", chosen)
	}
}

func TestAnOptionThatNoRowOfTheFeatureNamesChangesNoPrice(t *testing.T) {
	plain := generation.Feature{Price: 4}
	sized := generation.Feature{Price: 4, Prices: []generation.PriceRow{{Size: "hd", Price: 9}}}
	for want, got := range map[ledger.Credits]func() (ledger.Credits, error){
		4: func() (ledger.Credits, error) {
			return plain.PriceOf(generation.Options{Model: "m", Size: "hd", Seconds: 7})
		},
		9: func() (ledger.Credits, error) {
			return sized.PriceOf(generation.Options{Model: "m", Size: "hd", Seconds: 7})
		},
	} {
		price, err := got()
		require.NoError(t, err)
		require.Equal(t, want, price)
	}
}

func TestOptionsWithoutAPriceAreRefusedByTheOptionAtFault(t *testing.T) {
	paired := generation.Feature{Prices: []generation.PriceRow{{Model: "pro", Size: "hd", Price: 12}}}
	for name, c := range map[string]struct {
		feature            generation.Feature
		chosen             generation.Options
		code, field, words string
	}{
		"an unknown model":              {film, generation.Options{Model: "prof"}, fault.CodeInvalidRequest, "model", "has no price with these options: must be pro, left out"},
		"an unknown size":               {film, generation.Options{Model: "pro", Size: "4k"}, fault.CodeInvalidRequest, "size", "has no price with these options: must be left out, hd"},
		"a size without its model":      {paired, generation.Options{Size: "hd"}, fault.CodeInvalidRequest, "model", "has no price with these options: must be pro"},
		"a model without its size":      {paired, generation.Options{Model: "pro"}, fault.CodeInvalidRequest, "size", "has no price with these options: must be hd"},
		"longer than the row sells":     {film, generation.Options{Model: "pro", Seconds: 31}, fault.CodeInvalidRequest, "seconds", "must be 1 to 30"},
		"a length that is not for sale": {film, generation.Options{Size: "hd", Seconds: 5}, fault.CodeInvalidRequest, "seconds", "must be left out: with these options nothing is priced by length"},
		"no length where it is needed": {
			generation.Feature{Prices: []generation.PriceRow{{Model: "long", PerSecond: 1, MaxSeconds: 9}}},
			generation.Options{Model: "long"},
			fault.CodeMissingFields, "seconds", "required fields are missing",
		},
	} {
		_, err := c.feature.PriceOf(c.chosen)
		var refused *fault.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, []any{fault.KindInvalid, c.code, c.field, c.words}, []any{refused.Kind, refused.Code, refused.Field, refused.Detail}, name)
	}
}
