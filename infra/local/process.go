package local

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"sync"
	"time"

	"makegood/infra/template"
)

const (
	initWithin  = 20 * time.Second // from start to the first call for work: twice what Lambda gives, for a busy laptop
	initTries   = 3                // starts in a row that end before they are ready, then the function counts as broken
	brokenPause = time.Second      // before a broken function is tried again
)

// function runs the processes of one function and hands them its invocations.
type function struct {
	spec   template.Function
	env    []string
	binary string
	log    string
	echo   io.Writer
	most   int
	api    *runtimeAPI
	jobs   chan *invocation // unbuffered: an invocation waits here until a process is free

	mu        sync.Mutex
	processes map[*process]bool
	waiting   int // invocations that no process has taken
	failures  int // starts in a row that ended before they were ready
	lastError error
	resumeAt  time.Time
	stopped   bool
	ready     chan struct{} // closed when a process has asked for work for the first time
	changed   chan struct{} // holds one: a start has failed
}

// process is one running copy.
type process struct {
	function *function
	token    string
	started  time.Time
	child    *child
	gone     chan struct{} // closed when it has ended

	mu      sync.Mutex
	ready   bool
	ended   bool
	retired bool // it gets no more work, and ends when it has none
	current *invocation
	timer   *time.Timer
}

func newFunction(spec template.Function, env []string, o Options, api *runtimeAPI) *function {
	return &function{
		spec: spec, env: env, binary: Binary(o.Root, spec.Name), log: filepath.Join(o.LogDir, spec.Name+".log"), echo: o.Echo,
		most: o.MaxProcesses, api: api, jobs: make(chan *invocation), processes: map[*process]bool{},
		ready: make(chan struct{}), changed: make(chan struct{}, 1),
	}
}

func (f *function) arn() string {
	return "arn:aws:lambda:" + region + ":" + accountID + ":function:" + f.spec.Deployed
}

// invoke hands the payload to a free process, starting one where none is free and fewer than the
// most run, and waits for the outcome. Waiting for a process has no limit but ctx; once taken, the
// function's timeout counts.
func (f *function) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv := newInvocation(payload)
	if err := f.enqueue(ctx, inv); err != nil {
		return nil, err
	}
	o := <-inv.done // always arrives: by the process, its end, or its timeout
	return o.payload, o.err
}

func (f *function) enqueue(ctx context.Context, inv *invocation) error {
	// The invocation is counted as waiting until a process takes it: scale starts as many processes
	// as wait.
	f.count(1)
	defer f.count(-1)
	for {
		f.scale()
		select {
		case f.jobs <- inv:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		// A start has failed. As long as another may succeed, this keeps waiting.
		case <-f.changed:
			if err := f.broken(); err != nil {
				return err
			}
		case <-time.After(brokenPause): // a start may have been put off
			if err := f.broken(); err != nil {
				return err
			}
		}
	}
}

// giveBack queues an invocation again that was taken for a process which had gone already.
func (f *function) giveBack(inv *invocation) {
	go func() {
		if err := f.enqueue(context.Background(), inv); err != nil {
			inv.done <- outcome{err: err}
		}
	}()
}

func (f *function) count(n int) {
	f.mu.Lock()
	f.waiting += n
	f.mu.Unlock()
}

// scale starts processes until each waiting invocation has one to come to, one is there at least,
// and no more than the most.
func (f *function) scale() {
	f.mu.Lock()
	defer f.mu.Unlock()
	// A process that starts counts as free: otherwise each waiting invocation would start one more.
	free := 0
	for p := range f.processes {
		if p.free() {
			free++
		}
	}
	for !f.stopped && time.Now().After(f.resumeAt) && len(f.processes) < f.most && (len(f.processes) == 0 || free < f.waiting) {
		// A binary that cannot be run will not run in a millisecond either: the next try is put
		// off.
		if err := f.spawn(); err != nil {
			f.lastError, f.failures, f.resumeAt = err, initTries, time.Now().Add(brokenPause)
			return
		}
		free++
	}
}

