package main

import (
	"context"
	"fmt"
	"io"

	"makegood/infra/cost"
)

// priced is an outcome under a policy, and what one generation of it costs.
type priced struct {
	name string
	bill cost.Bill
}

// figuresOf returns what was counted under a policy, as infra/cost has it.
func figuresOf(rows []counted, policy string) cost.Figures {
	figures := cost.Figures{Policy: policy, Operations: map[string]cost.Usage{}}
	for _, row := range rows {
		if row.policy == policy {
			figures.Operations[row.name] = row.cost.usage()
		}
	}
	return figures
}

// priceOutcomes sums the operations of each outcome.
func priceOutcomes(figures cost.Figures) ([]priced, error) {
	var all []priced
	for _, one := range cost.Outcomes {
		bill, err := figures.PriceOf(one.Operations...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.Name, err)
		}
		all = append(all, priced{one.Name, bill})
	}
	return all, nil
}

func writeOutcomes(w io.Writer, rows []priced, policy string) {
	fmt.Fprintf(w, "## What a million generations cost\n\nUS dollars at the list prices of us-east-1, on demand, arm64, no free tier; policy %s. From the price to the last notice; "+
		"each message alone in its batch, the result over HTTP, no reads by your app. Lambda: %d ms of its own for each invocation and %d for each call, at %.1f GB. "+
		"Logs: ours, %d bytes of Lambda's own for each invocation and %d of API Gateway's for each request; %.0f %% of invocations traced.\n\n",
		policy, cost.OwnMilliseconds, cost.CallMilliseconds, cost.MemoryGB, cost.PlatformLogBytes, cost.AccessLogBytes, cost.SampledTraces*100)
	fmt.Fprintln(w, "| a million of | writes | reads | HTTP API | Lambda | SQS | logs, traces | USD |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, row := range rows {
		b := row.bill
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | **%.2f** |\n", row.name,
			b.Writes*1e6, b.Reads*1e6, b.HTTP*1e6, b.Lambda*1e6, b.SQS*1e6, b.Watching*1e6, b.Total()*1e6)
	}
	fmt.Fprintln(w)
}

// countSweep counts a sweep that finds nothing on empty tables, and how many metrics it gives.
func countSweep(ctx context.Context, s *stack) (sweep expense, metrics int, err error) {
	m, err := newMeteredFleet(ctx, s, []string{sweepDue})
	if err != nil {
		return expense{}, 0, err
	}
	defer m.stop()
	path := story{fleet: m.fleet}
	// The first sweep asks the provider for its list, as every tenth minute's does.
	if err := path.sweep(ctx); err != nil {
		return expense{}, 0, err
	}
	before := m.fleet.tally()
	calls, err := m.during(func() error { return path.sweep(ctx) })
	if err != nil {
		return expense{}, 0, err
	}
	after := m.fleet.tally()
	sweep = sum(calls, m.tables)
	sweep.invocations, sweep.logBytes = 1, after.logBytes-before.logBytes
	return sweep, after.metrics, nil
}

func writeIdle(w io.Writer, lines []cost.Line) {
	fmt.Fprint(w, "## What an idle month costs\n\nUS dollars, the same prices; storage comes on top, and secrets that you keep in Secrets Manager.\n\n")
	fmt.Fprintln(w, "| what | a month | USD |")
	fmt.Fprintln(w, "| --- | --- | --- |")
	for _, line := range lines {
		fmt.Fprintf(w, "| %s | %s | %.2f |\n", line.What, line.Count, line.USD)
	}
	fmt.Fprintf(w, "| **together** | | **%.2f** |\n\n", cost.Sum(lines))
}
