package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one running copy of a built function with a Runtime API of its own on loopback.
type process struct {
	command      *exec.Cmd
	server       *http.Server
	next         chan []byte   // the event for its next request
	answers      chan answer   // its answers
	ready        chan struct{} // closed at its first request for work
	firstRequest sync.Once
	readyAt      time.Time
	output       sync.WaitGroup
	collect      *collector
}

type answer struct {
	payload []byte
	failed  bool
}

const (
	readyWithin  = 20 * time.Second
	answerWithin = 60 * time.Second
)

// launch starts the binary with exactly that environment. The time until ready counts from the
// returned instant.
func launch(ctx context.Context, binary string, env []string) (*process, time.Time, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, time.Time{}, err
	}
	p := &process{next: make(chan []byte), answers: make(chan answer, 1), ready: make(chan struct{}), collect: newCollector()}
	// A Runtime API of its own, so that one process's events never reach another.
	mux := http.NewServeMux()
	const runtime = "/2018-06-01/runtime/"
	mux.HandleFunc("GET "+runtime+"invocation/next", p.hand)
	mux.HandleFunc("POST "+runtime+"invocation/{id}/response", p.take(false))
	mux.HandleFunc("POST "+runtime+"invocation/{id}/error", p.take(true))
	mux.HandleFunc("POST "+runtime+"init/error", p.take(true))
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: answerWithin}
	go func() { _ = p.server.Serve(listener) }()

	// The environment is exactly the given one, so nothing of this shell changes a measure.
	p.command = exec.CommandContext(ctx, binary)
	p.command.Env = append(append([]string(nil), env...), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	output, err := p.outputs()
	if err != nil {
		return nil, time.Time{}, err
	}
	// Take the instant before exec: loading the binary is part of a cold start.
	startedAt := time.Now()
	if err := p.command.Start(); err != nil {
		_ = p.server.Close()
		return nil, time.Time{}, err
	}
	for _, stream := range output {
		p.output.Go(func() { p.collect.read(stream) })
	}
	return p, startedAt, nil
}

// outputs returns what the process prints on either of its outputs.
func (p *process) outputs() ([]io.Reader, error) {
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := p.command.StderrPipe()
	return []io.Reader{stdout, stderr}, err
}

// awaitReady returns the instant at which the process requested work.
func (p *process) awaitReady() (time.Time, error) {
	select {
	case <-p.ready:
		return p.readyAt, nil
	case <-time.After(readyWithin):
		p.stop()
		return time.Time{}, fmt.Errorf("%s does not start:\n%s", p.command.Path, p.collect.tail())
	}
}

// invoke hands the process one event and returns its answer.
func (p *process) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	// The process takes the event when it asks for work next.
	select {
	case p.next <- payload:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(answerWithin):
		return nil, fmt.Errorf("%s asks for no work:\n%s", p.command.Path, p.collect.tail())
	}
	// A process that hangs must not hang the bench: its last lines say where it stopped.
	select {
	case reply := <-p.answers:
		if reply.failed {
			return nil, fmt.Errorf("%s failed: %s", p.command.Path, reply.payload)
		}
		return reply.payload, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(answerWithin):
		return nil, fmt.Errorf("%s does not answer:\n%s", p.command.Path, p.collect.tail())
	}
}

// stop kills the process and waits for its output to end.
func (p *process) stop() {
	_ = p.command.Process.Kill()
	// The output is read to its end before Wait, which would close the pipe under the reader.
	p.output.Wait()
	_ = p.command.Wait() // killed: there is no other end
	_ = p.server.Close()
}

// hand is the Runtime API's next: it waits for an event and gives it to the process.
func (p *process) hand(w http.ResponseWriter, r *http.Request) {
	// The first request for work is the end of a cold start.
	p.firstRequest.Do(func() {
		p.readyAt = time.Now()
		close(p.ready)
	})
	select {
	case payload := <-p.next:
		deadline := time.Now().Add(answerWithin)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000000")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline.UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:bench")
		_, _ = w.Write(payload)
	case <-r.Context().Done():
	}
}

// take is the Runtime API's response and error.
func (p *process) take(isError bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.answers <- answer{body, isError}
		w.WriteHeader(http.StatusAccepted)
	}
}

// cpu returns the processor time that the process has had so far, all its threads together.
func (p *process) cpu() (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.command.Process.Pid))
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("no processor time of %s: this needs Linux", p.command.Path)
	}
	// The first figure of a thread's schedstat is its time on a processor, in nanoseconds.
	var sum time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		had, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(had)
	}
	return sum, nil
}

// allocations asks a process that was built with the overlay what it has allocated so far.
func (p *process) allocations() (allocation, error) {
	if err := p.command.Process.Signal(syscall.SIGUSR1); err != nil {
		return allocation{}, err
	}
	select {
	case sum := <-p.collect.allocations:
		return sum, nil
	case <-time.After(answerWithin):
		return allocation{}, fmt.Errorf("%s does not say what it has allocated", p.command.Path)
	}
}
