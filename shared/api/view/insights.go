package view

import (
	"maps"
	"slices"

	"makegood/shared/api"
	"makegood/shared/insight"
	"makegood/shared/money"
)

// Insights returns what verdicts of the span came to, by these dimensions.
func Insights(found insight.Insights, span insight.Span, dimensions []insight.Dimension) api.Insights {
	response := api.Insights{
		From: string(span.First), To: string(span.Last), By: make([]string, len(dimensions)), Rows: []api.InsightRow{},
		Total: insightRow(insight.Key{}, found.Table.Total()),
		SecondLooks: api.InsightLooks{
			Looks: found.Looks.Paid + found.Looks.Declined, Wrong: found.Looks.WronglyPaid + found.Looks.WronglyDeclined,
		},
	}
	for i, d := range dimensions {
		response.By[i] = string(d)
	}
	for _, row := range found.Table.By(dimensions...).Rows() {
		line := insightRow(row.Key, row.Sums)
		line.Jumps = found.Jumps[row.Key]
		response.Rows = append(response.Rows, line)
	}
	return response
}

func insightRow(key insight.Key, s insight.Sums) api.InsightRow {
	row := api.InsightRow{
		Day: string(key.Day), Feature: key.Feature, Platform: string(key.Platform), Clause: key.Clause, Kind: string(key.Kind),
		Outcome: string(key.Outcome), DecidedBy: key.By,
		Verdicts: s.Verdicts, ByPerson: s.ByPerson, Credits: int64(s.Credits), Bought: int64(s.Bought), Money: moneyOf(s),
		Answers: s.Answers, WaitedSeconds: s.WaitedSeconds, Promised: s.Promised, InTime: s.InTime, Appeals: s.Appeals, Overturned: s.Overturned,
		Reports: s.Reports, Generations: s.Generations,
	}
	if tenths, ok := s.PerThousand(); ok {
		row.ReportsPer1000 = new(float64(tenths) / 10) //nolint:mnd // tenths
	}
	return row
}

// moneyOf returns the sums of money by currency, [] for none.
func moneyOf(s insight.Sums) []api.Money {
	amounts := []api.Money{}
	for _, currency := range slices.Sorted(maps.Keys(s.Money)) {
		amounts = append(amounts, money.Amount{Currency: currency, Minor: s.Money[currency]})
	}
	return amounts
}

// InsightCases returns verdicts with the cases that they are of.
func InsightCases(figures []insight.Figure) []api.InsightCase {
	list := make([]api.InsightCase, len(figures))
	for i, f := range figures {
		list[i] = api.InsightCase{
			Case: string(f.Case.ID), At: api.MomentOf(f.At), Customer: string(f.Case.Customer), State: string(f.Case.State),
			Feature: f.Key.Feature, Platform: string(f.Key.Platform), Clause: f.Key.Clause, Kind: string(f.Key.Kind), Outcome: string(f.Key.Outcome),
			DecidedBy: f.Key.By, Credits: int64(f.Sums.Credits), Bought: int64(f.Sums.Bought), Money: moneyOf(f.Sums),
		}
	}
	return list
}
