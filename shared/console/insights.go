package console

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/shared/access"
	"makegood/shared/audit"
	"makegood/shared/fault"
	"makegood/shared/insight"
	"makegood/shared/money"
)

// The bounds of the insights.
const (
	// daysDrawn is how many days have a column each. Of more, a column is of a week.
	daysDrawn = 92
	daysAWeek = 7
	// mostTries is how often the page comes again by itself while days are summed up.
	mostTries = 20
)

// insightRoutes are what verdicts came to, the same as a file, and the cases behind a figure.
func (c Console) insightRoutes() []route {
	return []route{
		get("GET /console/insights", access.PermissionRead, c.insights),
		download("GET /console/insights/table", access.PermissionRead, c.insightTable),
		get("GET /console/insights/cases", access.PermissionRead, c.insightCases),
	}
}

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

// insightBreakdown is the rows of one dimension.
type insightBreakdown struct {
	Title, Head, CSV string
	Rows             []insightRow
	// Reports: its rows are of what reports are of.
	Reports bool
}

// insightData is what the template reads.
type insightData struct {
	Filter     insightFilter
	Choices    []insightChoice
	Total      insightRow
	Looks      audit.Tally
	Charts     []chart
	Rows       []insightRow
	CSV        string
	Weeks      bool
	Breakdowns []insightBreakdown
	Rule       string
}

// Last is the label of the last row.
func (d insightData) Last() string { return d.Rows[len(d.Rows)-1].Label }

// Jumping reports whether reports jump on one of the days.
func (d insightData) Jumping() bool {
	return slices.ContainsFunc(d.Rows, func(r insightRow) bool { return len(r.Jumps) > 0 })
}

// waitData is what the page reads that is shown while days are summed up.
type waitData struct{ Again string }

// insights is what verdicts came to.
func (c Console) insights(r request) (page, error) {
	filter, err := insightFilterOf(r.URL.Query(), r.Now)
	if err != nil {
		return page{}, err
	}
	found, err := insight.Reader{Store: c.Store}.Read(r.Context(), filter.Span, r.Now)
	if fault.KindOf(err) == fault.KindBusy {
		// What was summed up is kept, so that each try has less to do.
		tries, _ := strconv.Atoi(r.URL.Query().Get("try"))
		if tries < mostTries {
			return page{Template: "summing", Title: "Insights", Data: waitData{filter.path("/console/insights", "try", strconv.Itoa(max(0, tries)+1))}}, nil
		}
	}
	if err != nil {
		return page{}, fault.At("console: insights", string(filter.First), err)
	}
	return page{Template: "insights", Title: "Insights", Data: c.insightData(filter, found)}, nil
}

func (c Console) insightData(filter insightFilter, found insight.Insights) insightData {
	chosen, reported := found.Table.Where(filter.Key), found.Table.Where(insight.Key{Feature: filter.Key.Feature})
	data := insightData{
		Filter: filter, Looks: found.Looks, Choices: insightChoices(filter, found.Table),
		Total: insightRow{Path: filter.cases(), Sums: chosen.Total(), Reported: reported.Total()},
		CSV:   filter.path("/console/insights/table", "by", string(insight.DimensionDay)),
		Rule:  fmt.Sprintf("a feature had at least %d reports that day, at more than %d times the rate of the %d days before", insight.JumpReports, insight.JumpFactor, insight.JumpDays),
	}
	data.Rows, data.Weeks = insightDays(filter, found, chosen, reported)
	data.Charts = c.insightCharts(data.Rows, data.Total)
	for _, d := range insight.Dimensions {
		if d != insight.DimensionDay {
			data.Breakdowns = append(data.Breakdowns, breakdown(d, filter, chosen, reported))
		}
	}
	return data
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
			return value{parts: []int64{r.Verdicts - r.ByPerson, r.ByPerson}, words: fmt.Sprintf("%d, %d by staff", r.Verdicts, r.ByPerson)}
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

// insightTable is what the charts show as a file for spreadsheets.
func (c Console) insightTable(r request) (page, error) {
	filter, err := insightFilterOf(r.URL.Query(), r.Now)
	if err != nil {
		return page{}, err
	}
	by := r.URL.Query().Get("by")
	dimensions, err := insight.ParseDimensions(by)
	if err != nil {
		return page{}, err
	}
	found, err := insight.Reader{Store: c.Store}.Read(r.Context(), filter.Span, r.Now)
	if err != nil {
		return page{}, fault.At("console: insights as a file", string(filter.First), err)
	}
	var text bytes.Buffer
	if err := found.Table.Where(filter.Key).WriteCSV(&text, dimensions...); err != nil {
		return page{}, err
	}
	name := fmt.Sprintf("insights-%s-%s-by-%s.csv", filter.First, filter.Last, strings.ReplaceAll(by, ",", "-"))
	return page{File: &file{Name: name, MediaType: "text/csv; charset=utf-8", Text: text.Bytes()}}, nil
}
