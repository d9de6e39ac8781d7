// Package metric owns how a function gives CloudWatch a number: one line of the embedded metric
// format on its output.
//
// It refuses to know what the numbers mean, and makes no call: CloudWatch reads the line from the
// log.
//
// Invariants: one line, one write. The only dimension is the function's own name, or none, so that
// no customer or id becomes a dimension.
//
// Words: whole (of all functions: one metric, so that one alarm watches them all).
package metric

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"time"
)

// Lines writes metrics of one function. It is safe for many goroutines when its writer is, as
// os.Stdout.
type Lines struct {
	out        io.Writer
	namespace  string
	function   string
	dimensions []string
}

// Open returns a writer of the function's metrics; the namespace is METRICS_NAMESPACE, "Makegood"
// when that is unset.
func Open(out io.Writer, function string) *Lines {
	return &Lines{out: out, namespace: namespace(), function: function, dimensions: []string{"Function"}}
}

// OpenWhole returns a writer of metrics that all functions have in common. They have no dimension:
// an alarm is billed by the metric, and one metric is enough to ring. The line names its function,
// as Lambda calls it, all the same.
func OpenWhole(out io.Writer) *Lines {
	return &Lines{out: out, namespace: namespace(), function: os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), dimensions: []string{}}
}

func namespace() string {
	if name := os.Getenv("METRICS_NAMESPACE"); name != "" {
		return name
	}
	return "Makegood"
}

// Count writes the counts as metrics of that instant, by name. Zeros are written too: a metric's
// average may live on them. Without counts it writes nothing.
func (l *Lines) Count(now time.Time, counts map[string]int) error {
	if len(counts) == 0 {
		return nil
	}
	// Sorted names make the same counts the same line, whatever the map's order.
	names := make([]string, 0, len(counts))
	line := map[string]any{"Function": l.function}
	for name, count := range counts {
		names = append(names, name)
		line[name] = count
	}
	slices.Sort(names)
	metrics := make([]definition, len(names))
	for n, name := range names {
		metrics[n] = definition{name, "Count"}
	}
	// CloudWatch finds the numbers by this directive; the values stand beside it on the same line.
	line["_aws"] = envelope{now.UnixMilli(), []directive{{l.namespace, [][]string{l.dimensions}, metrics}}}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	// One write, so that two goroutines' lines cannot mix.
	_, err = l.out.Write(append(text, '\n'))
	return err
}

// The parts of the embedded metric format, as CloudWatch specifies them.
type (
	envelope struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}
	directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	definition struct{ Name, Unit string }
)
