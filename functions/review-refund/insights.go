package main

import (
	"bytes"
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/insight"
)

// insights answers what the verdicts of some days came to.
func (h handler) insights(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	span := insight.SpanOf(insight.Day(request.Query("from")), insight.Day(request.Query("to")), h.now())
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
	if request.Accepts(api.MediaCSV) {
		var text bytes.Buffer
		if err := found.Table.WriteCSV(&text, dimensions...); err != nil {
			return api.Answer{}, fault.At("review-refund: write insights", string(span.First), err)
		}
		return api.Answer{Status: http.StatusOK, CSV: text.Bytes()}, nil
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
	wanted := insight.KeyOf(request.Query)
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
