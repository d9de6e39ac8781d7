package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Built into a function for infra/bench alone, by an overlay: at USR1 the process says what it has
// allocated so far.
func init() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		for range signals {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			fmt.Fprintf(os.Stderr, "mallocs %d bytes %d\n", m.Mallocs, m.TotalAlloc)
		}
	}()
}
