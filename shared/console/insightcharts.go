package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"makegood/shared/money"
)

// insightCharts returns the charts over the days.
func (c Console) insightCharts(rows []insightRow, total insightRow) []chart {
	charts := []chart{
		chart{ID: "credits", Title: "Credits given back", About: "credits that verdicts gave back"}.drawn(rows, func(r insightRow) value {
			return value{parts: []int64{int64(r.Credits)}, words: c.credits(r.Credits)}
		}),
	}
	for _, currency := range slices.Sorted(maps.Keys(total.Money)) {
		charts = append(charts, chart{ID: "money-" + currency, Title: "Money given back, " + currency, About: "money that verdicts promised back"}.drawn(rows, func(r insightRow) value {
			return value{parts: []int64{r.Money[currency]}, words: money.Amount{Currency: currency, Minor: r.Money[currency]}.String()}
		}))
	}
	return append(charts,
		chart{ID: "verdicts", Title: "Verdicts", About: "final verdicts, by who gave them", Legend: []string{"the policy", "staff"}}.drawn(rows, func(r insightRow) value {
			return value{parts: []int64{r.ByPolicy(), r.ByPerson}, words: fmt.Sprintf("%d, %d by staff", r.Verdicts, r.ByPerson)}
		}),
		chart{ID: "waited", Title: "Time to answer", About: "how long answers took on average"}.drawn(rows, func(r insightRow) value {
			return value{parts: []int64{r.WaitedSeconds / max(1, r.Answers)}, words: r.Waited()}
		}),
		chart{ID: "appeals", Title: "Appeals answered", About: "answers to appeals, by what became of the first verdict", Legend: []string{"upheld", "overturned"}}.drawn(rows, func(r insightRow) value {
			return value{parts: []int64{r.Appeals - r.Overturned, r.Overturned}, words: fmt.Sprintf("%d, %d overturned", r.Appeals, r.Overturned)}
		}),
		chart{ID: "reports", Title: "Reports per 1,000 generations", About: "bad results that were reported, of as many generations"}.drawn(rows, func(r insightRow) value {
			tenths, _ := r.Reported.PerThousand()
			v := value{parts: []int64{tenths}, words: r.Rate()}
			if len(r.Jumps) > 0 {
				v.note = ", jumps: " + plain(strings.Join(r.Jumps, ", "))
			}
			return v
		}),
	)
}
