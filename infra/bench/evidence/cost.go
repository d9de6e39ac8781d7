package main

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"makegood/shared/evidence/pixel"
)

// rounds is how often each cost is measured: the least counts, since others only add to it.
const rounds = 3

// cost is a process's that did one thing.
type cost struct {
	cpu    time.Duration
	memory int // bytes at the highest
}

func lookOnce(body []byte) { pixel.At(pixel.Question{Output: body}) }

func decodeOnce(body []byte) {
	_, _, _ = image.Decode(bytes.NewReader(body))
}

// costOf does one thing to a file, and prints what this process has cost until then.
func costOf(w io.Writer, path string, do func([]byte)) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, err := cpuTime()
	if err != nil {
		return err
	}
	do(body)
	after, err := cpuTime()
	if err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if peak == nil {
		return fmt.Errorf("no VmHWM in /proc/self/status")
	}
	fmt.Fprintf(w, "%d %s\n", (after - before).Microseconds(), peak[1])
	return nil
}

func cpuTime() (time.Duration, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), err
}

// measure runs this program once more for each round.
func measure(flag, path string) (cost, error) {
	var least cost
	for round := range rounds {
		out, err := exec.Command(os.Args[0], flag, path).Output()
		if err != nil {
			return cost{}, err
		}
		fields := strings.Fields(string(out))
		if len(fields) != 2 {
			return cost{}, fmt.Errorf("%s %s printed %q", flag, path, out)
		}
		micros, err := strconv.Atoi(fields[0])
		if err != nil {
			return cost{}, err
		}
		kilobytes, err := strconv.Atoi(fields[1])
		if err != nil {
			return cost{}, err
		}
		one := cost{time.Duration(micros) * time.Microsecond, kilobytes << 10}
		if round == 0 || one.cpu < least.cpu {
			least.cpu = one.cpu
		}
		least.memory = max(least.memory, one.memory)
	}
	return least, nil
}

// scene is as hard to encode as a photo: slow waves, edges and a little noise.
func scene(side int) *image.NRGBA {
	random := rand.New(rand.NewPCG(1, uint64(side)))
	p := filled(image.Rect(0, 0, side, side), gray)
	for range 200 {
		fill(p, square(p, 1+random.IntN(30), random), randomColor(random))
	}
	soften(p, max(2, side/256), random)
	return withNoise(p, 3, random)
}

// writeCost prints what a look costs beside decoding alone.
func writeCost(w io.Writer) error {
	folder, err := os.MkdirTemp("", "evidence")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	fmt.Fprint(w, "\n### Cost of a look at one picture\n\n| picture | decoding, CPU ms | a look, CPU ms | ratio | decoding, peak MB | a look, peak MB |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, side := range []int{1024, 4096} {
		p := scene(side)
		for format, body := range map[string][]byte{"JPEG": toJPEG(p, 90), "PNG": toPNG(p)} {
			path := filepath.Join(folder, format+strconv.Itoa(side))
			if err := os.WriteFile(path, body, 0o644); err != nil {
				return err
			}
			decode, err := measure("-decode", path)
			if err != nil {
				return err
			}
			look, err := measure("-look", path)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "| %s, %d² | %d | %d | %.1f | %d | %d |\n", format, side, decode.cpu.Milliseconds(), look.cpu.Milliseconds(),
				float64(look.cpu)/float64(decode.cpu), decode.memory>>20, look.memory>>20)
		}
	}
	return nil
}
