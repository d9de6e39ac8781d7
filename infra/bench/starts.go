package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// hello is the do-nothing function, the floor that starts are measured against.
const (
	hello       = "hello"
	helloFolder = "infra/bench/hello"
)

// startAim is the aim for start → ready, as a multiple of the do-nothing function's.
const startAim = 1.5

// starting is how long one function takes from exec to its first request for work.
type starting struct {
	name  string
	bytes int64
	took  []time.Duration // sorted
}

func (s starting) median() time.Duration { return s.took[len(s.took)/2] }

// starts starts every function rounds times, taking turns, so that whatever else the machine does
// falls on all alike.
func starts(ctx context.Context, s *stack, rounds int) ([]starting, error) {
	all := []starting{{name: hello}}
	for _, name := range s.names() {
		all = append(all, starting{name: name})
	}
	for round := range rounds + 1 {
		for n := range all {
			span, err := startOnce(ctx, s, all[n].name)
			if err != nil {
				return nil, err
			}
			// The first round reads the files into memory and is not counted.
			if round > 0 {
				all[n].took = append(all[n].took, span)
			}
		}
	}
	for n := range all {
		file, err := os.Stat(s.binary(all[n].name))
		if err != nil {
			return nil, err
		}
		all[n].bytes = file.Size()
		slices.Sort(all[n].took)
	}
	return all, nil
}

// startOnce starts the function, waits until it is ready, and ends it.
func startOnce(ctx context.Context, s *stack, name string) (time.Duration, error) {
	p, startedAt, err := launch(ctx, s.binary(name), s.env(name, s.dynamoURL))
	if err != nil {
		return 0, err
	}
	// Asking for work is the instant at which Lambda would hand over the first event.
	readyAt, err := p.awaitReady()
	if err != nil {
		return 0, err
	}
	p.stop()
	return readyAt.Sub(startedAt), nil
}

func writeStarts(w io.Writer, all []starting) {
	floor := all[0].median()
	fmt.Fprintf(w, "## Start → ready\n\nFrom exec to the first question for work, %d starts each, taking turns; aim ≤ %.1f × the do-nothing function.\n\n",
		len(all[0].took), startAim)
	fmt.Fprintln(w, "| function | MB | min ms | median ms | × hello |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- |")
	for _, s := range all {
		ratio := float64(s.median()) / float64(floor)
		mark := ""
		if ratio > startAim {
			mark = " (over)"
		}
		fmt.Fprintf(w, "| %s | %.1f | %.2f | %.2f | %.2f%s |\n", s.name, float64(s.bytes)/1e6, milliseconds(s.took[0]), milliseconds(s.median()), ratio, mark)
	}
	fmt.Fprintln(w)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
