package soak

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histograms tell latencies from a microsecond to five minutes apart, to three digits.
const (
	shortest = int64(1)
	longest  = int64(5 * time.Minute / time.Microsecond)
	digits   = 3
)

// latencies are those of each kind of operation, from the instant at which it was due.
type latencies struct {
	requests, busy atomic.Int64

	mutex    sync.Mutex
	kinds    map[string]*hdrhistogram.Histogram
	all      *hdrhistogram.Histogram
	failures map[string]int
}

func newLatencies() *latencies {
	return &latencies{kinds: map[string]*hdrhistogram.Histogram{}, all: hdrhistogram.New(shortest, longest, digits), failures: map[string]int{}}
}

func (l *latencies) note(name string, latency time.Duration, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	// A failure is counted; its latency would say nothing.
	if err != nil {
		l.failures[name]++
		return
	}
	if l.kinds[name] == nil {
		l.kinds[name] = hdrhistogram.New(shortest, longest, digits)
	}
	microseconds := min(max(int64(latency/time.Microsecond), shortest), longest)
	_ = l.kinds[name].RecordValue(microseconds) // it lies within the bounds
	_ = l.all.RecordValue(microseconds)
}

// write prints the latencies of a load.
func (l *load) write(w io.Writer, o Options) {
	m := l.meter
	fmt.Fprintf(w, "## A load that lasts\n\n%s at %.0f operations a second, %d buyers, at most %d processes of each function. Latencies count from the instant "+
		"at which an operation was due.\n\n", o.Length, o.Rate, len(l.buyers), processes)
	fmt.Fprintln(w, "| operation | count | failed | p50 ms | p99 ms | p99.9 ms | longest ms |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, name := range slices.Sorted(maps.Keys(m.kinds)) {
		writeLatencies(w, name, m.kinds[name], m.failures[name])
	}
	failures := 0
	for _, count := range m.failures {
		failures += count
	}
	writeLatencies(w, "**all**", m.all, failures)
	fmt.Fprintf(w, "\nAnswered busy (503, and asked again): %d of %d requests, %.3f %%.\n\n",
		m.busy.Load(), m.requests.Load(), 100*float64(m.busy.Load())/float64(max(m.requests.Load(), 1)))
}

func writeLatencies(w io.Writer, name string, h *hdrhistogram.Histogram, failures int) {
	at := func(percentile float64) float64 { return float64(h.ValueAtPercentile(percentile)) / 1000 }
	fmt.Fprintf(w, "| %s | %d | %d | %.0f | %.0f | %.0f | %.0f |\n", name, h.TotalCount(), failures, at(50), at(99), at(99.9), float64(h.Max())/1000)
}
