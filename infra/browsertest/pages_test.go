package browsertest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
)

// look is a page as somebody looks at it.
type look struct {
	// Path is where it is, Heading what it says on top.
	Path, Heading string
	// Refusal is what the browser has against an answer that is meant, "" for nothing.
	Refusal string
}

// looks gives for each page of the console how it is looked at, in the states that it has.
func looks(d day) map[string][]look {
	return map[string][]look{
		"GET /console":                  {{Path: "/console", Heading: "Review queue"}},
		"GET /console/cases":            {{Path: "/console/cases", Heading: "Review queue"}, {Path: "/console/cases?due=late", Heading: "Review queue"}, {Path: "/console/cases?kind=not_credited", Heading: "Review queue"}},
		"GET /console/cases/next":       {{Path: "/console/cases/next", Heading: "Abnormal charge"}},
		"GET /console/generations/{id}": {{Path: "/console/generations/" + string(d.Failed), Heading: "Generation"}},
		"GET /console/find":             {{Path: "/console/find", Heading: "Find"}},
		"GET /console/appeals":          {{Path: "/console/appeals", Heading: "Appeals"}},
		"GET /console/stuck":            {{Path: "/console/stuck", Heading: "Stuck"}, {Path: "/console/stuck?done=" + string(d.Stuck), Heading: "Stuck"}},
		"GET /console/customers":        {{Path: "/console/customers", Heading: "Near a limit"}},
		"GET /console/outages":          {{Path: "/console/outages", Heading: "Outages"}},
		"GET /console/outages/{id}":     {{Path: "/console/outages/" + string(d.Outage), Heading: "Outage"}},
		"GET /console/cases/{id}": {
			{Path: "/console/cases/" + string(d.Picture), Heading: "Bad result"},
			{Path: "/console/cases/" + string(d.Claim), Heading: "Not credited"},
			{Path: "/console/cases/" + string(d.Appealed), Heading: "Bad result"},
			{Path: "/console/cases/" + string(d.Closed), Heading: "Bad result"},
		},
		"GET /console/insights": {
			{Path: "/console/insights", Heading: "Insights"}, {Path: "/console/insights?from=2026-01-01&outcome=approved", Heading: "Insights"},
		},
		"GET /console/insights/cases":   {{Path: "/console/insights/cases", Heading: "Verdicts"}},
		"GET /console/simulations":      {{Path: "/console/simulations", Heading: "Simulation"}},
		"GET /console/simulations/{id}": {{Path: d.Simulation, Heading: "Simulation"}},
		"GET /console/payments": {
			{Path: "/console/payments", Heading: "Payments"},
			{Path: "/console/payments?list=repeated", Heading: "Payments"},
			{Path: "/console/payments?list=failed", Heading: "Payments"},
			{Path: "/console/payments?list=disputed", Heading: "Payments"},
		},
		"GET /console/payments/{id}": {
			{Path: "/console/payments/" + string(d.Parked), Heading: "Payment"},
			{Path: "/console/payments/" + string(d.Short), Heading: "Payment"},
			{Path: "/console/payments/" + string(d.Repeated), Heading: "Payment"},
			{Path: "/console/payments/" + string(d.Refused), Heading: "Payment"},
		},
		"GET /console/payments/{id}/evidence": {{Path: "/console/payments/" + string(d.Disputed) + "/evidence", Heading: "Evidence"}},
		"GET /console/customers/{id}": {
			{Path: "/console/customers/alice", Heading: "Customer"}, {Path: "/console/customers/frank?standing=restricted", Heading: "Customer"},
		},
		"of no route": {
			{Path: "/console/sign-in", Heading: "Sign in"},
			{Path: "/console/sign-in?left", Heading: "Sign in"},
			{Path: "/console/nothing", Heading: "Not found", Refusal: "status of 404"},
		},
	}
}

var pageRoute = regexp.MustCompile(`\bget\("(GET /console[^"]*)"`)

func TestEveryPageHasItsRow(t *testing.T) {
	rows := looks(day{})
	files, err := filepath.Glob("../../shared/console/*.go")
	require.NoError(t, err)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, route := range pageRoute.FindAllStringSubmatch(strings.ReplaceAll(string(text), `"GET "+PathHome`, `"GET /console"`), -1) {
			found++
			assert.Contains(t, rows, route[1], "of %s: say how it is looked at", file)
		}
	}
	assert.Len(t, rows, found+1)
}

// bait is what somebody writes who hopes that a page takes it for its own. It holds the words, so
// that one sees which of them a page shows.
func bait(words string) string {
	return words + `</textarea><img/src=x/onerror="alert(1)"><a/href="javascript:alert(2)">"'` + "`{{.}}"
}

func TestEveryPageIsSoundForEveryReaderWhateverIsWrittenOnIt(t *testing.T) {
	o := opens(t)
	said := map[string]bool{}
	o.write = func(words string) string {
		said[words] = false
		return bait(words)
	}
	rows := looks(o.passes())
	for name, how := range map[string][]browsertest.Setting{
		"narrow, at night": {browsertest.Width(320), browsertest.Dark()}, "wide": {browsertest.Width(1920)}, "without a script": {browsertest.WithoutScript()},
	} {
		t.Run(name, func(t *testing.T) {
			reader := o.lets(t, "ann", how...)
			for route, all := range rows {
				for _, one := range all {
					if one.Refusal != "" {
						reader.Forgive(one.Refusal)
					}
					reader.Open(o.base + one.Path)
					reader.Sees("h1", one.Heading)
					reader.Fits()
					if name != "without a script" {
						reader.Axe()
					}
					assert.Empty(t, reader.Texts(`img[src=x], [onerror], a[href^="javascript"]`), "%s: what was written is text", route)
					assert.Empty(t, twice(reader), "%s: a key has one meaning", route)
					assert.NotRegexp(t, `0x[0-9a-f]{6}|<nil>|%!`, reader.Text("main"), "%s: what is shown was written for people", route)
					shown := browsertest.Value[string](reader, "document.documentElement.textContent")
					for words := range said {
						said[words] = said[words] || strings.Contains(shown, bait(words))
					}
				}
			}
		})
	}
	for words, shown := range said {
		assert.True(t, shown, "%q is shown on no page", words)
	}
}

// twice returns the keys that two things of a page have, and those that begin a pair of keys.
func twice(reader *browsertest.Page) []string {
	return browsertest.Value[[]string](reader, `(() => {
		const all = [...document.querySelectorAll("[data-key]")].map(e => e.dataset.key);
		return all.filter((key, at) => all.indexOf(key) !== at || all.some(other => other.startsWith(key + " ")));
	})()`)
}
