package local

import (
	"fmt"
	"time"
)

// becomeReady notes that the process asks for work: whatever it was doing before is over.
func (p *process) becomeReady() {
	p.mu.Lock()
	first := !p.ready
	p.ready = true
	p.mu.Unlock()
	if !first {
		return
	}
	f := p.function
	f.mu.Lock()
	defer f.mu.Unlock()
	// One good start ends a row of bad ones.
	f.failures, f.lastError = 0, nil
	select {
	case <-f.ready:
	default:
		close(f.ready)
	}
}

func (p *process) isReady() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

// free tells whether the process waits for work, or is about to: it starts, or has just answered.
func (p *process) free() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current == nil && !p.ended && !p.retired
}

// begin takes an invocation, unless the process has ended or was retired meanwhile. When its time
// is over the process is killed.
func (p *process) begin(inv *invocation) bool {
	timeout := p.function.spec.Timeout
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.retired {
		return false
	}
	// The function's timeout counts from here, not from when the invocation began to wait.
	inv.deadline = time.Now().Add(timeout)
	p.current = inv
	p.timer = time.AfterFunc(timeout, func() {
		p.abandon(&functionError{kind: "Sandbox.Timedout", message: fmt.Sprintf("Task timed out after %s", timeout), died: true})
		p.child.kill()
	})
	return true
}

// finish gives the invocation its outcome; false when the process is not at that one.
func (p *process) finish(id string, o outcome) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	// A late answer to an invocation that timed out must not become the answer to the next one.
	if p.current == nil || p.current.id != id {
		return false
	}
	p.timer.Stop()
	p.current.done <- o
	p.current = nil
	if p.retired {
		go p.child.kill()
	}
	return true
}

// abandon fails what the process is at, if anything.
func (p *process) abandon(err error) {
	p.mu.Lock()
	id := ""
	if p.current != nil {
		id = p.current.id
	}
	p.mu.Unlock()
	p.finish(id, outcome{err: err})
}
