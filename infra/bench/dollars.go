package main

import (
	"context"
	"fmt"
	"io"
)

// outcome is what may become of a generation, and the counted operations that it is made of.
type outcome struct {
	name       string
	operations []string
}

var outcomes = []outcome{
	{"success", []string{nameHold, nameResult, nameSuccess}},
	{"success of a part, the rest given back", []string{nameHold, nameResult, namePart, namePartNotice}},
	{"failure, given back", []string{nameHold, nameResult, nameFailure, nameFailureNotice}},
	{"success, reported, declined by the policy", []string{nameHold, nameResult, nameSuccess, nameSoldReport + " → declined", nameSoldNotice}},
	{"success, reported, approved by staff", []string{
		nameHold, nameResult, nameSuccess, nameReport + " → in review", nameReceipt, nameRuling + " → approved", nameRulingNotice,
	}},
}

// priced is an outcome under a policy, and what one generation of it costs.
type priced struct {
	name string
	bill bill
}

// priceOutcomes sums the operations of each outcome. One that was not counted is an error: the sum
// would be too low without a word.
func priceOutcomes(rows []counted, policy string) ([]priced, error) {
	costs := map[string]cost{}
	for _, row := range rows {
		if row.policy == policy {
			costs[row.name] = row.cost
		}
	}
	var all []priced
	for _, one := range outcomes {
		sum := bill{}
		for _, name := range one.operations {
			c, has := costs[name]
			if !has {
				return nil, fmt.Errorf("%s: %q was not counted under %s", one.name, name, policy)
			}
			sum = sum.plus(c.price())
		}
		all = append(all, priced{one.name, sum})
	}
	return all, nil
}

func writeOutcomes(w io.Writer, rows []priced, policy string) {
	fmt.Fprintf(w, "## What a million generations cost\n\nUS dollars at the list prices of us-east-1, on demand, arm64, no free tier; policy %s. From the price to the last notice; "+
		"each message alone in its batch, the result over HTTP, no reads by your app. Lambda: %d ms of its own for each invocation and %d for each call, at %.1f GB. "+
		"Logs: ours, %d bytes of Lambda's own for each invocation and %d of API Gateway's for each request; %.0f %% of invocations traced.\n\n",
		policy, ownMilliseconds, callMilliseconds, memoryGB, platformLogBytes, accessLogBytes, sampledTraces*100)
	fmt.Fprintln(w, "| a million of | writes | reads | HTTP API | Lambda | SQS | logs, traces | USD |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, row := range rows {
		b := row.bill
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | **%.2f** |\n", row.name,
			b.writes*1e6, b.reads*1e6, b.http*1e6, b.lambda*1e6, b.sqs*1e6, b.watching*1e6, b.total()*1e6)
	}
	fmt.Fprintln(w)
}

// An idle month: its minutes, and what happens in each though nobody calls.
const (
	monthMinutes = 365 * 24 * 60 / 12
	pollers      = 5 // of a queue's mapping, at least
	pollSeconds  = 20
)

// idleLine is one line of the idle month's bill.
type idleLine struct {
	name, count string
	dollars     float64
}

// idle counts a sweep that finds nothing on empty tables, and what stands in the template.
func idle(ctx context.Context, s *stack) ([]idleLine, error) {
	m, err := newMeteredFleet(ctx, s, []string{sweepDue})
	if err != nil {
		return nil, err
	}
	defer m.stop()
	path := story{fleet: m.fleet}
	// The first sweep asks the provider for its list, as every tenth minute's does.
	if err := path.sweep(ctx); err != nil {
		return nil, err
	}
	before := m.fleet.tally()
	calls, err := m.during(func() error { return path.sweep(ctx) })
	if err != nil {
		return nil, err
	}
	sweep := sum(calls, m.tables)
	after := m.fleet.tally()
	sweep.invocations, sweep.logBytes = 1, after.logBytes-before.logBytes
	return idleLines(s, sweep, after.metrics), nil
}

func idleLines(s *stack, sweep cost, metrics int) []idleLine {
	mappings, schedules := 0, 0
	for _, f := range s.functions {
		mappings += len(f.Queues)
		schedules += len(f.Schedules)
	}
	polls := mappings * pollers * monthMinutes * 60 / pollSeconds
	sweeps := schedules * monthMinutes
	b := sweep.price()
	return []idleLine{
		{fmt.Sprintf("polls of %d queues, %d at a time, %d s each", mappings, pollers, pollSeconds), fmt.Sprintf("%.1f M requests", float64(polls)/1e6), float64(polls) * priceSQS},
		{"sweeps, one a minute, scheduled, run and logged", fmt.Sprint(sweeps), float64(sweeps) * (priceSchedule + b.lambda + b.watching)},
		// Of what is rarer than one a second, each is traced.
		{"traces of them", fmt.Sprint(sweeps), float64(sweeps) * priceTrace * (1 - sampledTraces)},
		{
			fmt.Sprintf("their reads with nothing due, %d calls and %.1f units each", sweep.reads, sweep.readUnits),
			fmt.Sprintf("%.1f M units", float64(sweeps)*sweep.readUnits/1e6), float64(sweeps) * (b.reads + b.writes),
		},
		{"alarms", fmt.Sprint(s.alarms), float64(s.alarms) * priceAlarm},
		{"metrics of our own", fmt.Sprint(metrics), float64(metrics) * priceMetric},
	}
}

func writeIdle(w io.Writer, lines []idleLine) {
	fmt.Fprint(w, "## What an idle month costs\n\nUS dollars, the same prices; storage comes on top, and secrets that you keep in Secrets Manager.\n\n")
	fmt.Fprintln(w, "| what | a month | USD |")
	fmt.Fprintln(w, "| --- | --- | --- |")
	total := 0.0
	for _, line := range lines {
		total += line.dollars
		fmt.Fprintf(w, "| %s | %s | %.2f |\n", line.name, line.count, line.dollars)
	}
	fmt.Fprintf(w, "| **together** | | **%.2f** |\n\n", total)
}
