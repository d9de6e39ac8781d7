package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

const parentLook = 500 * time.Millisecond

// withParent ends with `go run`, which dies of a TERM without passing it on. Another parent may go:
// a stack started in the background outlives its shell.
func withParent(ctx context.Context) context.Context {
	parent := os.Getppid()
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", parent))
	if err != nil || strings.TrimSpace(string(name)) != "go" {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for os.Getppid() == parent {
			time.Sleep(parentLook)
		}
		cancel()
	}()
	return ctx
}
