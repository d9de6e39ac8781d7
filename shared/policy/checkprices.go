package policy

import (
	"strings"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// checkPrice checks a price of one output or one second; absent, it is missing.
func (c *checker) checkPrice(at place, price *ledger.Credits) {
	if price == nil {
		c.bad(at, "is missing")
		return
	}
	c.need(*price >= 0, at, "must not be negative")
	c.need(*price <= ledger.MaxCredits, at, "must be at most %d, what a wallet holds", ledger.MaxCredits)
}

// checkPrices checks the prices with options of one feature: each names what it is for, and no two
// are for the same.
// Why: infra/decisions/0028.
func (c *checker) checkPrices(at place, rows []optionPriceLine) {
	cells := map[generation.PriceRow]bool{}
	for i, row := range rows {
		at := at.in(i)
		// Options are the app's words, bounded as an order's are: a longer one could never be
		// ordered.
		c.checkOption(at.in("when", "model"), row.When.Model, generation.MaxModel)
		c.checkOption(at.in("when", "size"), row.When.Size, generation.MaxSize)
		byLength := row.PerSecond != nil || row.MaxSeconds != nil
		if byLength {
			c.checkLength(at, row)
		} else {
			c.checkPrice(at.in("price"), row.Price)
			c.need(row.When != optionLine{}, at.in("when"), "is missing: without options the feature's own price holds")
		}
		// One price by length and one by piece may share their options: an order has a length or
		// none.
		price := row.row()
		cell := generation.PriceRow{Model: price.Model, Size: price.Size}
		if byLength {
			cell.MaxSeconds = 1
		}
		c.need(!cells[cell], at.in("when"), "stands here twice: one price for the same options")
		cells[cell] = true
	}
}

func (c *checker) checkOption(at place, word *string, limit int) {
	if word != nil {
		c.need(strings.TrimSpace(*word) == *word && text.Check("", *word, limit) == nil, at, "must be 1 to %d characters with no space around them", limit)
	}
}

// checkLength checks a price of each second.
func (c *checker) checkLength(at place, row optionPriceLine) {
	c.need(row.Price == nil, at.in("price"), "stands beside per_second: write one of them")
	c.checkPrice(at.in("per_second"), row.PerSecond)
	if row.MaxSeconds == nil {
		c.bad(at.in("max_seconds"), "is missing: how long it may be at most")
		return
	}
	// The dearest order of the row must still fit a wallet.
	longest := *row.MaxSeconds
	c.need(longest >= 1 && longest <= generation.MaxSeconds, at.in("max_seconds"), "must lie between 1 and %d", generation.MaxSeconds)
	if row.PerSecond != nil && longest > 0 {
		c.need(*row.PerSecond <= ledger.MaxCredits/ledger.Credits(longest), at.in("per_second"), "comes to more than a wallet holds in %d seconds", longest)
	}
}
