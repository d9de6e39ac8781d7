package console

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"makegood/shared/insight"
)

// insightBreakdown is the rows of one dimension.
type insightBreakdown struct {
	Title, Head, CSV string
	Rows             []insightRow
	// Reports: its rows are of what reports are of.
	Reports bool
}

// breakdown returns what the verdicts came to by one dimension, the largest first.
func breakdown(d insight.Dimension, filter insightFilter, chosen, reported insight.Table) insightBreakdown {
	b := insightBreakdown{
		Title: "By " + strings.Replace(plain(d), "decided by", "who decided", 1), Head: insightTitle(d), Reports: d == insight.DimensionFeature,
		CSV: filter.path("/console/insights/table", "by", string(d)),
	}
	chosen, reported = chosen.By(d), reported.By(d)
	keys := maps.Clone(chosen)
	if b.Reports {
		keys.Add(reported.Rows()...)
	}
	var most int64
	for _, row := range keys.Rows() {
		word := row.Key.Get(d)
		one := insightRow{Label: cmp.Or(plain(word), "–"), Sums: chosen[row.Key], Reported: reported[row.Key]}
		if word != "" {
			one.Path = filter.with(d, word).cases()
		}
		if one.Verdicts > 0 || b.Reports && one.Reported.Generations+one.Reported.Reports > 0 {
			b.Rows = append(b.Rows, one)
			most = max(most, int64(one.Credits))
		}
	}
	for i := range b.Rows {
		b.Rows[i].Bar = int(int64(b.Rows[i].Credits) * 100 / max(1, most)) //nolint:mnd // of a hundred
	}
	slices.SortStableFunc(b.Rows, func(a, b insightRow) int {
		return cmp.Or(cmp.Compare(b.Credits, a.Credits), cmp.Compare(b.Verdicts, a.Verdicts), cmp.Compare(b.Reported.Reports, a.Reported.Reports))
	})
	return b
}
