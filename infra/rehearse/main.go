// Command rehearse deploys the stack by SAM to an AWS that is played on this machine, plays the
// story on it, deploys another policy, deploys once more, and deletes the stack.
//
// It owns the emulator's process, the world around the stack (payment provider, receiver of
// notices, the way in), what the emulator does not do by itself, and what each step proves. It
// refuses to know rules: the story is infra/demo's, the provider infra/standin's, the stack
// template.yaml's.
//
// Invariants: nothing listens beyond loopback, and no credentials of the caller's are used. What
// was started here is ended here, on an interrupt and on an error too. What a rehearsal cannot
// prove is printed beside what it did. Why: infra/decisions/0049.
//
// Words: emulator (MiniStack, which plays AWS), bridge (what is done by hand since the emulator
// does not: the API's routes), proof (a sentence that a step has shown).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// TERM and an interrupt end the rehearsal in order: the emulator, then the world around it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// options are what the flags say.
type options struct {
	template string // what is deployed
	built    string // the same as SAM built it; "": it is built first
	policy   string // of the first deployment
	then     string // of the update
	dir      string // of logs and what is built; emptied first
	hold     bool   // wait for an interrupt before the stack is deleted
}

func command(ctx context.Context, args []string) int {
	var o options
	flags := flag.NewFlagSet("rehearse", flag.ContinueOnError)
	flags.StringVar(&o.template, "template", "template.yaml", "what is deployed; its folders are looked for in the project's")
	flags.StringVar(&o.built, "built", "", "the template as SAM built it for this machine (.aws-sam/build/template.yaml); none: it is built first")
	flags.StringVar(&o.policy, "policy", "photoroom", "the refund policy of the first deployment")
	flags.StringVar(&o.then, "then", "goopter", "the refund policy of the update")
	flags.StringVar(&o.dir, "dir", ".local/rehearse", "folder of logs and of what is built, new or of an earlier rehearsal; it is emptied first")
	flags.BoolVar(&o.hold, "hold", false, "wait for an interrupt before the stack is deleted, to look around")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	err := rehearse(ctx, o, os.Stdout)
	switch {
	case ctx.Err() != nil && o.hold: // it is how that ends
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "rehearse: interrupted; what was started is ended")
		return 1
	case err != nil:
		fmt.Fprintln(os.Stderr, "rehearse:", err)
		return 1
	}
	return 0
}
