package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/policy"
)

func TestWhatVerdictsCameToIsAddedUpByWhatIsAskedFor(t *testing.T) {
	d := open(t)
	d.Pass(time.Hour)
	d.Rules(d.reported, policy.OutcomeApproved)
	d.Deliver()
	byDay := d.Ask("insights").Fields
	assert.Equal(t, []any{"day"}, byDay["by"])
	assert.Equal(t, "2026-03-01", byDay["to"])
	assert.Equal(t, "2026-01-31", byDay["from"])
	assert.Len(t, byDay["rows"], 1)
	total := byDay["total"].(map[string]any)
	for field, want := range map[string]float64{"verdicts": 2, "by_person": 1, "credits": 8, "reports": 1, "answers": 2, "waited_seconds": 3600, "appeals": 0} {
		assert.InDelta(t, want, total[field], 0, field)
	}
	assert.Equal(t, []any{}, total["money"])
	assert.Equal(t, map[string]any{"looks": 0.0, "wrong": 0.0}, byDay["second_looks"])

	byClause := d.Ask("insights-by-clause").Fields
	assert.Equal(t, []any{"clause", "outcome"}, byClause["by"])
	for _, row := range byClause["rows"].([]any) {
		assert.NotContains(t, row, "day")
	}
}

func TestInsightsAreATableForWhoeverAcceptsCSV(t *testing.T) {
	d := open(t)
	d.Rules(d.reported, policy.OutcomeApproved)
	d.Deliver()
	answer := d.Ask("insights-csv")
	assert.Equal(t, "text/csv", answer.Headers["content-type"])
	rows, err := csv.NewReader(strings.NewReader(answer.Body)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"clause", "outcome", "verdicts"}, rows[0][:3])
	byClause := d.Ask("insights-by-clause").Fields["rows"].([]any)
	require.Len(t, rows[1:], len(byClause))
	for n, row := range byClause {
		fields := row.(map[string]any)
		assert.Equal(t, fmt.Sprint(fields["verdicts"], " ", fields["credits"]), rows[n+1][2]+" "+rows[n+1][4])
	}
}

func TestTheCasesBehindAFigureAreListed(t *testing.T) {
	d := open(t)
	d.Rules(d.reported, policy.OutcomeApproved)
	d.Deliver()
	verdicts := d.Ask("insight-cases").Fields["verdicts"].([]any)
	assert.Len(t, verdicts, 2)
	var cases []any
	for _, one := range verdicts {
		row := one.(map[string]any)
		cases = append(cases, row["case"])
		assert.Equal(t, "alice", row["customer"])
		assert.Equal(t, "approved", row["outcome"])
		assert.InDelta(t, 4, row["credits"], 0)
	}
	assert.Contains(t, cases, string(d.reported))
}

func TestInsightsAreForStaffAloneAndOfDaysThatThereAre(t *testing.T) {
	d := open(t)
	for fixture, want := range map[string]httptest.Refusal{
		"insights-by-app":          {403, "forbidden", nil},
		"insights-bad-by":          {400, "invalid_request", "by"},
		"insights-backwards":       {400, "invalid_request", "to"},
		"insights-no-day":          {400, "invalid_request", "from"},
		"insight-cases-bad-cursor": {400, "invalid_request", "cursor"},
	} {
		assert.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
}
