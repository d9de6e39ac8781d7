package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// tally counts the outcomes of a row's pictures of one kind.
type tally struct {
	outcomes [3]int
	// signs is how many of those that are left to a person have a signal that says why.
	signs int
}

func (t tally) looks() int { return t.outcomes[0] + t.outcomes[1] + t.outcomes[2] }

// plus adds another.
func (t tally) plus(other tally) tally {
	for i, count := range other.outcomes {
		t.outcomes[i] += count
	}
	t.signs += other.signs
	return t
}

// table is all that was counted.
type table struct {
	mutex   sync.Mutex
	kinds   []kind
	rows    []row
	tallies map[string]map[kind]tally
	// sources counts those of each kind that show something.
	sources map[kind]int
	// nothing names the sources that show nothing.
	nothing []string
	// sights say what was seen of a picture that was decided wrong.
	sights []string
}

func (t *table) looks() int {
	count := 0
	for _, byKind := range t.tallies {
		for _, one := range byKind {
			count += one.looks()
		}
	}
	return count
}

// seen counts the sources that were looked at, or found to show nothing.
func (t *table) seen() int {
	count := len(t.nothing)
	for _, one := range t.sources {
		count += one
	}
	return count
}

// lookAtAll makes every row's pictures of every source, or of those before ctx ended.
func lookAtAll(ctx context.Context, sources []source, o options) *table {
	t := &table{rows: rows(), tallies: map[string]map[kind]tally{}, sources: map[kind]int{}}
	if o.demands {
		t.rows = slices.DeleteFunc(t.rows, func(r row) bool { return !r.demanding() })
	}
	places := map[kind]int{}
	queue := make(chan func())
	var group sync.WaitGroup
	for range max(1, o.workers) {
		group.Go(func() {
			for work := range queue {
				work()
			}
		})
	}
	for i, one := range sources {
		if ctx.Err() != nil {
			fmt.Fprintf(os.Stderr, "ended before source %d of %d\n", i, len(sources))
			break
		}
		if i > 0 && i%100 == 0 {
			fmt.Fprintf(os.Stderr, "%d of %d sources\n", i, len(sources))
		}
		// The sources are in the order of their digests: the first of a kind are a random sample.
		place := places[one.kind]
		places[one.kind]++
		queue <- func() { t.lookAt(one, place, o) }
	}
	close(queue)
	group.Wait()
	for _, one := range folders {
		if places[one.kind] > 0 && !slices.Contains(t.kinds, one.kind) {
			t.kinds = append(t.kinds, one.kind)
		}
	}
	if places[kindOwn] > 0 {
		t.kinds = append(t.kinds, kindOwn)
	}
	return t
}

// lookAt makes every row's picture of one source.
func (t *table) lookAt(of source, place int, o options) {
	s, err := open(of, o.tools)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	t.mutex.Lock()
	if s == nil {
		t.nothing = append(t.nothing, of.path)
		t.mutex.Unlock()
		return
	}
	t.sources[of.kind]++
	t.mutex.Unlock()
	for _, one := range t.rows {
		if place >= one.of(o.sample) || s.image == nil && !one.whole {
			continue
		}
		q, drawn := one.draw(s, s.random(one.name))
		if !drawn {
			continue
		}
		came, sign, signals := one.look(q)
		t.note(one, of, came, sign && came == outcomeLeft)
		missed := came == outcomeLeft && one.demand > 0
		if came == outcomeWrong || missed {
			t.keep(one, of, q, signals, o.keep)
		}
	}
}

func (t *table) note(of row, from source, came outcome, sign bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	byKind := t.tallies[of.name]
	if byKind == nil {
		byKind = map[kind]tally{}
		t.tallies[of.name] = byKind
	}
	one := byKind[from.kind]
	one.outcomes[came]++
	if sign {
		one.signs++
	}
	byKind[from.kind] = one
}

