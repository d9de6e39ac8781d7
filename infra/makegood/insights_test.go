package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/money"
)

func TestInsightsAreLinesATableOrOneObject(t *testing.T) {
	r := runs(t)
	row := api.InsightRow{
		Day: "2026-03-01", Feature: "recolor", Verdicts: 12, ByPerson: 2, Credits: 40, Money: []api.Money{money.Amount{Currency: "USD", Minor: 500}},
		Answers: 12, WaitedSeconds: 7206, Promised: 2, InTime: 2, Appeals: 1, Overturned: 1, Reports: 9, Generations: 1200, ReportsPer1000: new(7.5), Jumps: true,
	}
	total := row
	total.Jumps = false
	r.insights = api.Insights{
		From: "2026-03-01", To: "2026-03-02", By: []string{"day", "feature"}, Rows: []api.InsightRow{row, {Day: "2026-03-02", Money: []api.Money{}}},
		Total: total, SecondLooks: api.InsightLooks{Looks: 20, Wrong: 1},
	}
	got := call("", "insights", "--since", "2026-03-01", "--until", "2026-03-02", "--by", "day,feature")
	require.Equal(t, exitDone, got.code, got.err)
	assert.Equal(t, `day         feature  verdicts  by staff  given back            answered in  in time  appeals  overturned  reports  of 1,000  
2026-03-01  recolor  12        2         40 credits, 5.00 USD  10m0s        2 of 2   1        1           9        7.5       jumps
2026-03-02  -        0         0         0 credits             -            0 of 0   0        0           0        -         
all                  12        2         40 credits, 5.00 USD  10m0s        2 of 2   1        1           9        7.5       
1 of 20 automatic verdicts that a person looked at again were wrong
`, got.out)
	assert.Contains(t, r.calls, "GET /v1/insights?by=day%2Cfeature&from=2026-03-01&to=2026-03-02")
	assert.Equal(t, "day,verdicts\n2026-03-01,3\n", call("", "insights", "--csv").out)
	var object api.Insights
	require.NoError(t, json.Unmarshal([]byte(call("", "insights", "--json").out), &object))
	assert.Equal(t, r.insights, object)
	for _, bad := range [][]string{{"--since", "yesterday"}, {"--by", "colour"}, {"--csv", "--json"}, {"more"}} {
		assert.Equal(t, exitUndone, call("", append([]string{"insights"}, bad...)...).code, bad)
	}
}
