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

// Options are what an order chooses of a feature. A zero field is not chosen.
type Options struct {
	Model   string
	Size    string // the app's word for a size class: "hd", "1024x1024"
	Seconds int    // the length of a video
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

// BadSeconds is the refusal of a length beyond most seconds, or of none.
func BadSeconds(most int) error { return fault.Invalid("seconds", "must be 1 to %d", most) }

// PriceRow prices one output of a feature with exactly these options. Model and Size are "" where the row asks for none to be chosen.
type PriceRow struct {
	Model     string
	Size      string
	Price     ledger.Credits // of one output; 0 where it is priced by length
	PerSecond ledger.Credits // of each second of one output
	// MaxSeconds is the longest that the row sells; 0 where it is not priced by length.
	MaxSeconds int
}

// ByLength reports whether the row prices the seconds of a video.
func (r PriceRow) ByLength() bool { return r.MaxSeconds > 0 }

// PriceOf returns the price of one output with the options.
//
// An option that no row of the feature names changes no price. The options that remain choose the row which names exactly them, and the
// feature's own price where none remain. Where no row names them, nobody knows a price: KindInvalid names the option at fault.
func (f Feature) PriceOf(chosen Options) (ledger.Credits, error) {
	chosen = f.priced(chosen)
	if chosen == (Options{}) {
		return f.Price, nil
	}
	rows := keep(f.Prices, func(row PriceRow) bool { return row.Model == chosen.Model })
	if len(rows) == 0 {
		return 0, unpriced("model", f.Prices, func(row PriceRow) string { return row.Model })
	}
	sized := keep(rows, func(row PriceRow) bool { return row.Size == chosen.Size })
	if len(sized) == 0 {
		return 0, unpriced("size", rows, func(row PriceRow) string { return row.Size })
	}
	for _, row := range sized {
		switch {
		case row.ByLength() != (chosen.Seconds > 0):
		case !row.ByLength():
			return row.Price, nil
		case chosen.Seconds > row.MaxSeconds:
			return 0, BadSeconds(row.MaxSeconds)
		default:
			return row.PerSecond * ledger.Credits(chosen.Seconds), nil
		}
	}
	if chosen.Seconds == 0 {
		return 0, fault.Missing("seconds")
	}
	return 0, fault.Invalid("seconds", "must be left out: with these options nothing is priced by length")
}

// priced returns the options that the feature's rows name.
func (f Feature) priced(chosen Options) Options {
	if !slices.ContainsFunc(f.Prices, func(row PriceRow) bool { return row.Model != "" }) {
		chosen.Model = ""
	}
	if !slices.ContainsFunc(f.Prices, func(row PriceRow) bool { return row.Size != "" }) {
		chosen.Size = ""
	}
	if !slices.ContainsFunc(f.Prices, PriceRow.ByLength) {
		chosen.Seconds = 0
	}
	return chosen
}

func keep(rows []PriceRow, fits func(PriceRow) bool) []PriceRow {
	var kept []PriceRow
	for _, row := range rows {
		if fits(row) {
			kept = append(kept, row)
		}
	}
	return kept
}

// unpriced is the refusal of an option that no row names; it lists those that rows name.
func unpriced(field string, rows []PriceRow, option func(PriceRow) string) error {
	var known []string
	for _, row := range rows {
		word := option(row)
		if word == "" {
			word = "left out"
		}
		if !slices.Contains(known, word) {
			known = append(known, word)
		}
	}
	return fault.Invalid(field, "has no price with these options: must be %s", strings.Join(known, ", "))
}