// keep notes what was seen where the outcome is not the one that was hoped for, and writes the
// picture where a folder was named.
func (t *table) keep(of row, from source, q pixel.Question, signals []evidence.Signal, folder string) {
	var seen []string
	for _, signal := range signals {
		if slices.Contains(deciding, signal.Name) && (signal.Present || slices.Contains(of.right, signal.Name)) {
			seen = append(seen, fmt.Sprintf("%s %t %v of %v", signal.Name, signal.Present, signal.Value, signal.Threshold))
		}
	}
	t.mutex.Lock()
	t.sights = append(t.sights, fmt.Sprintf("%s: %s (%s): %s", of.name, from.path, from.listName(), strings.Join(seen, ", ")))
	t.mutex.Unlock()
	if folder == "" {
		return
	}
	name := strings.NewReplacer(" ", "-", "/", "-").Replace(of.name) + "-" + from.listName()
	for suffix, body := range map[string][]byte{"": q.Output, "-input": q.Input} {
		if body != nil {
			_ = os.MkdirAll(folder, 0o755)
			_ = os.WriteFile(filepath.Join(folder, name+suffix), body, 0o644)
		}
	}
}

// write prints the tables, and says which demands do not hold.
func (t *table) write(w io.Writer) error {
	var failures []string
	for _, of := range []group{groupLegitimate, groupPair, groupDefect} {
		fmt.Fprintf(w, "\n### %s\n\n", of)
		t.writeHead(w, of)
		for _, one := range t.rows {
			if one.group != of {
				continue
			}
			sum := t.writeRow(w, one)
			share := float64(sum.outcomes[outcomeDecided]) / float64(max(1, sum.looks()))
			if of != groupDefect && !one.reported && sum.outcomes[outcomeWrong] > 0 || of == groupDefect && sum.looks() > 0 && share < one.demand {
				failures = append(failures, one.name)
			}
		}
	}
	slices.Sort(t.sights)
	for _, sight := range t.sights {
		fmt.Fprintln(os.Stderr, sight)
	}
	if len(failures) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(failures, "; "), errDemand)
	}
	return nil
}

func (t *table) writeHead(w io.Writer, of group) {
	last, kinds := "wrong, at most", ""
	for _, one := range t.kinds {
		kinds += fmt.Sprintf(" %s (%d) |", one, t.sources[one])
	}
	if of == groupDefect {
		last = "decided, at least"
	}
	fmt.Fprintf(w, "| picture |%s all | %s | left with a sign |\n|%s\n", kinds, last, strings.Repeat(" --- |", len(t.kinds)+4))
}

// writeRow prints decided / left / wrong of each kind, and returns their sum.
func (t *table) writeRow(w io.Writer, of row) tally {
	var sum tally
	fmt.Fprintf(w, "| %s |", of.name)
	for _, one := range t.kinds {
		tally := t.tallies[of.name][one]
		sum = sum.plus(tally)
		fmt.Fprintf(w, " %s |", tally)
	}
	bound := "–"
	switch {
	case sum.looks() == 0:
	case of.group != groupDefect:
		bound = percent(upperBound(sum.outcomes[outcomeWrong], sum.looks()))
	case len(of.right) > 0:
		bound = percent(lowerBound(sum.outcomes[outcomeDecided], sum.looks()))
	}
	signs := "–"
	if left := sum.outcomes[outcomeLeft]; left > 0 {
		signs = fmt.Sprintf("%.0f %%", 100*float64(sum.signs)/float64(left))
	}
	fmt.Fprintf(w, " %s | %s | %s |\n", sum, bound, signs)
	return sum
}

func (t tally) String() string {
	if t.looks() == 0 {
		return "–"
	}
	return fmt.Sprintf("%d/%d/%d", t.outcomes[outcomeDecided], t.outcomes[outcomeLeft], t.outcomes[outcomeWrong])
}

func percent(share float64) string {
	if share > 0.5 {
		return fmt.Sprintf("%.2f %%", 100*share)
	}
	return fmt.Sprintf("%.3f %%", 100*share)
}
