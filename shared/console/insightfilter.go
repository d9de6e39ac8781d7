package console

import (
	"net/url"
	"strings"
	"time"

	"makegood/shared/insight"
)

// insightFilter is which verdicts a person wants added up, all of it in the URL.
type insightFilter struct {
	insight.Span
	// Key is what each verdict must be of, never a day.
	Key insight.Key
}

// insightFilterOf reads a filter of the URL. KindInvalid naming the parameter at fault.
func insightFilterOf(query url.Values, now time.Time) (insightFilter, error) {
	f := insightFilter{insight.SpanOf(insight.Day(query.Get("from")), insight.Day(query.Get("to")), now), insight.KeyOf(query.Get)}
	return f, f.Validate()
}

// with returns the filter of another value in a dimension.
func (f insightFilter) with(d insight.Dimension, value string) insightFilter {
	f.Key = f.Key.With(d, value)
	return f
}

// path returns a path with the filter. More are names and values.
func (f insightFilter) path(at string, more ...string) string {
	words := []string{"from", string(f.First), "to", string(f.Last)}
	for _, d := range insight.Dimensions {
		if word := f.Key.Get(d); word != "" {
			words = append(words, string(d), word)
		}
	}
	return at + queryOf(append(words, more...)...)
}

// cases returns the path of the cases that the filter matches.
func (f insightFilter) cases() string { return f.path("/console/insights/cases") }

// Clear is the path of the days without a filter, "" where there is none.
func (f insightFilter) Clear() string {
	if f.Key == (insight.Key{}) {
		return ""
	}
	return insightFilter{Span: f.Span}.path("/console/insights")
}

// insightChoice is a filter with its values.
type insightChoice struct {
	Name, Label string
	Values      []choice
}

// insightChoices returns the filters, each with the values that there are.
func insightChoices(filter insightFilter, table insight.Table) (list []insightChoice) {
	for _, d := range insight.Dimensions {
		if d == insight.DimensionDay {
			continue
		}
		one := insightChoice{Name: string(d), Label: insightTitle(d)}
		chosen := filter.Key.Get(d)
		grouped := table.By(d)
		if _, there := grouped[insight.Key{}.With(d, chosen)]; !there && chosen != "" {
			one.Values = append(one.Values, choice{Value: chosen, Label: plain(chosen), Chosen: true})
		}
		for _, row := range grouped.Rows() {
			if value := row.Key.Get(d); value != "" && row.Sums.Verdicts > 0 {
				one.Values = append(one.Values, choice{Value: value, Label: plain(value), Count: int(row.Sums.Verdicts), Chosen: value == chosen})
			}
		}
		list = append(list, one)
	}
	return list
}

// insightTitle returns a dimension as people call it.
func insightTitle(d insight.Dimension) string {
	word := plain(d)
	return strings.ToUpper(word[:1]) + word[1:]
}
