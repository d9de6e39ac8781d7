package console

import (
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/insight"
)

// The bounds of a list of cases behind a figure: it has at least so many rows before it ends,
// unless so many pages of the reader did not bring them.
const (
	insightCaseRows  = 50
	insightCaseReads = 10
)

// insightCaseRow is a verdict with the page of its case.
type insightCaseRow struct {
	api.InsightCase
	Path, CustomerPath string
}

// insightCasesData is what the template reads.
type insightCasesData struct {
	Filter insightFilter
	// Of names what the verdicts are of, beside the days.
	Of   []string
	Rows []insightCaseRow
	// Back is the path of the insights, Next that of the rows behind these, "" for none.
	Back, Next string
}

// insightCases lists the verdicts behind a figure.
func (c Console) insightCases(r request) (page, error) {
	filter, err := insightFilterOf(r.URL.Query(), r.Now)
	if err != nil {
		return page{}, err
	}
	var at struct {
		After string `json:"after"`
	}
	if err := api.DecodeCursor(r.URL.Query().Get("cursor"), &at); err != nil {
		return page{}, err
	}
	data := insightCasesData{Filter: filter, Back: filter.path("/console/insights")}
	for _, d := range insight.Dimensions {
		if word := filter.Key.Get(d); word != "" {
			data.Of = append(data.Of, plain(d)+": "+plain(word))
		}
	}
	for range insightCaseReads {
		figures, next, err := insight.Reader{Store: c.Store}.Cases(r.Context(), filter.Span, filter.Key, at.After)
		if err != nil {
			return page{}, fault.At("console: cases of insights", string(filter.First), err)
		}
		for _, one := range view.InsightCases(figures) {
			data.Rows = append(data.Rows, insightCaseRow{one, "/console/cases/" + one.Case, customerPath(one.Customer)})
		}
		if at.After = next; next == "" || len(data.Rows) >= insightCaseRows {
			break
		}
	}
	if at.After != "" {
		data.Next = filter.path("/console/insights/cases", "cursor", api.EncodeCursor(at))
	}
	return page{Template: "insight-cases", Title: "Verdicts", Data: data}, nil
}
