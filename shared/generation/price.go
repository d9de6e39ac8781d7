package generation

import (
	"slices"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// The bounds of the options, in characters and seconds.
const (
	MaxModel   = 100
	MaxSize    = 40
	MaxSeconds = 3600
)

// Options are what an order chooses of a feature. A zero field is not options.
type Options struct {
	// Model is the app's word for the model, at most MaxModel characters.
	Model string
	// Size is the app's word for a size class: "hd", "1024x1024".
	Size string
	// Seconds is the length of a video, at most MaxSeconds.
	Seconds int
}

func (o Options) validate() error {
	if err := text.CheckLength("model", o.Model, MaxModel); err != nil {
		return err
	}
	if err := text.CheckLength("size", o.Size, MaxSize); err != nil {
		return err
	}
	if o.Seconds < 0 || o.Seconds > MaxSeconds {
		return BadSeconds(MaxSeconds)
	}
	return nil
}

// BadSeconds is the refusal of a length above limit seconds, or of none.
func BadSeconds(limit int) error { return fault.Invalid("seconds", "must be 1 to %d", limit) }

// PriceRow prices one output of a feature with exactly these options.
type PriceRow struct {
	// Model is the model that the row is for; "" where none may be options.
	Model string
	// Size is the size that the row is for; "" where none may be options.
	Size string
	// Price is what one output costs; 0 where it is priced by length.
	Price ledger.Credits
	// PerSecond is what each second of one output costs; 0 where it is not priced by length.
	PerSecond ledger.Credits
	// MaxSeconds is the longest that the row sells; 0 where it is not priced by length.
	MaxSeconds int
}

// ByLength reports whether the row prices the seconds of a video.
func (r PriceRow) ByLength() bool { return r.MaxSeconds > 0 }

// PriceOf returns the price of one output with the options.
//
// An option that no row of the feature names changes no price. The other options choose the row
// that names exactly them, and the feature's own price where there are none. Where no row names
// them, there is no price to guess: KindInvalid names the option at fault.
func (f Feature) PriceOf(options Options) (ledger.Credits, error) {
	options = f.relevant(options)
	if options == (Options{}) {
		return f.Price, nil
	}

	// Model first, then size: an error names the first option for which nothing is on sale.
	models := keep(f.Prices, func(row PriceRow) bool { return row.Model == options.Model })
	if len(models) == 0 {
		return 0, unpriced("model", f.Prices, func(row PriceRow) string { return row.Model })
	}
	rows := keep(models, func(row PriceRow) bool { return row.Size == options.Size })
	if len(rows) == 0 {
		return 0, unpriced("size", models, func(row PriceRow) string { return row.Size })
	}

	// At most two rows are left, one of them priced by length: a policy file has no options twice.
	for _, row := range rows {
		switch {
		case row.ByLength() != (options.Seconds > 0):
		case !row.ByLength():
			return row.Price, nil
		case options.Seconds > row.MaxSeconds:
			return 0, BadSeconds(row.MaxSeconds)
		default:
			return row.PerSecond * ledger.Credits(options.Seconds), nil
		}
	}
	if options.Seconds == 0 {
		return 0, fault.Missing("seconds")
	}
	return 0, fault.Invalid("seconds", "must be left out: with these options nothing is priced by length")
}

// relevant returns the options that the feature's rows name.
func (f Feature) relevant(options Options) Options {
	if !slices.ContainsFunc(f.Prices, func(row PriceRow) bool { return row.Model != "" }) {
		options.Model = ""
	}
	if !slices.ContainsFunc(f.Prices, func(row PriceRow) bool { return row.Size != "" }) {
		options.Size = ""
	}
	if !slices.ContainsFunc(f.Prices, PriceRow.ByLength) {
		options.Seconds = 0
	}
	return options
}

func keep(rows []PriceRow, fits func(PriceRow) bool) []PriceRow {
	var result []PriceRow
	for _, row := range rows {
		if fits(row) {
			result = append(result, row)
		}
	}
	return result
}

// unpriced is the refusal of an option that no row names; it lists those that rows name.
func unpriced(field string, rows []PriceRow, option func(PriceRow) string) error {
	var words []string
	for _, row := range rows {
		word := option(row)
		if word == "" {
			word = "left out"
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return fault.Invalid(field, "has no price with these options: must be %s", strings.Join(words, ", "))
}
