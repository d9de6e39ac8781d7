package console

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"makegood/shared/access"
	"makegood/shared/audit"
	"makegood/shared/fault"
	"makegood/shared/insight"
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

// Wrong returns how many of the verdicts that were looked at again were wrong, in percent.
func (d insightData) Wrong() string {
	return shareOf(int64(d.Looks.WronglyPaid+d.Looks.WronglyDeclined), int64(d.Looks.Paid+d.Looks.Declined))
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
