package cost

import (
	"fmt"
	"time"

	"makegood/infra/template"
)

// An idle month: its minutes, and what happens in each though nobody calls.
const (
	monthMinutes = 365 * 24 * 60 / 12
	pollers      = 5 // of a queue's mapping, at least
	pollSeconds  = 20
)

// Line is one line of a month's bill.
type Line struct {
	What  string  `json:"what"`  // what is paid for
	Count string  `json:"count"` // how much of it there is in a month
	USD   float64 `json:"usd"`   // of all of it
}

// Standing is what a template makes that costs though nobody calls.
type Standing struct {
	Mappings   int     // queues that a function takes messages from
	Runs       float64 // of schedules, in a month
	Alarms     int     // metrics that alarms look at: each is paid for
	Composites int     // alarms about alarms
	Dashboards int     // each is paid for
}

// The types that only a bill tells apart.
const (
	typeCompositeAlarm = "AWS::CloudWatch::CompositeAlarm"
	typeDashboard      = "AWS::CloudWatch::Dashboard"
)

// StandingOf reads what a template makes in a stack that leaves all parameters as they are.
func StandingOf(t *template.Template) (Standing, error) {
	var s Standing
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return s, err
	}
	for _, f := range functions {
		s.Mappings += len(f.Queues)
		for _, schedule := range f.Schedules {
			runs, err := runsOf(schedule.Expression)
			if err != nil {
				return s, fmt.Errorf("%s: %w", f.LogicalID, err)
			}
			s.Runs += runs
		}
	}
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return s, err
	}
	for _, alarm := range alarms {
		s.Alarms += len(alarm.Metrics)
	}
	for _, r := range t.Resources() {
		// A resource that a plain stack has not is not paid for.
		here, err := t.Included(template.Scope{}, r)
		if err != nil {
			return s, err
		}
		switch {
		case !here:
		case r.Type == typeCompositeAlarm:
			s.Composites++
		case r.Type == typeDashboard:
			s.Dashboards++
		}
	}
	return s, nil
}

// runsOf returns how often a schedule comes in a month: "rate(5 minutes)".
func runsOf(expression string) (float64, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(expression, "rate(%d %s", &n, &unit); err != nil || n < 1 {
		return 0, fmt.Errorf("the schedule %q is no rate", expression)
	}
	spans := map[string]time.Duration{
		"minute)": time.Minute, "minutes)": time.Minute, "hour)": time.Hour, "hours)": time.Hour, "day)": 24 * time.Hour, "days)": 24 * time.Hour,
	}
	span := spans[unit]
	if span == 0 {
		return 0, fmt.Errorf("the schedule %q is in no unit of AWS's", expression)
	}
	return monthMinutes / (span.Minutes() * float64(n)), nil
}

// Idle returns what a month costs in which nobody calls.
func Idle(s Standing, f Figures) []Line {
	polls := float64(s.Mappings * pollers * monthMinutes * 60 / pollSeconds)
	sweep := f.Sweep.Bill()
	lines := []Line{
		{fmt.Sprintf("polls of %d queues, %d at a time, %d s each", s.Mappings, pollers, pollSeconds), fmt.Sprintf("%.1f M requests", polls/1e6), polls * priceSQS},
		{"sweeps, one a minute, scheduled, run and logged", fmt.Sprintf("%.0f", s.Runs), s.Runs * (priceSchedule + sweep.Lambda + sweep.Watching)},
		// Of what is rarer than one a second, each is traced.
		{"traces of them", fmt.Sprintf("%.0f", s.Runs), s.Runs * priceTrace * (1 - SampledTraces)},
		{
			fmt.Sprintf("their reads with nothing due, %d calls and %.1f units each", f.Sweep.Reads, f.Sweep.ReadUnits),
			fmt.Sprintf("%.1f M units", s.Runs*f.Sweep.ReadUnits/1e6), s.Runs * (sweep.Reads + sweep.Writes),
		},
	}
	// A line of nothing says nothing.
	for _, one := range []struct {
		what  string
		count int
		price float64
	}{
		{"metrics in alarms", s.Alarms, priceAlarm},
		{"metrics of our own", f.IdleCounts, priceMetric},
		{"alarms about alarms", s.Composites, priceCompositeAlarm},
		{"dashboards", s.Dashboards, priceDashboard},
	} {
		if one.count > 0 {
			lines = append(lines, Line{one.what, fmt.Sprint(one.count), float64(one.count) * one.price})
		}
	}
	return lines
}

// Sum returns what lines cost together.
func Sum(lines []Line) float64 {
	total := 0.0
	for _, line := range lines {
		total += line.USD
	}
	return total
}