// spawn starts one process; the caller holds the lock.
func (f *function) spawn() error {
	// The token is how the runtime API tells this copy from the others.
	p := &process{function: f, token: randomHex(8), started: time.Now(), gone: make(chan struct{})}
	cmd := childCommand(f.binary)
	cmd.Dir = filepath.Dir(f.binary)
	cmd.Env = append(append([]string(nil), f.env...),
		"AWS_LAMBDA_RUNTIME_API="+f.api.admit(p), "LAMBDA_TASK_ROOT="+cmd.Dir, "AWS_LAMBDA_LOG_STREAM_NAME=local/"+p.token)
	c, err := startChild(cmd, f.log, f.echo)
	if err != nil {
		f.api.forget(p)
		return fmt.Errorf("starting %s: %w", f.spec.Name, err)
	}
	p.child = c
	f.processes[p] = true
	go p.watch()
	return nil
}

// watch waits for the end of a process: what it was doing failed, and another takes its place.
func (p *process) watch() {
	// A process that hangs in its start would hold a place for ever.
	limit := time.AfterFunc(initWithin, func() {
		if !p.isReady() {
			p.child.kill()
		}
	})
	// From here on the process is gone: nothing may be handed to it any more.
	<-p.child.done
	limit.Stop()
	f := p.function
	f.api.forget(p)
	p.mu.Lock()
	// next looks at this flag under the same lock, so an invocation is never given to a process
	// that has ended.
	p.ended = true
	p.mu.Unlock()
	close(p.gone)
	f.mu.Lock()
	delete(f.processes, p)
	// It never asked for work: after three in a row the function counts as broken, and whoever
	// waits gets the error.
	if !p.isReady() && !f.stopped {
		f.failures++
		if f.lastError == nil {
			f.lastError = fmt.Errorf("%s ended before it asked for work; its log %s ends:\n%s", f.spec.Name, f.log, tail(f.log))
		}
		if f.failures >= initTries {
			f.resumeAt = time.Now().Add(brokenPause)
		}
		select {
		// The channel holds one: a waiter that has not looked yet will see the latest state anyway.
		case f.changed <- struct{}{}:
		default:
		}
	}
	f.mu.Unlock()
	// What it was doing has failed. The caller decides whether to try again.
	p.abandon(&functionError{kind: "Runtime.ExitError", message: "the process ended before it answered", died: true})
	f.scale()
}

// broken is why no process can be had, nil as long as one may come.
func (f *function) broken() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return &functionError{kind: "Stopped", message: "the stack is ending", died: true}
	}
	if f.failures >= initTries {
		return &functionError{kind: "Runtime.InitError", message: f.lastError.Error(), died: true}
	}
	return nil
}

func (f *function) noteInitError(err error) {
	f.mu.Lock()
	f.lastError = fmt.Errorf("%s could not start: %w", f.spec.Name, err)
	f.mu.Unlock()
}

// awaitReady waits until one process has asked for work.
func (f *function) awaitReady(ctx context.Context) error {
	for {
		select {
		case <-f.ready:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-f.changed:
			if err := f.broken(); err != nil {
				return fmt.Errorf("%s does not start: %w", f.spec.LogicalID, err)
			}
			f.scale()
		}
	}
}

func (f *function) stop() {
	f.mu.Lock()
	f.stopped = true
	live := slices.Collect(maps.Keys(f.processes))
	f.mu.Unlock()
	for _, p := range live {
		p.child.kill()
	}
}

// replace has all processes from now on start in another environment, and waits until those of the
// former one have answered what they were at, and ended.
func (f *function) replace(ctx context.Context, env []string) error {
	f.mu.Lock()
	f.env = env
	former := slices.Collect(maps.Keys(f.processes))
	f.mu.Unlock()
	for _, p := range former {
		p.retire()
	}
	for _, p := range former {
		select {
		case <-p.gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// retire ends the process as soon as it has no work.
func (p *process) retire() {
	p.mu.Lock()
	p.retired = true
	idle := p.current == nil
	p.mu.Unlock()
	if idle {
		p.child.kill()
	}
}

func (f *function) pids() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	live := slices.Collect(maps.Keys(f.processes))
	// Oldest first: a test that kills "the" process means the one that was there first.
	sort.Slice(live, func(i, j int) bool { return live[i].started.Before(live[j].started) })
	ids := make([]int, 0, len(live))
	for _, p := range live {
		ids = append(ids, p.child.cmd.Process.Pid)
	}
	return ids
}
