package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progressEvery is how long a command is silent before it says how far it is, and then again.
const progressEvery = 2 * time.Second

// progress says on standard error how far a command is, where that takes longer than a moment.
type progress struct {
	mutex sync.Mutex
	err   io.Writer
	next  time.Time
}

// progress begins the wait for the first line.
func (t terminal) progress() *progress {
	return &progress{err: t.err, next: time.Now().Add(progressEvery)}
}

// at says where the command is, unless it said so a moment ago.
func (p *progress) at(format string, args ...any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if now := time.Now(); now.After(p.next) {
		fmt.Fprintf(p.err, format+"…\n", args...)
		p.next = now.Add(progressEvery)
	}
}
