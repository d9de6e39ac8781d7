// Command evidence looks at pictures of which it is known what is wrong with them, and at pictures
// with which nothing is, and says how often the signals of shared/evidence/pixel decide, leave to a
// person, and are wrong.
//
// It refuses to look at the half that is held out while the thresholds are other than those whose
// digest is committed.
//
// Words: source (a picture as a package or a folder has it), half, row (one way to make a picture
// of a source), subject (a source and what rows make pictures of), tally.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"time"
)

// options are the command's flags.
type options struct {
	pool, tools, folder, half, keep string
	sample, most, workers           int
	list, cost, demands             bool
}

func main() {
	o := options{}
	flag.StringVar(&o.pool, "pool", ".local/evidence/root", "where fetch.sh unpacked the pictures")
	flag.StringVar(&o.tools, "tools", ".local/evidence/tools", "where fetch.sh unpacked cwebp")
	flag.StringVar(&o.folder, "dir", "", "a folder of pictures of your own, in place of the pool")
	flag.StringVar(&o.half, "half", string(halfHoldOut), "tune or hold-out")
	flag.StringVar(&o.keep, "keep", "", "a folder for the pictures that were decided wrong")
	flag.IntVar(&o.sample, "sample", 60, "how many sources of a kind are changed in each way, at least 52 where 99 % must be decided; all are looked at as they are")
	flag.IntVar(&o.workers, "workers", 2, "how many sources are looked at side by side")
	flag.BoolVar(&o.demands, "demands", false, "only what something is demanded of: the rest is only reported")
	flag.IntVar(&o.most, "most", math.MaxInt, "how many sources are looked at, in the order of their digests")
	flag.BoolVar(&o.list, "list", false, "write the hold-out's list of what was never looked at, and look at nothing")
	flag.BoolVar(&o.cost, "cost", true, "measure what a look costs")
	looks := flag.String("look", "", "look once at this picture and print what it cost (for itself)")
	decodes := flag.String("decode", "", "decode this picture once and print what it cost (for itself)")
	flag.Parse()
	if err := run(os.Stdout, o, *looks, *decodes); err != nil {
		fmt.Fprintln(os.Stderr, "evidence:", err)
		os.Exit(1)
	}
}

// errDemand is a row that decides less than it must, or a legitimate picture that was decided.
var errDemand = errors.New("a demand does not hold")

func run(w io.Writer, o options, looks, decodes string) error {
	switch {
	case looks != "":
		return costOf(w, looks, lookOnce)
	case decodes != "":
		return costOf(w, decodes, decodeOnce)
	case o.list:
		return writeList(o.pool)
	}
	sources, err := sourcesOf(w, o)
	if err != nil {
		return err
	}
	sources = sources[:min(o.most, len(sources))]
	start := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	all := lookAtAll(ctx, sources, o)
	stop()
	fmt.Fprintf(w, "\n%d sources, %d looks in %s. %d sources show nothing, and are no legitimate pictures:\n",
		all.seen(), all.looks(), time.Since(start).Round(time.Second), len(all.nothing))
	slices.Sort(all.nothing)
	for _, path := range all.nothing {
		fmt.Fprintln(w, path)
	}
	failure := all.write(w)
	if o.cost {
		if err := writeCost(w); err != nil {
			return err
		}
	}
	return failure
}
