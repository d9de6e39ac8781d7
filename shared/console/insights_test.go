package console_test

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/policy"
)

// hrefs are the links of a page.
var hrefs = regexp.MustCompile(`href="(/console/insights/[^"]+)"`)

// linksOf returns the links of a page to what is below the insights, each once.
func linksOf(text string) map[string]bool {
	links := map[string]bool{}
	for _, match := range hrefs.FindAllStringSubmatch(text, -1) {
		links[strings.ReplaceAll(match[1], "&amp;", "&")] = true
	}
	return links
}

// decides has a report of alice's approved on the day of the world, and takes her to the next.
func (o office) decides(outcome policy.Outcome) {
	o.t.Helper()
	id := o.reports("six fingers")
	o.Rules(id, outcome)
	o.Deliver()
	o.Pass(24 * time.Hour)
}

func TestInsightsShowWhatVerdictsCameToAndEachFigureLeadsToItsCases(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	empty := o.reads("/console/insights")
	assert.Contains(t, empty, "None in these days.")
	assert.NotContains(t, empty, "NaN")
	o.decides(policy.OutcomeApproved)
	o.decides(policy.OutcomeApproved)
	o.decides(policy.OutcomeDeclined)
	o = o.as("ann", access.StaffRoleReviewer)
	text := o.reads("/console/insights")
	assert.Contains(t, text, `<p class="figure">8 credits</p>`)
	assert.Contains(t, text, "1 Mar 2026: 4 credits")
	assert.Contains(t, text, "By clause as CSV")
	links := linksOf(text)
	for _, link := range []string{
		"/console/insights/cases?from=2026-03-01&to=2026-03-01", // a column
		"/console/insights/cases?from=2026-02-03&outcome=approved&to=2026-03-04",
		"/console/insights/table?by=day&from=2026-02-03&to=2026-03-04",
	} {
		assert.Contains(t, links, link)
	}
	for link := range links {
		assert.Equal(t, http.StatusOK, o.gets(link).Code, link)
	}
	approved := o.reads("/console/insights/cases?from=2026-02-03&outcome=approved&to=2026-03-04")
	assert.Equal(t, 2, strings.Count(approved, `<a href="/console/cases/cas_`))
	assert.NotContains(t, approved, "declined")
	only := o.reads("/console/insights?outcome=declined")
	assert.Contains(t, only, `<p class="figure">0 credits</p>`)
	assert.Contains(t, only, `<a href="/console/insights?from=2026-02-03&amp;to=2026-03-04">Clear</a>`)
}

func TestInsightsAreSavedAsAFileThatASpreadsheetReads(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	o.decides(policy.OutcomeApproved)
	o = o.as("ann", access.StaffRoleReviewer)
	answer := o.gets("/console/insights/table?by=outcome,feature&from=2026-03-01&to=2026-03-02")
	assert.Equal(t, "text/csv; charset=utf-8", answer.Header().Get("Content-Type"))
	assert.Equal(t, `attachment; filename="insights-2026-03-01-2026-03-02-by-outcome-feature.csv"`, answer.Header().Get("Content-Disposition"))
	rows, err := csv.NewReader(answer.Body).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"feature", "outcome", "verdicts", "by_person", "credits"}, rows[0][:5])
	assert.Contains(t, rows, append([]string{rows[2][0], "approved", "1", "1", "4"}, rows[2][5:]...))
	none := o.gets("/console/insights/table?by=outcome&outcome=declined&from=2026-03-01&to=2026-03-02").Body.String()
	assert.NotContains(t, none, "approved", "a file holds what its page does")
	for _, bad := range []string{"?by=colour", "?by=day&from=yesterday", "?by=day&from=2026-03-02&to=2026-03-01"} {
		assert.Equal(t, http.StatusBadRequest, o.gets("/console/insights/table"+bad).Code, bad)
	}
}

func TestADayOnWhichReportsJumpIsMarkedAndNamed(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	o.Grants("bob", 4000)
	for range 60 {
		o.StartsUnder("bob", 1, o.Key())
	}
	o.Pass(24 * time.Hour)
	for range 5 {
		o.reports("six fingers")
	}
	o = o.as("ann", access.StaffRoleReviewer)
	text := o.reads("/console/insights")
	assert.Contains(t, text, "jumps: ")
	assert.Contains(t, text, `<rect class="marked"`)
	assert.Contains(t, text, `<details id="days" open>`)
	assert.Contains(t, o.reads("/console/insights?clause=R2&decided_by=person"), `<rect class="marked"`, "a report has no clause, and nobody decided it")
	assert.NotContains(t, o.reads("/console/insights?feature=logo"), `<rect class="marked"`)
}

func TestManyDaysAreDrawnByTheWeek(t *testing.T) {
	o := opens(t, access.StaffRoleReviewer)
	o.decides(policy.OutcomeApproved)
	o = o.as("ann", access.StaffRoleReviewer)
	text := o.reads("/console/insights?from=2025-11-01&to=2026-03-01")
	assert.Contains(t, text, "Week by week")
	assert.Contains(t, text, "28 Feb 2026 – 1 Mar 2026: 4 credits", "the last week ends with the last day")
	assert.Equal(t, http.StatusBadRequest, o.gets("/console/insights?from=2024-01-01&to=2026-03-01").Code)
}
