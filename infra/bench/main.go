// Command bench counts and measures what the operations of Makegood cost, on the built functions
// and DynamoDB Local, and prints Markdown tables.
//
// It refuses to judge by the clock: figures that depend on the machine stand beside a floor of the
// same run (infra/decisions/0046). It exits with 1 when a counted cost is over the design's table,
// and when anything did not work.
//
// Words: counted (calls and write units, the same on any machine), floor (a function that does
// nothing, a bare transaction), meter (the proxy that counts), story (the path, step by step).
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"makegood/infra/bench/soak"
	"makegood/infra/cost"
	"makegood/shared/policy"
)

func main() {
	var o options
	flag.BoolVar(&o.countedOnly, "counted", false, "count costs only, measure nothing")
	flag.BoolVar(&o.verbose, "v", false, "show every counted call")
	flag.IntVar(&o.starts, "starts", 21, "starts of each function")
	flag.IntVar(&o.events, "events", 300, "events of each step")
	flag.DurationVar(&o.each, "each", 4*time.Second, "length of a throughput round")
	flag.DurationVar(&o.soak.Length, "soak", 0, "load a whole local stack for that long instead, and sum every statement")
	flag.Float64Var(&o.soak.Rate, "rate", 20, "operations a second of the soak")
	flag.Parse()
	// An interrupt ends the run in order, so that no process is left behind.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, o)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	countedOnly, verbose bool
	starts, events       int
	each                 time.Duration
	soak                 soak.Options // of no length: none
}

// run prints the tables; an operation over its limit is an error once all of them are printed.
func run(ctx context.Context, w io.Writer, o options) error {
	if o.soak.Length > 0 {
		writeMachine(w)
		return soak.Run(ctx, w, o.soak)
	}
	s, err := newStack(ctx, ".", os.Stderr)
	if err != nil {
		return err
	}
	defer s.stop()
	writeMachine(w)
	fmt.Fprintf(w, "Policy %s.\n\n", s.revision.Name)
	if o.verbose {
		s.log = os.Stderr
	}
	// Counted costs are the same on every machine, so only they can fail the run.
	var costs []counted
	for _, name := range policy.Names() {
		counts, _, err := count(ctx, s, name)
		if err != nil {
			return err
		}
		costs = append(costs, counts...)
	}
	over := writeCounted(w, costs)
	if err := writeDollars(ctx, w, s, costs); err != nil {
		return err
	}
	if o.countedOnly {
		return over
	}
	// What is measured comes after, so that nothing of it fails a count.
	if err := measure(ctx, w, s, o); err != nil {
		return err
	}
	return over
}

// measure prints what stands beside a floor of the same run.
func measure(ctx context.Context, w io.Writer, s *stack, o options) error {
	startRows, err := starts(ctx, s, max(o.starts, 11))
	if err != nil {
		return err
	}
	writeStarts(w, startRows)
	handlerRows, err := handle(ctx, s, max(o.events, 1))
	if err != nil {
		return err
	}
	writeHandlers(w, handlerRows)
	rate, err := race(ctx, s, o.each)
	if err != nil {
		return err
	}
	writeThroughput(w, rate)
	// Last, for the tables are full afterwards.
	rows, err := growth(ctx, s, small, large)
	if err != nil {
		return err
	}
	writeGrowth(w, rows, small, large)
	return nil
}

// writeDollars prints what generations cost, and a month without any.
func writeDollars(ctx context.Context, w io.Writer, s *stack, rows []counted) error {
	figures := figuresOf(rows, s.revision.Name)
	bills, err := priceOutcomes(figures)
	if err != nil {
		return err
	}
	writeOutcomes(w, bills, figures.Policy)
	sweep, metrics, err := countSweep(ctx, s)
	if err != nil {
		return err
	}
	figures.Sweep, figures.IdleCounts = sweep.usage(), metrics
	writeIdle(w, cost.Idle(s.standing, figures))
	return nil
}

// writeMachine prints when and where the figures below it were taken.
func writeMachine(w io.Writer) {
	fmt.Fprintf(w, "%s, %s/%s, %d cores, %s.\n\n", time.Now().UTC().Format("2006-01-02 15:04"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}
