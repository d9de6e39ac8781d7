package console

import (
	"maps"
	"slices"
	"time"

	"makegood/shared/insight"
	"makegood/shared/money"
)

// insightRow is what the verdicts of some days, or of one value of a dimension, came to.
type insightRow struct {
	Label string
	// Path is that of its cases, "" where a filter cannot name them.
	Path string
	insight.Sums
	// Reported are the reports and the generations. They are of no clause, outcome or person, so
	// that of all filters the feature alone holds for them.
	Reported insight.Sums
	// Jumps are the features whose reports jump.
	Jumps []string
	// Bar is the row's part of the largest row, of a hundred.
	Bar int
}

// insightDays returns a row for each day, or for each week where the days are many.
func insightDays(filter insightFilter, found insight.Insights, chosen, reported insight.Table) (rows []insightRow, weeks bool) {
	chosen, reported = chosen.By(insight.DimensionDay), reported.By(insight.DimensionDay)
	days := 1
	if filter.First.Add(daysDrawn) <= filter.Last {
		days, weeks = daysAWeek, true
	}
	for first := filter.First; first <= filter.Last; first = first.Add(days) {
		of := filter
		of.Span = insight.Span{First: first, Last: min(first.Add(days-1), filter.Last)}
		row := insightRow{Label: dayOf(of.First), Path: of.cases()}
		if weeks {
			row.Label += " – " + dayOf(of.Last)
		}
		for day := of.First; day <= of.Last; day = day.Add(1) {
			row.Sums = row.Plus(chosen[insight.Key{Day: day}])
			row.Reported = row.Reported.Plus(reported[insight.Key{Day: day}])
		}
		for key := range found.Jumps {
			if of.Has(key.Day) && (filter.Key.Feature == "" || filter.Key.Feature == key.Feature) {
				row.Jumps = append(row.Jumps, key.Feature)
			}
		}
		slices.Sort(row.Jumps)
		row.Jumps = slices.Compact(row.Jumps)
		rows = append(rows, row)
	}
	return rows, weeks
}

// dayOf returns a day as people read it.
func dayOf(day insight.Day) string { return day.Start().Format("2 Jan 2006") }

// ByPolicy returns how many of the verdicts the policy gave.
func (r insightRow) ByPolicy() int64 { return r.Verdicts - r.ByPerson }

// Waited returns how long the answers took on average, "–" where there is none.
func (r insightRow) Waited() string {
	if r.Answers == 0 {
		return "–"
	}
	return span(time.Duration(r.WaitedSeconds/r.Answers) * time.Second)
}

// Rate returns how many of a thousand generations were reported, "–" where none was counted.
func (r insightRow) Rate() string {
	tenths, ok := r.Reported.PerThousand()
	if !ok {
		return "–"
	}
	return tenthsOf(tenths)
}

// Amounts returns the money by currency.
func (r insightRow) Amounts() []money.Amount { return amountsOf(r.Money) }

// amountsOf returns minor units by currency as amounts, in the order of the currencies.
func amountsOf(minor map[string]int64) (amounts []money.Amount) {
	for _, currency := range slices.Sorted(maps.Keys(minor)) {
		amounts = append(amounts, money.Amount{Currency: currency, Minor: minor[currency]})
	}
	return amounts
}
