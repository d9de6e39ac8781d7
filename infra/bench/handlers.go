package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"makegood/shared/message"
)

// handling is what one event costs a function's process: everything from taking it off the Runtime
// API to answering.
type handling struct {
	step, function string
	events         int
	cpu            time.Duration // all events together
	megabytes      int
	took           time.Duration
}

const warmUp = 20 // events of each step that are not measured

// handle plays each step many times, one after the other, on one process of each function.
func handle(ctx context.Context, s *stack, events int) ([]handling, error) {
	names := []string{receivePurchase, grantCredits, startGeneration, settle, decide, reportBadResult}
	fleet, err := newFleet(ctx, s, s.dynamoURL, 1, names, "GODEBUG=gctrace=1")
	if err != nil {
		return nil, err
	}
	defer fleet.stop()
	// Each step works on what the steps before it left, for as many customers as there are events.
	path := story{fleet: fleet, revision: s.revision}
	customers, ids, cases := make([]string, events+warmUp), make([]string, 2*(events+warmUp)), make([]string, events+warmUp)
	for n := range customers {
		customers[n] = fresh("bench-")
	}
	var rows []handling
	for _, step := range []struct {
		name, function string
		run            func(n int) error
	}{
		{"purchase webhook", receivePurchase, func(n int) error {
			_, err := path.purchase(ctx, customers[n], time.Now())
			return err
		}},
		{"grant", grantCredits, func(n int) error { return path.grant(ctx, customers[n]) }},
		{"hold", startGeneration, func(n int) (err error) { ids[2*n], err = path.hold(ctx, customers[n]); return err }},
		{"another hold", startGeneration, func(n int) (err error) { ids[2*n+1], err = path.hold(ctx, customers[n]); return err }},
		{"success", settle, func(n int) error { return path.succeed(ctx, ids[2*n]) }},
		{"failure", settle, func(n int) error { return path.fail(ctx, ids[2*n+1]) }},
		{"verdict, credits back", decide, func(n int) error { return path.decide(ctx, ids[2*n+1]) }},
		{"report", reportBadResult, func(n int) (err error) { cases[n], err = path.report(ctx, ids[2*n], false); return err }},
		{"verdict on a report", decide, func(n int) error {
			return path.deliver(ctx, decide, message.NewCaseRequested(cases[n], ids[2*n], ""))
		}},
	} {
		// A step ends before the next begins, so no two functions share the processor.
		row, err := fleet.measure(step.function, len(customers), step.run)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		row.step = step.name
		rows = append(rows, row)
	}
	return rows, nil
}

// measure runs the step count times and returns what the function's one process used for all but
// the first of them.
func (f *fleet) measure(function string, count int, run func(n int) error) (handling, error) {
	// The one process of the function is taken and put back: it is only looked at here.
	p := <-f.free[function]
	f.free[function] <- p
	var cpu time.Duration
	var megabytes int
	var startedAt time.Time
	// The first events warm caches and connections; the figures begin behind them.
	for n := range count {
		if n == warmUp {
			var err error
			if cpu, err = p.cpu(); err != nil {
				return handling{}, err
			}
			megabytes, startedAt = p.collect.megabytes(), time.Now()
		}
		if err := run(n); err != nil {
			return handling{}, err
		}
	}
	span := time.Since(startedAt)
	// The process time covers every thread, the garbage collector's too.
	total, err := p.cpu()
	if err != nil {
		return handling{}, err
	}
	return handling{function: function, events: count - warmUp, cpu: total - cpu, megabytes: p.collect.megabytes() - megabytes, took: span}, nil
}

func writeHandlers(w io.Writer, rows []handling) {
	fmt.Fprintf(w, "## What a handler costs\n\n%d events each, one after the other, warm: processor time of the whole process, memory allocated "+
		"up to its last collection, and the time until the answer, DynamoDB Local's share included.\n\n", rows[0].events)
	fmt.Fprintln(w, "| step | function | CPU ms | KB allocated | ms until answered |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- |")
	for _, row := range rows {
		// Figures are for one event, the mean of all that were measured.
		each := func(d time.Duration) float64 { return milliseconds(d) / float64(row.events) }
		fmt.Fprintf(w, "| %s | %s | %.2f | %d | %.2f |\n", row.step, row.function, each(row.cpu), row.megabytes*1000/row.events, each(row.took))
	}
	fmt.Fprintln(w)
}
