// Command sam runs the built functions in SAM's containers, against DynamoDB Local and ElasticMQ on
// this machine.
//
// It owns what `sam local` lacks: services with the template's tables and queues, a stand-in of the
// payment provider, an environment that points at them, webhooks signed now, and the ids that one
// step hands to the next. It refuses to know rules: it shows what the functions answer.
//
// Invariants: the containers reach this machine's services through a guard that refuses what a
// function's role would refuse on AWS; what was started here is ended here, the Docker engine
// included; a machine without an engine is an error, never a pass.
//
// Words: a step is one function with one event of events/ and what it must answer; the flow is the
// steps in their order.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

const usage = `usage: go run ./infra/sam COMMAND       (after make sam-build)

  invoke FUNCTION EVENT   play the flow up to the function, then invoke it with the event and print its answer
  check                   a purchase, a start and a refund, with what they must answer
  all                     every function: a failure, a report, a claim, with what each must answer
  api                     serve the HTTP routes on http://127.0.0.1:3001 until interrupted
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "sam:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage")

func command(ctx context.Context, args []string) (err error) {
	if len(args) == 0 {
		return errUsage
	}
	var run func(context.Context, *stage) error
	switch {
	case args[0] == "invoke" && len(args) == 3:
		run = func(ctx context.Context, s *stage) error { return s.one(ctx, filepath.Base(args[1]), args[2]) }
	case args[0] == "check" && len(args) == 1:
		run = func(ctx context.Context, s *stage) error { return s.play(ctx, flow("check")) }
	case args[0] == "all" && len(args) == 1:
		run = func(ctx context.Context, s *stage) error { return s.play(ctx, flow("all")) }
	case args[0] == "api" && len(args) == 1:
		run = func(ctx context.Context, s *stage) error { return s.serve(ctx) }
	default:
		return errUsage
	}
	s, err := newStage(ctx, ".")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	return run(ctx, s)
}
