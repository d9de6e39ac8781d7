package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"makegood/shared/message"
)

// handling is what one event costs a function's process: everything from taking it off the Runtime
// API to answering.
type handling struct {
	step, function string
	events         int
	cpu            time.Duration // all events together
	allocated      allocation
	took           time.Duration
}

const (
	warmUp = 20 // events of each step that are not measured
	// pause is what a process waits between two events, as each does that serves customers: its
	// caches grow cold, and its goroutines have to be woken.
	pause = 5 * time.Millisecond
	// The aims for a hold: processor time as a multiple of the do-nothing event's, and allocations.
	handlerAim, allocationAim = 2.4, 800
)

// nothingStep is the event that the do-nothing function gets.
const nothingStep = "a do-nothing event"

// handlerStep is one kind of event, and what gives it to its function for the nth time.
type handlerStep struct {
	name, function string
	run            func(n int) error
}

// handle plays each step many times, one after the other, on one process of each function: first on
// the binaries as they are deployed, then on those that say what they allocate.
func handle(ctx context.Context, s *stack, events int) ([]handling, error) {
	rows, err := measureSteps(ctx, s, events)
	if err != nil {
		return nil, err
	}
	counting, err := s.countAllocations(ctx, handlerFunctions)
	if err != nil {
		return nil, err
	}
	// Allocations are nearly the same each time, so a fifth of the events will do.
	counts, err := measureSteps(ctx, counting, max(events/5, 1))
	if err != nil {
		return nil, err
	}
	for n := range rows {
		perEvent := func(sum int64) int64 { return sum * int64(rows[n].events) / int64(counts[n].events) }
		rows[n].allocated = allocation{perEvent(counts[n].allocated.objects), perEvent(counts[n].allocated.bytes)}
	}
	return rows, nil
}

var handlerFunctions = []string{hello, receivePurchase, grantCredits, startGeneration, settle, decide, reportBadResult, assessResult}

func measureSteps(ctx context.Context, s *stack, events int) ([]handling, error) {
	fleet, err := newFleet(ctx, s, s.dynamoURL, 1, handlerFunctions)
	if err != nil {
		return nil, err
	}
	defer fleet.stop()
	var rows []handling
	count := events + warmUp
	for _, step := range handlerSteps(ctx, story{fleet: fleet, revision: s.revision}, count) {
		// A step ends before the next begins, so no two functions share the processor.
		row, err := fleet.measure(step.function, count, s.counting, step.run)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		row.step = step.name
		rows = append(rows, row)
	}
	return rows, nil
}

// handlerSteps returns the steps for so many customers: each works on what those before it left.
func handlerSteps(ctx context.Context, path story, count int) []handlerStep {
	customers, ids, cases := make([]string, count), make([]string, 2*count), make([]string, count)
	for n := range customers {
		customers[n] = fresh("bench-")
	}
	// The do-nothing function gets the very event of a hold.
	headers, body := map[string]string{"authorization": "Bearer nobody", "idempotency-key": fresh("key-"), "content-type": "application/json"}, []byte(
		`{"customer":"`+customers[0]+`","feature":"none","platform":"ios","surface":"editor","outputs":1}`)
	nothing := httpEvent(http.MethodPost, "/v1/generations", headers, body)
	return []handlerStep{
		{nothingStep, hello, func(int) error { _, err := path.fleet.invoke(ctx, hello, nothing); return err }},
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
		{"look without pictures", assessResult, func(n int) error {
			return path.deliver(ctx, assessResult, message.NewResultReported(cases[n], ids[2*n]))
		}},
		{"verdict on a report", decide, func(n int) error {
			return path.deliver(ctx, decide, message.NewCaseRequested(cases[n], ids[2*n], ""))
		}},
	}
}

// measure runs the step count times and returns what the function's one process used for all but
// the first of them.
func (f *fleet) measure(function string, count int, counting bool, run func(n int) error) (handling, error) {
	// The one process of the function is taken and put back: it is only looked at here.
	p := <-f.free[function]
	f.free[function] <- p
	var before usage
	row := handling{function: function, events: count - warmUp}
	// The first events warm caches and connections; the figures begin behind them.
	for n := range count {
		if n == warmUp {
			var err error
			if before, err = p.usage(counting); err != nil {
				return handling{}, err
			}
		}
		startedAt := time.Now()
		if err := run(n); err != nil {
			return handling{}, err
		}
		if n >= warmUp {
			row.took += time.Since(startedAt)
		}
		time.Sleep(pause)
	}
	// The process time covers every thread, the garbage collector's too.
	after, err := p.usage(counting)
	row.cpu = after.cpu - before.cpu
	row.allocated = allocation{after.allocated.objects - before.allocated.objects, after.allocated.bytes - before.allocated.bytes}
	return row, err
}

// usage is what a process has used so far.
type usage struct {
	cpu       time.Duration
	allocated allocation
}

// usage returns the processor time of a process, and its allocations where it counts them.
func (p *process) usage(counting bool) (so usage, err error) {
	if counting {
		if so.allocated, err = p.allocations(); err != nil {
			return so, err
		}
	}
	so.cpu, err = p.cpu()
	return so, err
}

func writeHandlers(w io.Writer, rows []handling) {
	fmt.Fprintf(w, "## What a handler costs\n\n%d events each, one after the other with %s between them, warm: processor time of the whole process, beside that of "+
		"a function that does nothing with an event of that size at the same pace; allocations (counted on binaries of their own); and the time until the answer, "+
		"DynamoDB Local's share included. Aim for a hold: ≤ %.1f × and ≤ %d allocations.\n\n", rows[0].events, pause, handlerAim, allocationAim)
	fmt.Fprintln(w, "| step | function | CPU ms | × do-nothing | allocations | KB | ms until answered |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, row := range rows {
		// Figures are for one event, the mean of all that were measured.
		each := func(d time.Duration) float64 { return milliseconds(d) / float64(row.events) }
		fmt.Fprintf(w, "| %s | %s | %.2f | %.2f | %d | %d | %.2f |\n", row.step, row.function, each(row.cpu), float64(row.cpu)/float64(rows[0].cpu),
			row.allocated.objects/int64(row.events), row.allocated.bytes/1000/int64(row.events), each(row.took))
	}
	fmt.Fprintln(w)
}
