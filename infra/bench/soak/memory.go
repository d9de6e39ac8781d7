package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/infra/local"
)

const (
	lookEvery  = 5 * time.Second
	warmShare  = 10      // a tenth of the looks is left out: processes start, and fill their caches
	growthMost = 1.3     // of the last quarter over the first
	growthMin  = 4 << 20 // bytes: less is a matter of when the collector ran
)

// look is the resident memory of a function's processes at an instant: the mean of them.
type look struct {
	processes int
	resident  float64 // bytes
}

// watch looks at the processes of a stack until it is ended.
type watch struct {
	looks map[string][]look
	stop  chan struct{}
	over  chan struct{}
}

func startWatch(ctx context.Context, stack *local.Stack) *watch {
	w := &watch{looks: map[string][]look{}, stop: make(chan struct{}), over: make(chan struct{})}
	go func() {
		defer close(w.over)
		ticks := time.NewTicker(lookEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				for _, name := range stack.Functions() {
					if seen, err := lookAt(stack.Processes(name)); err == nil {
						w.looks[name] = append(w.looks[name], seen)
					}
				}
			case <-w.stop:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return w
}

// end stops the watch and returns what it saw.
func (w *watch) end() map[string][]look {
	close(w.stop)
	<-w.over
	return w.looks
}

// lookAt returns the mean resident memory of processes; one that ends meanwhile is an error.
func lookAt(pids []int) (look, error) {
	if len(pids) == 0 {
		return look{}, errors.New("no process")
	}
	var sum float64
	for _, pid := range pids {
		// Its second figure is the resident pages.
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			return look{}, err
		}
		fields := strings.Fields(string(text))
		if len(fields) < 2 {
			return look{}, errors.New("no resident memory: this needs Linux")
		}
		pages, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return look{}, err
		}
		sum += pages * float64(os.Getpagesize())
	}
	return look{len(pids), sum / float64(len(pids))}, nil
}

var errMemoryGrows = errors.New("the memory of a function grows")

// writeMemory prints the first quarter of the looks beside the last. A function that grows is an
// error.
func writeMemory(w io.Writer, all map[string][]look) error {
	var grows error
	fmt.Fprintln(w, "| function | processes | MB, first quarter | MB, last | last ÷ first |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- |")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		first, last, most := quarters(all[name])
		if first == 0 {
			continue
		}
		mark := ""
		if last > first*growthMost && last-first > growthMin {
			mark, grows = " **grows**", errors.Join(grows, fmt.Errorf("%w: %s", errMemoryGrows, name))
		}
		fmt.Fprintf(w, "| %s | %d | %.1f | %.1f | %.2f%s |\n", name, most, first/1e6, last/1e6, last/first, mark)
	}
	fmt.Fprintln(w)
	return grows
}

// quarters returns the mean of the first quarter and of the last, without the start, and the most
// processes that there were.
func quarters(looks []look) (first, last float64, most int) {
	for _, one := range looks {
		most = max(most, one.processes)
	}
	warm := looks[len(looks)/warmShare:]
	quarter := len(warm) / 4
	if quarter == 0 {
		return 0, 0, most
	}
	mean := func(part []look) float64 {
		var sum float64
		for _, one := range part {
			sum += one.resident
		}
		return sum / float64(len(part))
	}
	return mean(warm[:quarter]), mean(warm[len(warm)-quarter:]), most
}
