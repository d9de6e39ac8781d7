package main

import (
	"bufio"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// collector reads what a process prints: how much, its last lines, the metrics that it gave, and
// what it says of its allocations.
type collector struct {
	allocations chan allocation // one for each time it is asked

	mutex   sync.Mutex
	lines   []string
	bytes   int
	metrics map[string]bool // by name
}

// allocation is what a process has allocated so far.
type allocation struct{ objects, bytes int64 }

func newCollector() *collector {
	return &collector{allocations: make(chan allocation, 1), metrics: map[string]bool{}}
}

const (
	tailLines   = 20
	longestLine = 1 << 20
)

var (
	allocated = regexp.MustCompile(`^mallocs (\d+) bytes (\d+)$`)
	metric    = regexp.MustCompile(`"Name":"(\w+)"`)
)

func (c *collector) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		c.take(lines.Text())
	}
}

func (c *collector) take(line string) {
	// What infra/bench's own overlay says is no output of the function.
	if figures := allocated.FindStringSubmatch(line); figures != nil {
		objects, _ := strconv.ParseInt(figures[1], 10, 64)
		bytes, _ := strconv.ParseInt(figures[2], 10, 64)
		c.allocations <- allocation{objects, bytes}
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.bytes += len(line) + 1
	// A metric is a line of the log that says so.
	if strings.Contains(line, `"_aws"`) {
		for _, name := range metric.FindAllStringSubmatch(line, -1) {
			c.metrics[name[1]] = true
		}
	}
	if c.lines = append(c.lines, line); len(c.lines) > tailLines {
		c.lines = c.lines[1:]
	}
}

// size returns how many bytes were printed, and how many metrics were given.
func (c *collector) size() (bytes, metrics int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.bytes, len(c.metrics)
}

func (c *collector) tail() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return strings.Join(c.lines, "\n")
}
