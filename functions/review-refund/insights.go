package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/insight"
)

// usualDays is how many days are summed up where nobody says from when.
const usualDays = 30

// insights answers what the verdicts of some days came to.
func (h handler) insights(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	last := insight.Day(request.Query("to"))
	if last == "" {
		last = insight.DayOf(h.now())
	}
	span := insight.Span{First: insight.Day(request.Query("from")), Last: last}
	if span.First == "" && !last.Start().IsZero() {
		span.First = last.Add(1 - usualDays)
	}
	by := request.Query("by")
	if by == "" {
		by = string(insight.DimensionDay)
	}
	dimensions, err := insight.ParseDimensions(by)
	if err != nil {
		return api.Answer{}, err
	}
	found, err := insight.Reader{Store: h.store}.Read(ctx, span, h.now())
	if err != nil {
		return api.Answer{}, fault.At("review-refund: read insights", string(span.First), err)
	}
	response := view.Insights(found, span, dimensions)
	return api.Answer{Status: http.StatusOK, Body: response}, nil
}

// insightCases lists the verdicts behind a figure.
func (h handler) insightCases(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := placeOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	span := insight.Span{First: insight.Day(request.Query("from")), Last: insight.Day(request.Query("to"))}
	if span.Last == "" {
		span.Last = span.First
	}
	var wanted insight.Key
	for _, d := range insight.Dimensions {
		if d != insight.DimensionDay {
			wanted = wanted.With(d, request.Query(string(d)))
		}
	}
	figures, next, err := insight.Reader{Store: h.store}.Cases(ctx, span, wanted, after)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list cases of insights", string(span.First), err)
	}
	list := api.InsightCaseList{Verdicts: view.InsightCases(figures)}
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}
